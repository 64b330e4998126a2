/* SPDX-License-Identifier: Apache-2.0 */
/* Start and end of the whole, in order: what others stand on begins first and ends last. */
#include "server/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/settle.h"
#include "server/confine.h"
#include "server/front.h"
#include "server/proxy_watch.h"
#include "server/setup_link.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };

static sigset_t our_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

static unsigned count_threads(const struct server_options *options) {
    if (options->threads > 0)
        return options->threads < THREADS_MAX ? options->threads : THREADS_MAX;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

/* Every connection takes a descriptor, and what a system gives at first is often 1,024. */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* SQLite's, for a large statement: beside the database, where we may write. */
static void keep_temporary_files(const struct server_options *options, struct arena *arena) {
    setenv("SQLITE_TMPDIR", arena_terminated(arena, options->data), 0);
}

/* ---- what the threads stand on ---- */

static enum status open_store(struct process *process, struct arena *arena, struct str *message) {
    const struct server_options *options = process->options;
    struct str url = str_is_empty(options->store)
                         ? arena_join(arena, 2, (struct str[]){options->data, STR("/chatelaine.db")})
                         : options->store;
    /* One of PostgreSQL's connections listens; of the others, half write. SQLite has one that writes anyway.
     */
    bool is_postgres = str_starts_with(url, STR("postgres"));
    unsigned writers = (options->store_connections - 1) / 2;
    const struct store_options store_options = {
        .writers = writers,
        .readers = is_postgres ? options->store_connections - 1 - writers : 0,
        .timeout_ms = (int64_t)options->store_timeout_s * 1000};
    return store_open(arena, url, &store_options, &process->store, message);
}

static enum status open_tls(struct process *process, struct str *message) {
    const struct server_options *options = process->options;
    if (str_is_empty(options->tls_certificate) && str_is_empty(options->tls_key))
        return OK;
    enum status status = http_tls_new(options->tls_certificate, options->tls_key, &process->tls);
    if (status != OK)
        *message = STR("The certificate or its key does not read; the log says why.");
    return status;
}

static enum status start_egress(struct process *process, struct str *message) {
    const struct egress_options options = {
        .is_private_allowed = process->options->allow_private_egress,
        .extra_ca_file = process->options->extra_ca_file,
    };
    enum status status = egress_start(&options, &process->egress);
    if (status != OK)
        *message =
            STR("Outgoing connections cannot be set up; is the file of certificate authorities readable?");
    return status;
}

static void note_fetch(void *listener, struct str url, bool is_good) {
    statistics_fetches_note(listener, url, is_good);
}

static bool find_proxy(void *context, struct arena *arena, struct str *address) {
    struct http_address seen;
    if (!proxy_watch_read(context, &seen))
        return false;
    *address = http_address_text(arena, &seen);
    return true;
}

/* Requests come before the sandbox is complete. */
static bool find_missing(void *context, struct str *missing) {
    const struct process *process = context;
    if (!atomic_load(&process->is_started))
        return false;
    *missing = process->missing;
    return !str_is_empty(process->missing);
}

/* Whoever takes a copy of the directory has both, the sealed and its key. */
static bool is_key_beside_data(const struct server_options *options, struct arena *arena) {
    struct str key = arena_join(arena, 2, (struct str[]){options->data, STR("/master.key")});
    bool is_there = access(arena_terminated(arena, key), F_OK) == 0;
    return is_there && getenv("CHATELAINE_MASTER_KEY") == NULL && str_is_empty(options->store);
}

static enum status open_parts(struct process *process, struct arena *arena, struct str *message) {
    process->installation = (struct admin_installation){
        .public_url = process->options->public_url,
        .is_key_beside_data = is_key_beside_data(process->options, arena),
        .find_proxy = find_proxy,
        .find_missing = find_missing,
        .context = process,
    };
    TRY(vault_load(arena, process->options->data, &process->vault, message));
    TRY(open_store(process, arena, message));
    TRY(open_tls(process, message));
    TRY(start_egress(process, message));
    process->fetches = statistics_fetches_new();
    const struct keyset_options key_sets = {.is_private_allowed = process->options->allow_private_egress,
                                            .on_fetch = note_fetch,
                                            .listener = process->fetches};
    process->key_sets = keyset_registry_new(process->egress, &key_sets);
    process->answering = chat_answering_new();
    const struct access_options access = {
        .store = process->store,
        .vault = process->vault,
        .egress = process->egress,
        .public_url = process->options->public_url,
        .is_private_egress_allowed = process->options->allow_private_egress,
    };
    process->access = access_new(&access);
    const struct limit_options limits = {
        .requests_per_second = process->options->rate_limit,
        .failures_per_minute = process->options->rate_limit_failures,
    };
    process->limiter = limiter_new(&limits, clock_monotonic_us());
    return OK;
}

static void close_parts(struct process *process) {
    access_free(process->access);
    limiter_free(process->limiter);
    chat_answering_free(process->answering);
    keyset_registry_free(process->key_sets);
    statistics_fetches_free(process->fetches);
    if (process->egress != NULL)
        egress_stop(process->egress);
    http_tls_free(process->tls);
    if (process->store != NULL)
        store_close(process->store);
    vault_free(process->vault);
}

/* ---- the threads ---- */

static void end_fronts(struct process *process, size_t count) {
    atomic_store(&process->is_draining, true);
    for (size_t i = 0; i < count; i++)
        front_drain(&process->fronts[i]);
    for (size_t i = 0; i < count; i++)
        front_join(&process->fronts[i]);
    for (size_t i = 0; i < count; i++)
        front_free(&process->fronts[i]);
}

/* Where port 0 was asked for, the first thread has found a free one: the others share it. */
static void share_port(struct process *process, struct arena *arena) {
    struct str address = process->options->listen;
    if (str_ends_with(address, STR(":0")) && !str_starts_with(address, STR("unix:")))
        process->address = arena_print(arena, "%.*s%u", (int)(address.len - 1), address.at,
                                       http_listener_port(process->fronts[0].listener));
}

static enum status start_fronts(struct process *process, unsigned count, struct arena *arena,
                                struct str *message) {
    process->fronts = mem_alloc_array(count, sizeof *process->fronts);
    process->front_count = count;
    process->address = process->options->listen;
    for (unsigned i = 0; i < count; i++) {
        enum status status = front_start(process, &process->fronts[i]);
        if (status == OK && i == 0)
            share_port(process, arena);
        if (status == OK)
            continue;
        if (process->is_metrics_refused)
            *message = STR("The address of --metrics-listen cannot be listened on; the log says why.");
        else
            *message = status == CONFLICT
                           ? STR("The address is in use by another program. Choose another with --listen.")
                           : STR("The address cannot be listened on; the log says why. Check --listen.");
        front_join(&process->fronts[i]); /* it has ended by itself */
        end_fronts(process, i);
        front_free(&process->fronts[i]);
        return status;
    }
    return OK;
}

/* Until somebody ends us. */
static void wait_for_signals(struct process *process) {
    sigset_t signals = our_signals();
    for (;;) {
        int received = 0;
        if (sigwait(&signals, &received) != 0)
            continue;
        if (received != SIGHUP)
            break;
        AUTO_ARENA arena = arena_new();
        struct str why = STR("");
        enum status status = process->tls != NULL ? http_tls_reload(process->tls) : OK;
        enum status keys = vault_reload(arena, process->options->data, process->vault, &why);
        log_event(status == OK && keys == OK ? LOG_INFO : LOG_ERROR, "reloaded",
                  LOG_STR("status", str_from(status_name(status))),
                  LOG_STR("master_key", str_from(status_name(keys))), LOG_STR("why", why));
    }
    log_event(LOG_INFO, "stopping");
}

static void log_listening(const struct process *process) {
    const struct http_listener *metrics = process->fronts[0].metrics_listener;
    unsigned metrics_port = metrics != NULL ? http_listener_port(metrics) : 0;
    log_event(LOG_INFO, "listening", LOG_STR("address", process->address),
              LOG_INT("port", http_listener_port(process->fronts[0].listener)),
              LOG_INT("metrics_port", metrics_port), LOG_INT("threads", process->front_count),
              LOG_INT("tls", process->tls != NULL), LOG_STR("version", STR(CHATELAINE_VERSION)));
}

/* What is not needed to begin is given up before there are threads, the rest when all is bound and open. */
static enum status start(struct process *process, struct arena *arena, struct str *message) {
    const struct sandbox_options sandbox = confine_plan(process->options, arena);
    keep_temporary_files(process->options, arena);
    unsigned threads = count_threads(process->options);
    TRY(sandbox_begin(&sandbox, arena, &process->sandbox, message));
    TRY(open_parts(process, arena, message));
    TRY(start_fronts(process, threads, arena, message));
    enum status status = sandbox_complete(&sandbox, arena, &process->sandbox, message);
    if (status == OK && !str_is_empty(sandbox.user) &&
        access(arena_terminated(arena, process->options->data), R_OK | W_OK | X_OK) != 0) {
        *message = STR("The user that --user gives may not write in the data directory: chown it.");
        status = DENIED;
    }
    if (status != OK) {
        end_fronts(process, process->front_count);
        return status;
    }
    confine_log(&process->sandbox, arena);
    process->missing = sandbox_missing(arena, &process->sandbox);
    atomic_store(&process->is_started, true);
    return OK;
}

enum status server_run(const struct server_options *options, const char **message) {
    sigset_t signals = our_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* threads inherit it: only sigwait takes them */
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    AUTO_ARENA arena = arena_new();
    struct process process = {.options = options, .started_at_ms = clock_now_ms()};
    struct str why = STR("");
    struct settling *settling = settling_plan();
    enum status status = start(&process, arena, &why);
    settling_run(settling);
    if (status == OK) {
        log_listening(&process);
        setup_link_print(&process);
        wait_for_signals(&process);
        end_fronts(&process, process.front_count);
        log_event(LOG_INFO, "stopped");
    } else {
        static char kept[512]; /* our own sentence, clipped to what a terminal line takes */
        snprintf(kept, sizeof kept, "%.*s", (int)(why.len < sizeof kept ? why.len : sizeof kept - 1), why.at);
        *message = kept;
    }
    mem_free(process.fronts);
    close_parts(&process);
    return status;
}
