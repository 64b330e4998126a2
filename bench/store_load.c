// SPDX-License-Identifier: Apache-2.0
// How many durable messages a second the store takes. usage:
//   store_load group URL SECONDS WRITERS   fibers that each append and wait, as the chat does; prints
//   {"rate", "commits", "writes"} store_load limit FILE ROWS [ROWS A COMMIT]   the same statements and rows
//   by SQLite alone, in one transaction where nothing is said; prints {"rate"}
// URL and FILE are of a fresh store, which is made.
#include "base/blocking.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/batch.h"
#include "store/conversation.h"
#include "store/environment.h"
#include "store/message.h"
#include "store/product.h"
#include "store/statements.h"
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONVERSATIONS = 64 };

#define TEXT                                                                                                 \
    "What is the balance of my savings account, and when was the last transfer to it, please? Thank you."

struct load {
    struct str url;
    struct store *store;
    struct arena *arena;
    struct str environment, conversations[CONVERSATIONS];
    int64_t end_us, begun_us;
    unsigned writers, running;
    unsigned long written;
    struct loop *loop;
};

static void must(enum status status) {
    if (status == OK)
        return;
    fprintf(stderr, "store_load: %s\n", status_name(status));
    exit(1);
}

static void open_store(struct load *load) {
    struct str message = STR_NONE;
    if (store_open(load->arena, load->url, &(struct store_options){.create = true}, &load->store, &message) ==
        OK)
        return;
    fprintf(stderr, "store_load: %.*s\n", STR_ARG(message));
    exit(1);
}

static void begin_wait(void *argument) {
    struct load *load = argument;
    struct store_product product;
    must(store_product_create_wait(load->store, load->arena, STR("bench"), NULL, &product));
    struct store_environment environment = {.id = id_new(load->arena, STR("env")),
                                            .product = product.id,
                                            .name = STR("live"),
                                            .config = STR("{}")};
    struct store_batch *batch = store_batch_new(load->store, environment.id);
    store_batch_add_environment(batch, &environment, NULL);
    must(store_batch_write_wait(batch));
    load->environment = environment.id;
    for (int i = 0; i < CONVERSATIONS; i++) {
        struct store_conversation_draft draft = {.resume_hash = arena_print(load->arena, "hash %d", i)};
        struct store_begun begun;
        must(store_conversation_begin_wait(load->store, load->arena, environment.id, &draft, &begun));
        load->conversations[i] = begun.conversation.id;
    }
}

struct writer {
    struct load *load;
    unsigned number, next;
};

static void write_on(void *argument) {
    struct writer *writer = argument;
    struct load *load = writer->load;
    struct arena *arena = arena_new();
    while (clock_monotonic_us() < load->end_us) {
        struct store_message_draft draft = {
            .text = STR(TEXT),
            .client_id = arena_print(arena, "writer-%04u-message-%012u", writer->number, writer->next++)};
        struct store_message message;
        bool duplicate;
        must(store_message_append_wait(load->store, arena, load->environment,
                                       load->conversations[writer->number % CONVERSATIONS], &draft, &message,
                                       &duplicate));
        load->written++;
        arena_reset(arena);
    }
    arena_free(arena);
}

static void on_over(void *argument) {
    struct writer *writer = argument;
    if (--writer->load->running == 0)
        loop_stop(writer->load->loop);
}

struct start {
    struct message message; // first member
    struct load *load;
    struct writer *writers;
};

static void start_all(struct message *message) {
    struct start *start = (struct start *)message;
    for (unsigned i = 0; i < start->load->writers; i++) {
        start->writers[i] = (struct writer){start->load, i, 0};
        fiber_start(write_on, &start->writers[i], on_over);
    }
}

