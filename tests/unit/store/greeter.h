/* SPDX-License-Identifier: Apache-2.0 */
/* A PostgreSQL server as far as it says so: it lets one client in, tells it its version, and says no more
 * until that client has gone. */
#pragma once

#include "base/buffer.h"
#include "unit/unit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct greeter {
    const char *version;
    int listener;
    pthread_t thread;
    struct str url; /* for store_open */
};

/* AuthenticationOk, ParameterStatus, ReadyForQuery. */
static inline void greeter_say_hello(int connection, const char *version) {
    AUTO_BUFFER hello = BUFFER_EMPTY;
    buffer_append(&hello, (struct str){"R\0\0\0\10\0\0\0\0S\0\0\0", 13});
    buffer_append_byte(&hello, (char)(4 + sizeof "server_version" + strlen(version) + 1));
    buffer_append(&hello, (struct str){"server_version", sizeof "server_version"});
    buffer_append(&hello, (struct str){version, strlen(version) + 1});
    buffer_append(&hello, (struct str){"Z\0\0\0\5I", 6});
    assert_int_equal(write(connection, hello.at, hello.len), (ssize_t)hello.len);
}

static inline void *greeter_run(void *argument) {
    const struct greeter *greeter = argument;
    int connection = accept(greeter->listener, NULL, NULL);
    char asked[512];
    ssize_t got = read(connection, asked, sizeof asked);
    while (got == 8 && write(connection, "N", 1) == 1) /* for TLS, for GSSAPI: no */
        got = read(connection, asked, sizeof asked);
    if (got > 8)
        greeter_say_hello(connection, greeter->version);
    while (got > 0)
        got = read(connection, asked, sizeof asked);
    close(connection);
    return NULL;
}

static inline void greeter_start(struct greeter *greeter, struct arena *arena, const char *version) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *greeter = (struct greeter){.version = version, .listener = socket(AF_INET, SOCK_STREAM, 0)};
    assert_int_equal(bind(greeter->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(greeter->listener, 1), 0);
    assert_int_equal(getsockname(greeter->listener, (struct sockaddr *)&address, &size), 0);
    greeter->url = arena_print(arena, "postgres://x@127.0.0.1:%u/x", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&greeter->thread, NULL, greeter_run, greeter), 0);
}

static inline void greeter_stop(struct greeter *greeter) {
    pthread_join(greeter->thread, NULL);
    close(greeter->listener);
}
