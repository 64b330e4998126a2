/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that listens for what other servers have changed. It only says that there is something: what it is
 * stands in the table, so a connection that was lost costs nothing but a look. */
#include "store/postgres.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RETRY_FIRST_MS = 500, RETRY_MOST_MS = 10000, LOOK_ALIVE_MS = 30000 };

struct database_listener {
    char *url;
    size_t url_len;
    int64_t timeout_ms;
    void (*heard)(void *context);
    void *context;
    pthread_t thread;
    int stop; /* an eventfd: readable when it is over */
};

/* True: it is over. */
static bool wait_for_stop(const struct database_listener *listener, int ms) {
    struct pollfd on = {.fd = listener->stop, .events = POLLIN};
    return poll(&on, 1, ms) > 0;
}

/* The next part of an answer; NULL: that was the last, or it does not come in time, or it is over. */
static PGresult *hear(const struct database_listener *listener, PGconn *handle, int64_t until_us) {
    while (PQisBusy(handle)) {
        int64_t left_us = until_us - clock_monotonic_us();
        struct pollfd on[] = {{.fd = PQsocket(handle), .events = POLLIN},
                              {.fd = listener->stop, .events = POLLIN}};
        if (left_us <= 0 || poll(on, 2, (int)(left_us / 1000) + 1) < 0 || on[1].revents != 0 ||
            PQconsumeInput(handle) != 1)
            return NULL;
    }
    return PQgetResult(handle);
}

static bool begin(const struct database_listener *listener, PGconn *handle) {
    int64_t until_us = clock_monotonic_us() + listener->timeout_ms * 1000;
    bool is_good = PQsendQuery(handle, "LISTEN " POSTGRES_CHANNEL) == 1;
    PGresult *result = is_good ? hear(listener, handle, until_us) : NULL;
    is_good = PQresultStatus(result) == PGRES_COMMAND_OK;
    for (; result != NULL; result = hear(listener, handle, until_us))
        PQclear(result);
    return is_good;
}

static bool take_notices(PGconn *handle) {
    bool any = false;
    for (PGnotify *notice = PQnotifies(handle); notice != NULL; notice = PQnotifies(handle)) {
        any = true;
        PQfreemem(notice);
    }
    return any;
}

/* Until the connection is lost (true) or it is over (false). */
static bool follow(const struct database_listener *listener, PGconn *handle) {
    for (;;) {
        struct pollfd on[] = {{.fd = PQsocket(handle), .events = POLLIN},
                              {.fd = listener->stop, .events = POLLIN}};
        int ready = poll(on, 2, LOOK_ALIVE_MS);
        if (ready > 0 && on[1].revents != 0)
            return false;
        if (ready == 0) /* keepalives have ended it by now, where the other side has gone */
            continue;
        if (PQconsumeInput(handle) != 1)
            return true;
        if (take_notices(handle))
            listener->heard(listener->context);
    }
}

static void *run(void *argument) {
    struct database_listener *listener = argument;
    int pause_ms = RETRY_FIRST_MS;
    bool goes_on = true;
    while (goes_on) {
        PGconn *handle =
            postgres_connect_bare(str_of(listener->url, listener->url_len), true, listener->timeout_ms);
        if (handle != NULL && PQstatus(handle) == CONNECTION_OK && begin(listener, handle)) {
            pause_ms = RETRY_FIRST_MS;
            listener->heard(listener->context); /* whatever was changed while nobody listened */
            goes_on = follow(listener, handle);
        }
        PQfinish(handle);
        goes_on = goes_on && !wait_for_stop(listener, pause_ms);
        pause_ms = pause_ms * 2 < RETRY_MOST_MS ? pause_ms * 2 : RETRY_MOST_MS;
    }
    return NULL;
}

static void free_listener(struct database_listener *listener) {
    if (listener->stop >= 0)
        close(listener->stop);
    mem_wipe(listener->url, listener->url_len);
    mem_free(listener->url);
    mem_free(listener);
}

enum status postgres_listen(const struct database_options *options, void (*heard)(void *context),
                            void *context, struct database_listener **listener) {
    struct database_listener *made = mem_alloc_zero(sizeof *made);
    made->url = mem_alloc(options->url.len + 1);
    made->url_len = options->url.len;
    memcpy(made->url, options->url.at, options->url.len);
    made->url[made->url_len] = '\0';
    made->timeout_ms = options->timeout_ms;
    made->heard = heard;
    made->context = context;
    made->stop = eventfd(0, EFD_CLOEXEC);
    if (made->stop < 0 || pthread_create(&made->thread, NULL, run, made) != 0) {
        free_listener(made);
        return FAILED;
    }
    *listener = made;
    return OK;
}

void postgres_unlisten(struct database_listener *listener) {
    uint64_t one = 1;
    ssize_t told = write(listener->stop, &one, sizeof one); /* a fresh eventfd takes it */
    (void)told;
    pthread_join(listener->thread, NULL);
    free_listener(listener);
}