// One commit may end up being waited for by many: the rate is of what was acknowledged.
static void group(struct load *load, int seconds) {
    open_store(load);
    blocking_run(begin_wait, load);
    struct store_statistics before = store_statistics(load->store);
    load->begun_us = clock_monotonic_us();
    load->end_us = load->begun_us + (int64_t)seconds * 1000000;
    load->running = load->writers;
    load->loop = loop_new();
    struct start start = {{NULL, start_all}, load, mem_alloc_array(load->writers, sizeof(struct writer))};
    loop_post(load->loop, &start.message);
    loop_run(load->loop);
    double took = (double)(clock_monotonic_us() - load->begun_us) / 1e6;
    struct store_statistics after = store_statistics(load->store);
    printf("{\"rate\": %.0f, \"commits\": %llu, \"writes\": %llu}\n", (double)load->written / took,
           (unsigned long long)(after.commits - before.commits),
           (unsigned long long)(after.writes - before.writes));
    mem_free(start.writers);
    loop_free(load->loop);
    store_close(load->store);
}

// ---- SQLite alone ----

static void bind_all(sqlite3_stmt *statement, const char *const *texts, int64_t now) {
    for (int place = 1; place <= sqlite3_bind_parameter_count(statement); place++) {
        int number = atoi(sqlite3_bind_parameter_name(statement, place) + 1);
        if (texts[number] != NULL && strcmp(texts[number], "now") == 0)
            sqlite3_bind_int64(statement, place, now);
        else if (texts[number] != NULL)
            sqlite3_bind_text(statement, place, texts[number], -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(statement, place);
    }
}

static void step(sqlite3 *database, sqlite3_stmt *statement) {
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        ;
    if (code != SQLITE_DONE || sqlite3_changes(database) != 1) {
        fprintf(stderr, "store_load: %s\n", sqlite3_errmsg(database));
        exit(1);
    }
    sqlite3_reset(statement);
}

static void limit(struct load *load, int rows, int rows_a_commit) {
    open_store(load);
    blocking_run(begin_wait, load);
    store_close(load->store);
    sqlite3 *database;
    sqlite3_stmt *advance, *insert;
    if (sqlite3_open(load->url.at, &database) != SQLITE_OK ||
        sqlite3_exec(database, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON", NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_prepare_v2(database, statement_text[MESSAGE_ADVANCE], -1, &advance, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, statement_text[MESSAGE_INSERT], -1, &insert, NULL) != SQLITE_OK)
        exit(1);
    int64_t begun = clock_monotonic_us();
    sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (int i = 0; i < rows; i++) {
        char client[64], id[64];
        const char *conversation = load->conversations[i % CONVERSATIONS].at;
        snprintf(client, sizeof client, "writer-%04d-message-%012d", i % CONVERSATIONS, i);
        snprintf(id, sizeof id, "msg_%032x", i);
        const char *const texts[] = {NULL, load->environment.at, conversation, client, "now"};
        const char *const advanced[] = {texts[0], texts[1], texts[2], texts[3], texts[4], NULL};
        const char *const inserted[] = {NULL, texts[1], texts[2], client,     id,    "visitor", NULL,
                                        NULL, TEXT,     NULL,     "accepted", "now", NULL};
        bind_all(advance, advanced, clock_now_ms());
        step(database, advance);
        bind_all(insert, inserted, clock_now_ms());
        step(database, insert);
        if ((i + 1) % rows_a_commit == 0 &&
            sqlite3_exec(database, "COMMIT; BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
            exit(1);
    }
    if (sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        exit(1);
    printf("{\"rate\": %.0f}\n", (double)rows * 1e6 / (double)(clock_monotonic_us() - begun));
    sqlite3_finalize(advance);
    sqlite3_finalize(insert);
    sqlite3_close(database);
}

int main(int count, char **arguments) {
    struct load load = {.arena = arena_new()};
    if (count == 5 && strcmp(arguments[1], "group") == 0) {
        load.url = str_from(arguments[2]);
        load.writers = (unsigned)atoi(arguments[4]);
        group(&load, atoi(arguments[3]));
    } else if ((count == 4 || count == 5) && strcmp(arguments[1], "limit") == 0 &&
               atoi(arguments[count - 1]) > 0) {
        load.url = str_from(arguments[2]);
        limit(&load, atoi(arguments[3]), atoi(arguments[count - 1]));
    } else {
        fprintf(stderr,
                "usage: store_load group URL SECONDS WRITERS | store_load limit FILE ROWS [ROWS A COMMIT]\n");
        return 2;
    }
    arena_free(load.arena);
    return 0;
}
