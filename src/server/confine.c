/* SPDX-License-Identifier: Apache-2.0 */
#include "server/confine.h"

#include "base/log.h"

#include <stdlib.h>

enum { PATHS_MAX = 64, PORTS_MAX = 4 };

struct plan {
    struct sandbox_path paths[PATHS_MAX];
    size_t count;
    unsigned ports[PORTS_MAX];
    size_t port_count;
    struct arena *arena;
};

static void add(struct plan *plan, struct str path, enum sandbox_access access) {
    if (plan->count < PATHS_MAX && !str_is_empty(path))
        plan->paths[plan->count++] = (struct sandbox_path){path, access};
}

static struct str directory_of(struct str path) {
    size_t end = path.len;
    while (end > 0 && path.at[end - 1] != '/')
        end--;
    return end == 0 ? STR(".") : str_slice(path, 0, end);
}

/* "0.0.0.0:443": 443; 0 where it is none, or a free one is to be found. */
static unsigned port_of(struct str listen) {
    size_t end = listen.len;
    uint64_t port = 0;
    while (end > 0 && listen.at[end - 1] != ':')
        end--;
    return str_to_uint64(str_from_index(listen, end), &port) == OK && port <= 65535 ? (unsigned)port : 0;
}

/* ---- PostgreSQL ---- */

static bool is_postgres(struct str store) {
    return str_starts_with(store, STR("postgres://")) || str_starts_with(store, STR("postgresql://"));
}

/* `sslrootcert=/etc/pki/db.pem` and the like, percent signs or not. A unix socket's directory is among them:
 * no harm in that. */
static void add_files_of_url(struct plan *plan, struct str url) {
    size_t question = str_find_byte(url, '?');
    struct str query = question == STR_NOT_FOUND ? STR_NONE : str_from_index(url, question + 1);
    struct str member;
    while (query.at != NULL && str_cut(&query, '&', &member)) {
        struct str value = str_from_index(member, str_find_byte(member, '=') + 1);
        char *path = arena_alloc(plan->arena, value.len + 1);
        size_t len = 0;
        for (size_t i = 0; i < value.len; i++) {
            bool is_slash = str_equal_ignore_case(str_slice(value, i, i + 3), STR("%2f"));
            path[len++] = is_slash ? '/' : value.at[i];
            i += is_slash ? 2 : 0;
        }
        if (len > 1 && path[0] == '/')
            add(plan, str_of(path, len), SANDBOX_READ);
    }
}

/* libpq reads these again whenever it connects: who we are, passwords, certificates. */
static void add_postgres(struct plan *plan, struct str url) {
    static const char *const variables[] = {"PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGSSLROOTCERT",
                                            "PGSSLCERT",  "PGSSLKEY",      "PGSSLCRL",     "PGSSLCRLDIR"};
    static const char *const in_home[] = {".pgpass", ".pg_service.conf", ".postgresql"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        add(plan, str_from(getenv(variables[i])), SANDBOX_READ);
    struct str home = str_from(getenv("HOME"));
    for (size_t i = 0; i < sizeof in_home / sizeof in_home[0] && !str_is_empty(home); i++) {
        struct str pieces[] = {home, STR("/"), str_from(in_home[i])};
        add(plan, arena_join(plan->arena, 3, pieces), SANDBOX_READ_FILE);
    }
    add(plan, STR("/etc/passwd"), SANDBOX_READ_FILE);
    add(plan, STR("/etc/postgresql-common"), SANDBOX_READ);
    add_files_of_url(plan, url);
}

/* ---- all ---- */

static void add_store(struct plan *plan, struct str store) {
    if (str_starts_with(store, STR("sqlite:")))
        store = str_from_index(store, sizeof "sqlite:" - 1);
    if (is_postgres(store))
        add_postgres(plan, store);
    else if (!str_is_empty(store))
        add(plan, directory_of(store), SANDBOX_WRITE);
}

/* An address that will be listened on; may be empty. */
static void add_listener(struct plan *plan, struct str address) {
    struct str local = STR("unix:");
    if (str_starts_with(address, local))
        add(plan, directory_of(str_from_index(address, local.len)), SANDBOX_SOCKET);
    else if (!str_is_empty(address) && plan->port_count < PORTS_MAX)
        plan->ports[plan->port_count++] = port_of(address);
}

struct sandbox_options confine_plan(const struct server_options *options, struct arena *arena) {
    struct plan *plan = ARENA_NEW(arena, struct plan);
    plan->arena = arena;
    add(plan, options->data, SANDBOX_WRITE);
    add_store(plan, options->store);
    add(plan, options->tls_certificate, SANDBOX_READ);
    add(plan, options->tls_key, SANDBOX_READ);
    add(plan, options->extra_ca_file, SANDBOX_READ_FILE);
    add(plan, options->web, SANDBOX_READ);
    add_listener(plan, options->listen);
    add_listener(plan, options->metrics_listen);
    return (struct sandbox_options){
        .mode = options->sandbox,
        .paths = plan->paths,
        .path_count = plan->count,
        .ports = plan->ports,
        .port_count = plan->port_count,
        .uses_local_sockets = is_postgres(options->store),
        .user = options->user,
    };
}

void confine_log(const struct sandbox *sandbox, struct arena *arena) {
    struct str missing = sandbox_missing(arena, sandbox);
    bool is_whole = sandbox->mode != SANDBOX_OFF && str_is_empty(missing);
    log_event(is_whole ? LOG_INFO : LOG_WARNING, "sandbox", LOG_STR("applied", sandbox_text(arena, sandbox)),
              LOG_STR("missing", missing));
}
