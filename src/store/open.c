/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "store/threads.h"

#include <stdatomic.h>
#include <string.h>

enum { TIMEOUT_MS_DEFAULT = 5000 };

/* What was meant for another engine, and as a path would only make a file of that name, password and all: a
 * URL, one that lacks a slash, libpq's "host=… dbname=…". */
static bool is_no_path(struct str place) {
    static const struct str words[] = {STR_STATIC("host="), STR_STATIC("hostaddr="), STR_STATIC("dbname="),
                                       STR_STATIC("user="), STR_STATIC("service="),  STR_STATIC("password=")};
    if (str_find(place, STR("://")) != STR_NOT_FOUND || str_starts_with(place, STR("postgres:")) ||
        str_starts_with(place, STR("postgresql:")))
        return true;
    struct str word;
    while (str_cut(&place, ' ', &word)) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (str_starts_with(word, words[i]))
                return true;
        }
    }
    return false;
}

/* Which engine, and what it takes. Never repeats the URL: it may hold a password. */
static enum status engine_of(struct str url, const struct driver **driver, struct str *place,
                             struct str *message) {
    struct str scheme = STR("sqlite:");
    *driver = &driver_sqlite;
    *place = str_starts_with(url, scheme) ? str_from_index(url, scheme.len) : url;
    if (str_starts_with(url, STR("postgres://")) || str_starts_with(url, STR("postgresql://")))
        *driver = &driver_postgres;
    bool is_other = *driver == &driver_sqlite && place->len == url.len && is_no_path(url);
    if (!is_other && !str_is_empty(*place) && str_find_byte(*place, '\0') == STR_NOT_FOUND)
        return OK;
    *message = STR("The store is neither a path (sqlite:…) nor a PostgreSQL URL (postgres://…).");
    return INVALID;
}

static enum status open_thread(struct store *store, struct store_thread *thread, struct arena *arena,
                               const struct database_options *options, struct str *message) {
    thread->store = store;
    thread->is_writer = !options->read_only;
    TRY(store->driver->open(arena, options, &thread->database, message));
    thread->loop = loop_new();
    return OK;
}

static enum status open_all(struct store *store, struct arena *arena, struct database_options *database,
                            struct str *message) {
    TRY(open_thread(store, &store->writers[0], arena, database, message));
    TRY(migrate(store->writers[0].database, arena, message));
    database->create = database->connect_now = false;
    for (unsigned i = 1; i < store->writer_count; i++)
        TRY(open_thread(store, &store->writers[i], arena, database, message));
    database->read_only = true;
    for (unsigned i = 0; i < store->reader_count; i++)
        TRY(open_thread(store, &store->readers[i], arena, database, message));

    *message = STR("The store's threads cannot be started.");
    for (unsigned i = 0; i < store->reader_count; i++)
        TRY(threads_start(&store->readers[i]));
    for (unsigned i = 0; i < store->writer_count; i++)
        TRY(threads_start(&store->writers[i]));
    *message = STR_NONE;
    return OK;
}

static unsigned within(unsigned wanted, unsigned otherwise, unsigned most) {
    unsigned count = wanted == 0 ? otherwise : wanted;
    return count < most ? count : most;
}

enum status store_open(struct arena *arena, struct str url, const struct store_options *options,
                       struct store **store, struct str *message) {
    const struct driver *driver;
    struct str place;
    TRY(engine_of(url, &driver, &place, message));
    struct store *opened = mem_alloc_zero(sizeof *opened);
    pthread_mutex_init(&opened->listeners_mutex, NULL);
    opened->driver = driver;
    opened->writer_count = within(options->writers, driver->writers_default, driver->writers_max);
    opened->reader_count = within(options->readers, driver->readers_default, driver->readers_max);
    opened->writers = mem_alloc_array(opened->writer_count, sizeof *opened->writers);
    opened->readers = mem_alloc_array(opened->reader_count, sizeof *opened->readers);
    struct database_options database = {.url = place,
                                        .create = options->create,
                                        .connect_now = true,
                                        .timeout_ms = options->timeout_ms > 0 ? options->timeout_ms
                                                                              : TIMEOUT_MS_DEFAULT};
    opened->listening = database;
    opened->own_url = mem_alloc(place.len + 1);
    memcpy(opened->own_url, place.at, place.len);
    opened->own_url[place.len] = '\0';
    opened->listening.url = str_of(opened->own_url, place.len);
    enum status status = open_all(opened, arena, &database, message);
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
    if (store->from_others != NULL)
        store->driver->unlisten(store->from_others);
    for (unsigned i = 0; i < store->reader_count; i++)
        threads_stop(&store->readers[i]);
    for (unsigned i = 0; i < store->writer_count; i++)
        threads_stop(&store->writers[i]); /* SQLite: the last to close takes the log into the database */
    pthread_mutex_destroy(&store->listeners_mutex);
    mem_free(store->readers);
    mem_free(store->writers);
    mem_wipe(store->own_url, store->listening.url.len);
    mem_free(store->own_url);
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

struct str store_trouble(const struct store *store) {
    for (unsigned i = 0; i < store->writer_count; i++) {
        if (store->writers[i].database->trouble != NULL)
            return str_from(store->writers[i].database->trouble);
    }
    for (unsigned i = 0; i < store->reader_count; i++) {
        if (store->readers[i].database->trouble != NULL)
            return str_from(store->readers[i].database->trouble);
    }
    return STR_NONE;
}
