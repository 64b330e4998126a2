/* SPDX-License-Identifier: Apache-2.0 */
/* The floor: what a request costs that is read and answered without being looked at. One thread, epoll, read,
 * write; every head that has come whole (as wrk sends them, one at a time) gets the same bytes back. No
 * server can be cheaper on this machine without another way into the kernel. With an algorithm and a key it
 * verifies the token's signature first, by the bare library, and looks at nothing else: no server that
 * verifies can be cheaper. usage: floor PORT ANSWER-FILE [ALGORITHM KEY-FILE] */
#include "bare_verify.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, INPUT = 16 * 1024, ANSWER_MAX = 16 * 1024 };

static bool verifies;
static char answer[ANSWER_MAX];
static size_t answer_len;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_answer(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail(path);
    answer_len = fread(answer, 1, sizeof answer, file);
    if (answer_len == 0 || ferror(file) || !feof(file))
        fail("the answer is empty or too long");
    fclose(file);
}

static int listen_on(unsigned port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0)
        fail("listen");
    return listener;
}

static void watch(int poll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        fail("epoll_ctl");
}

static void take_connections(int poll, int listener) {
    const int on = 1;
    for (int connection; (connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(poll, connection);
    }
}

static bool is_signed(const char *head, size_t len) {
    static const char before[] = "Authorization: Bearer ";
    const char *token = memmem(head, len, before, sizeof before - 1);
    if (token == NULL)
        return false;
    token += sizeof before - 1;
    const char *end = memchr(token, '\r', len - (size_t)(token - head));
    return end != NULL && bare_verify(token, (size_t)(end - token));
}

static void serve(int connection) {
    static char input[INPUT];
    ssize_t len = read(connection, input, sizeof input);
    bool is_whole = len >= 4 && memcmp(input + len - 4, "\r\n\r\n", 4) == 0;
    bool is_good = is_whole && (!verifies || is_signed(input, (size_t)len));
    if (!is_good || write(connection, answer, answer_len) != (ssize_t)answer_len)
        close(connection); /* the load generator counts it as an error */
}

int main(int argc, char **argv) {
    if (argc != 3 && argc != 5)
        return 2;
    read_answer(argv[2]);
    verifies = argc == 5;
    if (verifies)
        bare_prepare(argv[3], argv[4]);
    int listener = listen_on((unsigned)strtoul(argv[1], NULL, 10));
    int poll = epoll_create1(EPOLL_CLOEXEC);
    watch(poll, listener);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener)
                take_connections(poll, listener);
            else
                serve(events[i].data.fd);
        }
    }
}
