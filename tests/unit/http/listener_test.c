/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners in two threads that share an address, driven over real sockets: also what the thread sanitizer
 * looks at. */
#include "http/http.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { THREADS = 2 };

struct worker {
    pthread_t thread;
    struct loop *loop;
    struct http_listener *listener;
    struct message drain;
};

static struct worker workers[THREADS];
static unsigned port;
static _Atomic unsigned canceled;
static _Atomic unsigned closed;

/* ---- the server ---- */

static void answer_from_fiber(struct exchange *exchange) {
    struct str body;
    if (exchange_read_body_wait(exchange, 1000, &body) != OK || fiber_sleep_wait(5) != OK) {
        canceled++;
        return;
    }
    exchange_answer(exchange, &(struct http_response){.status = 200, .body = body});
}

static void on_text(struct websocket *websocket, struct str message, void *data) {
    assert_ptr_equal(data, &closed);
    assert_int_equal(websocket_send_text(websocket, message), OK);
}

static void on_close(struct websocket *websocket, unsigned code, void *data) {
    (void)data;
    assert_true(code == 1001 || code == 1006);
    assert_false(websocket_is_open(websocket));
    assert_int_equal(websocket_send_text(websocket, STR("too late")), CANCELED);
    closed++;
}

static void handle(struct exchange *exchange) {
    static const struct websocket_callbacks callbacks = {on_text, on_close};
    const struct http_request *request = exchange_request(exchange);
    struct websocket *websocket;
    if (str_equal(request->path, STR("/fiber")))
        exchange_start_fiber(exchange, answer_from_fiber);
    else if (str_equal(request->path, STR("/websocket")))
        (void)!exchange_websocket_accept(exchange, &callbacks, &closed, STR_NONE, &websocket);
    else
        exchange_answer(exchange, &(struct http_response){.status = 200, .body = request->path});
}

static void *run(void *argument) {
    loop_run(((struct worker *)argument)->loop);
    return NULL;
}

static void stop(void *data) {
    loop_stop(((struct worker *)data)->loop);
}

static void begin_drain(struct message *message) {
    struct worker *worker = (struct worker *)((char *)message - offsetof(struct worker, drain));
    http_listener_drain(worker->listener, 2000, stop, worker);
}

static int start_server(void **state) {
    (void)state;
    char address[32];
    struct http_options options = http_options_default();
    options.address = STR("127.0.0.1:0");
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.loop = loop_new(), .drain.deliver = begin_drain};
        assert_int_equal(
            http_listener_new(workers[i].loop, &options, handle, &workers[i], &workers[i].listener), OK);
        port = http_listener_port(workers[i].listener);
        int len = snprintf(address, sizeof address, "127.0.0.1:%u", port);
        options.address = str_of(address, (size_t)len);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    return 0;
}

static int stop_server(void **state) {
    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        loop_post(workers[i].loop, &workers[i].drain);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        http_listener_free(workers[i].listener);
        loop_free(workers[i].loop);
    }
    return 0;
}

/* ---- the client ---- */

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 10};
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static void say(int fd, struct str bytes) {
    assert_int_equal(send(fd, bytes.at, bytes.len, MSG_NOSIGNAL), bytes.len);
}

/* Reads until `count` times `needle` has come. */
static void expect(int fd, struct str needle, unsigned count) {
    AUTO_BUFFER got = BUFFER_EMPTY;
    unsigned found = 0;
    size_t seen = 0;
    while (found < count) {
        size_t at = str_find(str_from_index(buffer_text(&got), seen), needle);
        if (at != STR_NOT_FOUND) {
            found++;
            seen += at + needle.len;
            continue;
        }
        char piece[4096];
        ssize_t len = recv(fd, piece, sizeof piece, 0);
        if (len <= 0)
            fail_msg("%u of %u, then the end: %.*s", found, count, (int)got.len, got.at);
        buffer_append(&got, str_of(piece, (size_t)len));
    }
}

static void expect_end(int fd) {
    char piece[4096];
    while (recv(fd, piece, sizeof piece, 0) > 0)
        ;
    close(fd);
}

#define HELLO         STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
#define FIBER_REQUEST STR("POST /fiber HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")

static void *be_a_client(void *argument) {
    (void)argument;
    for (int i = 0; i < 40; i++) {
        int fd = dial();
        say(fd, HELLO);
        say(fd, FIBER_REQUEST);
        say(fd, HELLO);
        expect(fd, STR("HTTP/1.1 200 OK"), 3);
        close(fd);
    }
    return NULL;
}

