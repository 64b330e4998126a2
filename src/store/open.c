/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "store/threads.h"

#include <stdatomic.h>

enum { READERS_DEFAULT = 2, READERS_MAX = 16, BUSY_TIMEOUT_MS_DEFAULT = 5000 };

static enum status path_of(struct str url, struct str *path, struct str *message) {
    struct str scheme = STR("sqlite:");
    *path = str_starts_with(url, scheme) ? str_from_index(url, scheme.len) : url;
    bool is_other = path->len == url.len && str_find(url, STR("://")) != STR_NOT_FOUND;
    if (!is_other && !str_is_empty(*path) && str_find_byte(*path, '\0') == STR_NOT_FOUND)
        return OK;
    *message = STR("The store is not a SQLite database: give a path, or sqlite: and a path.");
    return INVALID;
}

static enum status open_thread(struct store *store, struct store_thread *thread, struct arena *arena,
                               struct str path, const struct database_options *options, struct str *message) {
    thread->store = store;
    TRY(database_open(arena, path, options, &thread->database, message));
    thread->loop = loop_new();
    return OK;
}

static enum status open_all(struct store *store, struct arena *arena, struct str path,
                            const struct store_options *options, struct str *message) {
    struct database_options database = {
        .create = options->create,
        .busy_timeout_ms = options->busy_timeout_ms > 0 ? options->busy_timeout_ms : BUSY_TIMEOUT_MS_DEFAULT};
    TRY(open_thread(store, &store->writer, arena, path, &database, message));
    TRY(database_migrate(store->writer.database, arena, message));
    database.create = false;
    database.read_only = true;
    for (unsigned i = 0; i < store->reader_count; i++)
        TRY(open_thread(store, &store->readers[i], arena, path, &database, message));

    *message = STR("The store's threads cannot be started.");
    for (unsigned i = 0; i < store->reader_count; i++)
        TRY(threads_start(&store->readers[i]));
    TRY(threads_start(&store->writer));
    *message = STR_NONE;
    return OK;
}

enum status store_open(struct arena *arena, struct str url, const struct store_options *options,
                       struct store **store, struct str *message) {
    struct str path;
    TRY(path_of(url, &path, message));
    struct store *opened = mem_alloc_zero(sizeof *opened);
    pthread_mutex_init(&opened->listeners_mutex, NULL);
    opened->waiting_end = &opened->waiting;
    opened->reader_count = options->readers == 0 ? READERS_DEFAULT : options->readers;
    if (opened->reader_count > READERS_MAX)
        opened->reader_count = READERS_MAX;
    opened->readers = mem_alloc_array(opened->reader_count, sizeof *opened->readers);
    enum status status = open_all(opened, arena, path, options, message);
    if (status != OK) {
        store_close(opened);
        return status;
    }
    *store = opened;
    return OK;
}

void store_close(struct store *store) {
    if (store == NULL)
        return;
    for (unsigned i = 0; i < store->reader_count; i++)
        threads_stop(&store->readers[i]);
    threads_stop(&store->writer); /* the last one to close takes the write-ahead log into the database */
    pthread_mutex_destroy(&store->listeners_mutex);
    mem_free(store->readers);
    mem_free(store);
}

struct store_statistics store_statistics(const struct store *store) {
    return (struct store_statistics){
        .commits = atomic_load_explicit(&store->commits, memory_order_relaxed),
        .writes = atomic_load_explicit(&store->writes, memory_order_relaxed),
        .reads = atomic_load_explicit(&store->reads, memory_order_relaxed),
        .refused = atomic_load_explicit(&store->refused, memory_order_relaxed),
    };
}

enum status store_ping_wait(struct store *store) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_values(unit, PING, ONE_ELSE_NOT_FOUND, NULL, 0);
    return unit_read_wait(&unit);
}
