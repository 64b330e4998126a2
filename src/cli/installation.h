/* SPDX-License-Identifier: Apache-2.0 */
/* An installation, opened for one command: its database, and the master key in its data directory. A server
 * may be running on the same one; it hears of every change within a second. */
#pragma once

#include "admin/admin.h"
#include "cli/options.h"
#include "cli/table.h"

struct installation {
    struct cli *cli;
    struct arena *arena; /* the command's; wiped at its end */
    struct store *store;
    struct vault *vault; /* NULL where it was not asked for */
    struct admin admin;
    struct admin_error error; /* for the call under way */
};

enum installation_needs { NEEDS_STORE, NEEDS_STORE_AND_VAULT };

/* What a command's calls of the admin API take, where they are answered in this process (cli/client.h). */
enum {
    CLIENT_VAULT = 1,          /* the master key: what makes, sets or opens secrets */
    CLIENT_EGRESS = 2,         /* HTTP to issuers and tools */
    CLIENT_VAULT_IF_THERE = 4, /* the master key, but it may be missing */
};

/* ---- the options that nearly all commands share ---- */
struct place {
    struct str data, store, store_file, product, environment;
    struct str server, token_file; /* a server elsewhere, in the place of the data directory */
    struct str extra_ca_file;
    bool signs_in; /* to the server, by a password (client_sign_in_wait): no API token is needed */
    bool is_private_egress_allowed;
    unsigned needs; /* CLIENT_…: set by the command */
};
#define PLACE_UNSET ((struct place){.data = STR("data")})
#define OPTIONS_STORE(url, file)                                                                             \
    OPTION_TEXT("store", "URL",                                                                              \
                "the database: postgres://…, sqlite:… (default: chatelaine.db in the data directory)",       \
                (url), OPTION_FROM_ENVIRONMENT | OPTION_HERE),                                               \
        OPTION_TEXT("store-file", "FILE", "a file that holds the URL, where it holds a password", (file),    \
                    OPTION_FROM_ENVIRONMENT)
#define OPTIONS_DATA(place)                                                                                  \
    OPTION_TEXT("data", "DIR", "the data directory (default: data)", &(place).data,                          \
                OPTION_FROM_ENVIRONMENT | OPTION_HERE),                                                      \
        OPTIONS_STORE(&(place).store, &(place).store_file)
/* This installation, or a server that runs elsewhere. */
#define OPTIONS_WHERE(place)                                                                                 \
    OPTIONS_DATA(place),                                                                                     \
        OPTION_TEXT("server", "URL",                                                                         \
                    "instead of a data directory: a server's admin API, by the token in CHATELAINE_TOKEN",   \
                    &(place).server, OPTION_FROM_ENVIRONMENT | OPTION_ELSEWHERE),                            \
        OPTION_TEXT("token-file", "FILE",                                                                    \
                    "with --server: a file that holds the API token; - is standard input",                   \
                    &(place).token_file, OPTION_FROM_ENVIRONMENT),                                           \
        OPTION_TEXT("extra-ca-file", "FILE", "certificates (PEM) trusted beside the system's",               \
                    &(place).extra_ca_file, OPTION_FROM_ENVIRONMENT)
/* For what is fetched from here, where it is this installation. */
#define OPTION_PRIVATE_EGRESS(place)                                                                         \
    OPTION_FLAG("allow-private-egress", "fetch from loopback and private addresses, too",                    \
                &(place).is_private_egress_allowed, OPTION_FROM_ENVIRONMENT)
#define OPTION_PRODUCT(place, flags)                                                                         \
    OPTION_TEXT("product", "NAME", "the product, by name or id", &(place).product, (flags))
#define OPTION_ENVIRONMENT(place, flags)                                                                     \
    OPTION_TEXT("environment", "NAME", "the product's environment, by name; or an environment's id",         \
                &(place).environment, (flags))
#define OPTIONS_PLACE(place)                                                                                 \
    OPTIONS_WHERE(place), OPTION_PRODUCT(place, 0), OPTION_ENVIRONMENT(place, OPTION_REQUIRED)

/* The URL in `file` (its first line), where `*url` says nothing. False: it was said why, return
 * `*exit_status`.
 */
NODISCARD bool installation_read_store(struct cli *cli, struct str *url, struct str file, int *exit_status);

/* Opens the database (and no master key) into `installation`, which has its cli and arena. Gives the exit
 * status. */
int installation_open(struct installation *installation, const struct place *place);
void installation_close(struct installation *installation);
/* Who the operating system says sits there: "ada", for the audit log. */
struct str installation_user(struct arena *arena);

/* Opens it, runs `run(installation, request)` as a fiber, closes it. Gives the exit status. */
int installation_run(struct cli *cli, const struct place *place, enum installation_needs needs,
                     int (*run)(struct installation *installation, void *request), void *request);

/* For `if (status != OK) return installation_fail(…)`: says what stands in installation->error, with its
 * place. */
int installation_fail(const struct installation *installation, enum status status);

/* The environment that the options name; false: it was said why, return `*exit_status`. */
FIBER NODISCARD bool installation_find_wait(struct installation *installation, const struct place *place,
                                            struct store_environment *environment, int *exit_status);

/* A file ("-": standard input) of at most 1 MiB. False: it was said why. */
NODISCARD bool installation_read_text(struct cli *cli, struct str path, struct str *text, int *exit_status);