static void clients_are_served_by_all_threads(void **state) {
    (void)state;
    pthread_t clients[4];
    for (size_t i = 0; i < 4; i++)
        pthread_create(&clients[i], NULL, be_a_client, NULL);
    uint64_t sum = 0;
    for (int look = 0; look < 20; look++) { /* metrics are read while they are written */
        struct http_metrics metrics;
        http_listener_metrics(workers[look % THREADS].listener, &metrics);
        sum += metrics.requests;
        usleep(1000);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(clients[i], NULL);
    struct http_metrics metrics[THREADS];
    uint64_t requests = 0;
    for (size_t i = 0; i < THREADS; i++) {
        http_listener_metrics(workers[i].listener, &metrics[i]);
        assert_true(metrics[i].requests > 0);
        requests += metrics[i].requests;
    }
    assert_int_equal(requests, 4 * 40 * 3);
    assert_true(sum <= 20 * requests);
}

static void pipelines_are_answered_in_order(void **state) {
    (void)state;
    int fd = dial();
    for (int i = 0; i < 50; i++) {
        say(fd, STR("GET /one HTTP/1.1\r\nHost: a\r\n\r\n"));
        say(fd, FIBER_REQUEST);
    }
    for (int i = 0; i < 1; i++)
        expect(fd, STR("\r\n\r\nbody"), 50);
    close(fd);
}

static void fibers_are_canceled_when_their_client_goes(void **state) {
    (void)state;
    unsigned before = canceled;
    for (int i = 0; i < 10; i++) {
        int fd = dial();
        say(fd, STR("POST /fiber HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\nhalf"));
        usleep(2000);
        close(fd);
    }
    for (int i = 0; i < 1000 && canceled < before + 10; i++)
        usleep(5000);
    assert_int_equal(canceled, before + 10);
}

static void websockets_are_told_of_the_end(void **state) {
    (void)state;
    unsigned before = closed;
    int fds[6];
    for (int i = 0; i < 6; i++) {
        fds[i] = dial();
        say(fds[i], STR("GET /websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        say(fds[i], STR("\x81\x85\0\0\0\0hello"));
        expect(fds[i], STR("\x81\x05hello"), 1);
    }
    close(fds[0]);
    close(fds[1]);
    for (int i = 0; i < 1000 && closed < before + 2; i++)
        usleep(5000);
    assert_int_equal(closed, before + 2);
    stop_server(NULL); /* drains: the others hear 1001 and hang up in the test's teardown */
    assert_int_equal(closed, before + 6);
    for (int i = 2; i < 6; i++)
        expect_end(fds[i]);
}

/* ---- answers that leave together: one thread, so that what comes in one turn is known ---- */

enum { GUESTS = 6, TOGETHER = 4 };

struct house {
    struct loop *loop;
    struct http_listener *listener;
    int guests[GUESTS];
    unsigned count;
    unsigned handled, last;    /* the loop is stopped by the last */
    unsigned answered[GUESTS]; /* how many guests had their answer when this one's request was handled */
};

static unsigned count_answered(const struct house *house) {
    unsigned answered = 0;
    char byte;
    for (unsigned i = 0; i < house->count; i++)
        answered += recv(house->guests[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? 1 : 0;
    return answered;
}

static void handle_guest(struct exchange *exchange) {
    struct house *house = exchange_context(exchange);
    house->answered[house->handled++ % GUESTS] = count_answered(house);
    exchange_answer(exchange, &(struct http_response){.status = 200});
    if (house->handled == house->last)
        loop_stop(house->loop);
}

/* A request that has reached the server's socket: all of them come in the loop's next turn. */
static void ask(int fd) {
    int underway = 1;
    say(fd, HELLO);
    while (ioctl(fd, SIOCOUTQ, &underway) == 0 && underway > 0)
        usleep(100);
}

/* With as many guests, each of whom has been answered once, in their order. */
static void house_open(struct house *house, unsigned count, unsigned connections_max) {
    struct http_options options = http_options_default();
    options.address = STR("127.0.0.1:0");
    options.connections_max = connections_max;
    *house = (struct house){.loop = loop_new(), .count = count};
    assert_int_equal(http_listener_new(house->loop, &options, handle_guest, house, &house->listener), OK);
    port = http_listener_port(house->listener);
    for (unsigned i = 0; i < count; i++) {
        house->guests[i] = dial();
        house->last++;
        ask(house->guests[i]);
        loop_run(house->loop);
        expect(house->guests[i], STR("\r\n\r\n"), 1);
    }
}

static void house_close(struct house *house) {
    http_listener_free(house->listener);
    loop_free(house->loop);
    for (unsigned i = 0; i < house->count; i++)
        close(house->guests[i]);
}

static void answers_of_a_turn_leave_by_fours(void **state) {
    (void)state;
    struct house house;
    house_open(&house, GUESTS, 100);
    for (unsigned i = 0; i < GUESTS; i++)
        ask(house.guests[i]);
    house.last = 2 * GUESTS;
    loop_run(house.loop);
    for (unsigned i = 0; i < GUESTS; i++)
        assert_int_equal(house.answered[i], i < TOGETHER ? 0 : TOGETHER);
    assert_int_equal(count_answered(&house), GUESTS); /* nobody waits for more than the turn */
    house_close(&house);
}

/* Of those who are idle the first makes room: not one that was answered in this very turn. */
static void whoever_was_just_answered_does_not_make_room(void **state) {
    (void)state;
    struct house house;
    house_open(&house, 2, 2);
    int newcomer = dial();
    ask(house.guests[0]);
    house.last = 3;
    loop_run(house.loop);
    expect(house.guests[0], STR("\r\n\r\n"), 1);
    house.last = 4;
    ask(newcomer);
    loop_run(house.loop);
    expect(newcomer, STR("\r\n\r\n"), 1);
    char byte;
    assert_int_equal(recv(house.guests[1], &byte, 1, 0), 0); /* who was idle longest */
    close(newcomer);
    house_close(&house);
}

struct leaving {
    struct house house; /* first member */
    struct timer patience;
    unsigned handled_before; /* the drain */
    bool is_drained;
};

static void on_house_drained(void *data) {
    struct leaving *leaving = data;
    leaving->is_drained = true;
    loop_stop(leaving->house.loop);
}

static void on_out_of_patience(struct timer *timer) {
    loop_stop(((struct leaving *)((char *)timer - offsetof(struct leaving, patience)))->house.loop);
}

static void handle_leaving(struct exchange *exchange) {
    struct leaving *leaving = exchange_context(exchange);
    leaving->house.handled++;
    exchange_answer(exchange, &(struct http_response){.status = 200});
    if (str_equal(exchange_request(exchange)->path, STR("/drain"))) {
        leaving->handled_before = leaving->house.handled;
        http_listener_drain(leaving->house.listener, 10 * 60 * 1000, on_house_drained, leaving);
    } else if (leaving->house.handled == leaving->house.last) {
        loop_stop(leaving->house.loop);
    }
}

/* Who had a first answer in the very turn in which the server begins to end is not waited for. */
static void whoever_was_just_answered_does_not_hold_up_the_end(void **state) {
    (void)state;
    struct leaving leaving = {.house = {.loop = loop_new()}};
    struct house *house = &leaving.house;
    struct http_options options = http_options_default();
    options.address = STR("127.0.0.1:0");
    assert_int_equal(http_listener_new(house->loop, &options, handle_leaving, &leaving, &house->listener),
                     OK);
    port = http_listener_port(house->listener);
    int guest = dial();
    house->last = 1;
    ask(guest);
    loop_run(house->loop);
    int newcomer = dial();
    house->last = 2;
    ask(guest);
    loop_run(house->loop);
    expect(guest, STR("\r\n\r\n"), 2);
    say(guest, STR("GET /drain HTTP/1.1\r\nHost: a\r\n\r\n"));
    ask(newcomer);
    timer_start(house->loop, &leaving.patience, 20 * 1000, on_out_of_patience);
    loop_run(house->loop);
    timer_stop(house->loop, &leaving.patience);
    assert_int_equal(leaving.handled_before, 4); /* the newcomer's was one of them */
    assert_true(leaving.is_drained);
    expect(newcomer, STR("\r\n\r\n"), 1);
    expect_end(newcomer);
    expect_end(guest);
    http_listener_free(house->listener);
    loop_free(house->loop);
}

static void options_are_checked(void **state) {
    (void)state;
    struct loop *loop = loop_new();
    struct http_listener *listener;
    struct http_options good = http_options_default();
    good.address = STR("127.0.0.1:0");
    struct http_options wrong[8];
    for (size_t i = 0; i < 8; i++)
        wrong[i] = good;
    wrong[0].address = STR("127.0.0.1");
    wrong[1].address = STR("localhost:80");
    wrong[2].address = STR("127.0.0.1:65536");
    wrong[3].address = STR("unix:");
    wrong[4].trusted_proxies = STR("10.0.0.1/8");
    wrong[5].head_max = 100;
    wrong[6].headers_max = HTTP_MAX_HEADERS + 1;
    wrong[7].connections_max = 0;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(http_listener_new(loop, &wrong[i], handle, NULL, &listener), INVALID);
        assert_null(listener);
    }
    assert_int_equal(http_listener_new(loop, &good, handle, NULL, &listener), OK);
    assert_true(http_listener_port(listener) > 0);
    http_listener_free(listener);
    struct http_tls *tls;
    assert_int_equal(http_tls_new(STR("/nowhere/certificate.pem"), STR("/nowhere/key.pem"), &tls), NOT_FOUND);
    assert_null(tls);
    assert_int_equal(http_tls_new(STR("/dev/null"), STR("/dev/null"), &tls), INVALID);
    loop_free(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clients_are_served_by_all_threads, start_server, stop_server),
        cmocka_unit_test_setup_teardown(pipelines_are_answered_in_order, start_server, stop_server),
        cmocka_unit_test_setup_teardown(fibers_are_canceled_when_their_client_goes, start_server,
                                        stop_server),
        cmocka_unit_test_setup(websockets_are_told_of_the_end, start_server),
        cmocka_unit_test(answers_of_a_turn_leave_by_fours),
        cmocka_unit_test(whoever_was_just_answered_does_not_make_room),
        cmocka_unit_test(whoever_was_just_answered_does_not_hold_up_the_end),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
