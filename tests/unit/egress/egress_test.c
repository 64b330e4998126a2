/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to a real server that behaves well, badly and worse. */
#include "base/clock.h"
#include "egress/egress.h"
#include "fetch.h"
#include "unit/fibers.h"
#include "unit/peer.h"
#include "unit/unit.h"

#include <stdatomic.h>
#include <string.h>

/* ---- the other side ---- */

static _Atomic size_t flood_sent;
static _Atomic bool saw_close;

static bool path_is(struct peer_exchange *exchange, const char *path) {
    return str_equal(peer_path(exchange), str_from(path));
}

static void answer_endless(struct peer_exchange *exchange, const char *head, struct str piece) {
    if (!peer_write(exchange, str_from(head)))
        return;
    while (peer_write(exchange, piece))
        atomic_fetch_add(&flood_sent, piece.len);
}

static void answer_stream(struct peer_exchange *exchange) {
    static const struct str pieces[] = {STR_STATIC("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; "
                                                   "charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"),
                                        STR_STATIC("3\r\none\r\n"), STR_STATIC("3\r\ntwo\r\n5\r\nth"),
                                        STR_STATIC("ree\r\n0\r\n\r\n")};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        if (!peer_write(exchange, pieces[i]) || !peer_pause(exchange, 20))
            return;
    }
}

static void answer_redirect(struct peer_exchange *exchange, const char *status) {
    static const char field[] = "to=";
    struct str path = peer_path(exchange);
    struct str to = str_from_index(path, str_find(path, STR("to=")) + sizeof field - 1);
    char headers[1024];
    snprintf(headers, sizeof headers, "Location: %.*s\r\n", STR_ARG(to));
    peer_answer(exchange, status, headers, STR("moved"));
}

static void handle(struct peer_exchange *exchange, void *user) {
    (void)user;
    static char piece[65536];
    if (path_is(exchange, "/hello"))
        peer_answer(exchange, "200 OK", "Content-Type: text/plain\r\nCache-Control: max-age=60\r\n",
                    STR("hello"));
    else if (path_is(exchange, "/json"))
        peer_answer(exchange, "200 OK", "content-type: Application/JSON; charset=utf-8\r\n", STR("{}"));
    else if (path_is(exchange, "/jwks"))
        peer_answer(exchange, "200 OK", "Content-Type: application/jwk-set+json\r\n", STR("{}"));
    else if (path_is(exchange, "/untyped"))
        peer_answer(exchange, "200 OK", "", STR("{}"));
    else if (path_is(exchange, "/echo"))
        peer_answer(exchange, "200 OK", "Content-Type: text/plain\r\n", peer_request(exchange));
    else if (path_is(exchange, "/busy"))
        peer_answer(exchange, "503 Service Unavailable", "Retry-After: 7\r\nContent-Type: text/html\r\n",
                    STR("<p>"));
    else if (path_is(exchange, "/login"))
        peer_answer(exchange, "401 Unauthorized", "WWW-Authenticate: Bearer realm=\"x\"\r\n", STR(""));
    else if (path_is(exchange, "/gzip"))
        peer_answer(exchange, "200 OK", "Content-Encoding: gzip\r\nContent-Type: text/plain\r\n",
                    STR("\x1F\x8B not really"));
    else if (path_is(exchange, "/kept")) {
        peer_write(exchange, STR("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkept"));
        peer_pause(exchange, 3000);
    } else if (path_is(exchange, "/garbage"))
        peer_write(exchange, STR("SSH-2.0-OpenSSH_9.2\r\n"));
    else if (path_is(exchange, "/partial"))
        peer_write(exchange, STR("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"));
    else if (path_is(exchange, "/announced"))
        peer_write(exchange, STR("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nshort"));
    else if (path_is(exchange, "/endless"))
        answer_endless(exchange, "HTTP/1.1 200 OK\r\n\r\n", str_of(piece, sizeof piece));
    else if (path_is(exchange, "/endless-head"))
        answer_endless(exchange, "HTTP/1.1 200 OK\r\n",
                       STR("X-Filler: 0123456789012345678901234567890123456789\r\n"));
    else if (path_is(exchange, "/endless-interim"))
        answer_endless(exchange, "", STR("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"));
    else if (path_is(exchange, "/slow"))
        atomic_store(&saw_close, !peer_pause(exchange, 15000));
    else if (path_is(exchange, "/stall")) {
        peer_write(exchange, STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst"));
        atomic_store(&saw_close, !peer_pause(exchange, 15000));
    } else if (path_is(exchange, "/stream"))
        answer_stream(exchange);
    else if (str_starts_with(peer_path(exchange), STR("/moved?")))
        answer_redirect(exchange, "302 Found");
    else if (str_starts_with(peer_path(exchange), STR("/loop")))
        peer_answer(exchange, "307 Temporary Redirect", "Location: /loop\r\n", STR(""));
    else if (path_is(exchange, "/twice"))
        peer_answer(exchange, "301 Moved Permanently", "Location: /moved?to=/hello\r\n", STR(""));
    else
        peer_answer(exchange, "404 Not Found", "", STR(""));
}

/* ---- this side ---- */

static struct peer *peer;
static struct peer *tls_peer;
static struct peer *other_peer; /* another origin */
static struct egress *egress;   /* may go to private addresses, as all of this is */
static struct egress *strict;   /* may not */

static int set_up(void **state) {
    (void)state;
    peer = peer_start(handle, NULL, false);
    tls_peer = peer_start(handle, NULL, true);
    other_peer = peer_start(handle, NULL, false);
    struct egress_options options = {.is_private_allowed = true,
                                     .extra_ca_file = str_from(peer_certificate_file(tls_peer))};
    assert_int_equal(egress_start(&options, &egress), OK);
    options = (struct egress_options){0};
    assert_int_equal(egress_start(&options, &strict), OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    egress_stop(egress);
    egress_stop(strict);
    egress_stop(NULL);
    peer_stop(peer);
    peer_stop(tls_peer);
    peer_stop(other_peer);
    return 0;
}

static struct str url_of(struct arena *arena, const char *path) {
    return arena_print(arena, "http://127.0.0.1:%u%s", peer_port(peer), path);
}

static struct str tls_url_of(struct arena *arena, const char *path) {
    return arena_print(arena, "https://localhost:%u%s", peer_port(tls_peer), path);
}

static void fetch_it(struct fetch *fetch, struct egress *with, struct arena *arena) {
    fetch->egress = with;
    fetch->arena = arena;
    in_fiber(fetch_run_wait, fetch);
}

#define assert_fetch(fetch, expected_status, expected_problem)                                               \
    do {                                                                                                     \
        assert_string_equal(egress_problem_word((fetch).answer.problem),                                     \
                            egress_problem_word(expected_problem));                                          \
        assert_int_equal((fetch).status, (expected_status));                                                 \
    } while (0)

static void test_answers(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct fetch fetch = {.request = {.url = url_of(arena, "/hello")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    assert_int_equal(fetch.answer.status_code, 200);
    assert_str(fetch.answer.body, "hello");
    assert_str(fetch.answer.content_type, "text/plain");
    assert_str(fetch.answer.cache_control, "max-age=60");
    assert_null(fetch.answer.location.at);
    fetch = (struct fetch){
        .request = {.url = url_of(arena, "/busy"), .content_types = (const char *const[]){"x/y", NULL}}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE); /* an error is of no type in particular */
    assert_int_equal(fetch.answer.status_code, 503);
    assert_str(fetch.answer.retry_after, "7");
    fetch = (struct fetch){.request = {.url = url_of(arena, "/login")}};
    fetch_it(&fetch, egress, arena);
    assert_str(fetch.answer.www_authenticate, "Bearer realm=\"x\"");
    fetch = (struct fetch){.request = {.url = url_of(arena, "/gzip")}};
    fetch_it(&fetch, egress, arena);
    assert_str(fetch.answer.body, "\x1F\x8B not really"); /* nothing is unpacked */
}

static void test_what_is_sent(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct egress_header headers[] = {{STR("Authorization"), STR("Bearer t")},
                                            {STR("Content-Type"), STR("application/json")},
                                            {STR("X-Empty"), STR("")}};
    struct fetch fetch = {.request = {.method = "POST",
                                      .url = url_of(arena, "/echo"),
                                      .headers = headers,
                                      .header_count = 3,
                                      .body = STR("{\"a\":\"\\u0000\"}")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    struct str sent = fetch.answer.body;
    assert_true(str_starts_with(sent, STR("POST /echo HTTP/1.1\r\n")));
    assert_true(str_find(sent, STR("\r\nAuthorization: Bearer t\r\n")) != STR_NOT_FOUND);
    assert_true(str_find(sent, STR("\r\nContent-Type: application/json\r\n")) != STR_NOT_FOUND);
    assert_true(str_find(sent, STR("\r\nX-Empty:\r\n")) != STR_NOT_FOUND);
    assert_true(str_find(sent, STR("\r\nUser-Agent: Chatelaine/")) != STR_NOT_FOUND);
    assert_true(str_ends_with(sent, STR("\r\n\r\n{\"a\":\"\\u0000\"}")));
    static const struct str unwanted[] = {STR_STATIC("Accept-Encoding"), STR_STATIC("Cookie"),
                                          STR_STATIC("Expect")};
    for (size_t i = 0; i < 3; i++)
        assert_true(str_find(sent, unwanted[i]) == STR_NOT_FOUND);
    static const char *const methods[] = {"PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < 3; i++) {
        fetch = (struct fetch){
            .request = {.method = methods[i], .url = url_of(arena, "/echo"), .body = STR("b")}};
        fetch_it(&fetch, egress, arena);
        assert_true(str_starts_with(fetch.answer.body, str_from(methods[i])));
        assert_true(str_find(fetch.answer.body, STR("Content-Type")) == STR_NOT_FOUND);
    }
    fetch = (struct fetch){.request = {.method = "HEAD", .url = url_of(arena, "/hello")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    assert_int_equal(fetch.answer.body.len, 0);
}

static void test_what_cannot_be_sent(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct egress_header bad[] = {
        {STR_STATIC("A\r\nB"), STR_STATIC("x")},
        {STR_STATIC("A"), STR_STATIC("x\r\nB: y")},
        {STR_STATIC(""), STR_STATIC("x")},
        {STR_STATIC("A:"), STR_STATIC("x")},
        {STR_STATIC("A b"), STR_STATIC("x")},
        {STR_STATIC("A"), STR_STATIC("x\0y")},
        {STR_STATIC("Host"), STR_STATIC("evil")},
        {STR_STATIC("content-length"), STR_STATIC("3")},
        {STR_STATIC("Transfer-Encoding"), STR_STATIC("chunked")},
        {STR_STATIC("A"), STR_STATIC("\xC3\xA9")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fetch fetch = {
            .request = {.url = url_of(arena, "/hello"), .headers = &bad[i], .header_count = 1}};
        fetch_it(&fetch, egress, arena);
        assert_fetch(fetch, INVALID, EGRESS_BAD_REQUEST);
    }
    struct fetch fetch = {.request = {.url = url_of(arena, "/hello"), .method = "BREW"}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, INVALID, EGRESS_BAD_REQUEST);
    fetch = (struct fetch){.request = {.url = STR("file:///etc/passwd")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, INVALID, EGRESS_BAD_REQUEST);
}

static void test_content_types(void **state) {
    (void)state;
    static const char *const json[] = {"application/json", "+json", NULL};
    static const struct {
        const char *path;
        enum egress_problem problem;
    } cases[] = {{"/json", EGRESS_FINE},
                 {"/jwks", EGRESS_FINE},
                 {"/hello", EGRESS_WRONG_CONTENT_TYPE},
                 {"/untyped", EGRESS_WRONG_CONTENT_TYPE}};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch fetch = {.request = {.url = url_of(arena, cases[i].path), .content_types = json}};
        fetch_it(&fetch, egress, arena);
        assert_fetch(fetch, cases[i].problem == EGRESS_FINE ? OK : INVALID, cases[i].problem);
    }
}

static void test_bad_peers(void **state) {
    (void)state;
    static const struct {
        const char *path;
        enum status status;
        enum egress_problem problem;
    } cases[] = {
        {"/garbage", INVALID, EGRESS_PROTOCOL_ERROR},
        {"/partial", INVALID, EGRESS_PROTOCOL_ERROR},
        {"/announced", TOO_LARGE, EGRESS_TOO_LARGE},
        {"/endless", TOO_LARGE, EGRESS_TOO_LARGE},
        {"/endless-head", INVALID, EGRESS_PROTOCOL_ERROR},
        {"/endless-interim", INVALID, EGRESS_PROTOCOL_ERROR},
        {"/slow", TIMED_OUT, EGRESS_TIMED_OUT},
        {"/stall", TIMED_OUT, EGRESS_TIMED_OUT},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t before = clock_monotonic_us();
        struct fetch fetch = {.request = {.url = url_of(arena, cases[i].path), .timeout_ms = 1000}};
        fetch_it(&fetch, egress, arena);
        assert_fetch(fetch, cases[i].status, cases[i].problem);
        assert_true(clock_monotonic_us() - before < 5000000);
    }
    struct fetch fetch = {.request = {.url = url_of(arena, "/stall"), .idle_timeout_ms = 100}};
    int64_t before = clock_monotonic_us();
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, TIMED_OUT, EGRESS_TIMED_OUT);
    assert_true(clock_monotonic_us() - before < 3000000);
    fetch = (struct fetch){.request = {.url = STR("http://127.0.0.1:1/")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, UNAVAILABLE, EGRESS_CONNECT_FAILED);
    fetch = (struct fetch){.request = {.url = STR("http://no-such-host.invalid/"), .timeout_ms = 9000}};
    fetch_it(&fetch, egress, arena);
    assert_int_not_equal(fetch.status, OK);
    assert_true(fetch.answer.problem == EGRESS_NAME_NOT_RESOLVED || fetch.answer.problem == EGRESS_TIMED_OUT);
}

static void test_policy(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    /* However it is spelled: what counts is where the connection would go. */
    static const char *const hosts[] = {
        "127.0.0.1",          "localhost", "127.1",   "0x7f000001",      "2130706433", "0177.0.0.1",
        "[::ffff:127.0.0.1]", "[::1]",     "0.0.0.0", "169.254.169.254", "10.0.0.1"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct str url = arena_print(arena, "http://%s:%u/hello", hosts[i], peer_port(peer));
        struct fetch fetch = {.request = {.url = url, .timeout_ms = 4000}};
        fetch_it(&fetch, strict, arena);
        assert_fetch(fetch, DENIED, EGRESS_ADDRESS_REFUSED);
    }
    struct fetch fetch = {.request = {.url = STR("http://169.254.169.254/latest/meta-data/")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, DENIED, EGRESS_ADDRESS_REFUSED);
    fetch =
        (struct fetch){.request = {.url = arena_print(arena, "http://0.0.0.0:%u/hello", peer_port(peer))}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, DENIED, EGRESS_ADDRESS_REFUSED);
    fetch = (struct fetch){.request = {.url = url_of(arena, "/hello"), .is_private_allowed = true}};
    fetch_it(&fetch, strict, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
}

/* A connection made for a request that may go to private addresses is of no use to one that may not. */
static void test_kept_connections(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct fetch fetch = {.request = {.url = url_of(arena, "/kept"), .is_private_allowed = true}};
    fetch_it(&fetch, strict, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    fetch = (struct fetch){.request = {.url = url_of(arena, "/kept"), .timeout_ms = 1500}};
    fetch_it(&fetch, strict, arena);
    assert_fetch(fetch, DENIED, EGRESS_ADDRESS_REFUSED);
}

static void test_redirects(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct fetch fetch = {.request = {.url = url_of(arena, "/moved?to=/hello")}};
    fetch_it(&fetch, egress, arena);
    assert_int_equal(fetch.answer.status_code, 302); /* not asked to follow */
    assert_str(fetch.answer.location, "/hello");
    fetch = (struct fetch){.request = {.url = url_of(arena, "/twice"), .max_redirects = 3}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    assert_str(fetch.answer.body, "hello");
    fetch = (struct fetch){.request = {.url = url_of(arena, "/twice"), .max_redirects = 1}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, DENIED, EGRESS_TOO_MANY_REDIRECTS);
    fetch = (struct fetch){.request = {.url = url_of(arena, "/loop"), .max_redirects = 99}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, DENIED, EGRESS_TOO_MANY_REDIRECTS);
    fetch = (struct fetch){.request = {.url = url_of(arena, "/loop"), .max_redirects = 3, .method = "POST"}};
    fetch_it(&fetch, egress, arena);
    assert_int_equal(fetch.answer.status_code, 307); /* what changes things is not sent twice */
    static const char *const refused[] = {"file:///etc/passwd", "ftp://a.example/", "http://u:p@127.0.0.1/"};
    for (size_t i = 0; i < 3; i++) {
        struct str path = arena_print(arena, "/moved?to=%s", refused[i]);
        fetch = (struct fetch){.request = {.url = url_of(arena, path.at), .max_redirects = 3}};
        fetch_it(&fetch, egress, arena);
        assert_fetch(fetch, DENIED, EGRESS_REDIRECT_REFUSED);
    }
    /* Each hop's address is looked at. */
    fetch = (struct fetch){
        .request = {.url = url_of(arena, "/moved?to=http://169.254.169.254/"), .max_redirects = 3}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, DENIED, EGRESS_ADDRESS_REFUSED);
    /* From https back to http: never. */
    struct str down = arena_print(arena, "/moved?to=http://127.0.0.1:%u/hello", peer_port(peer));
    fetch = (struct fetch){.request = {.url = tls_url_of(arena, down.at), .max_redirects = 3}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, DENIED, EGRESS_REDIRECT_REFUSED);
    struct str up = arena_print(arena, "/moved?to=https://localhost:%u/hello", peer_port(tls_peer));
    fetch = (struct fetch){.request = {.url = url_of(arena, up.at), .max_redirects = 3}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
}

static void test_redirects_keep_secrets(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct egress_header headers[] = {{STR("Authorization"), STR("Bearer t")},
                                            {STR("X-Key"), STR("k")},
                                            {STR("Accept"), STR("text/plain")}};
    struct fetch fetch = {.request = {.url = url_of(arena, "/moved?to=/echo"),
                                      .headers = headers,
                                      .header_count = 3,
                                      .max_redirects = 3}};
    fetch_it(&fetch, egress, arena);
    assert_true(str_find(fetch.answer.body, STR("X-Key: k")) != STR_NOT_FOUND);
    struct str away = arena_print(arena, "/moved?to=http://127.0.0.1:%u/echo", peer_port(other_peer));
    fetch.request.url = url_of(arena, away.at);
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    assert_true(str_find(fetch.answer.body, STR("X-Key")) == STR_NOT_FOUND);
    assert_true(str_find(fetch.answer.body, STR("Authorization")) == STR_NOT_FOUND);
    assert_true(str_find(fetch.answer.body, STR("Accept: text/plain")) != STR_NOT_FOUND);
}

static void test_tls(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct fetch fetch = {.request = {.url = tls_url_of(arena, "/hello")}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, OK, EGRESS_FINE);
    fetch = (struct fetch){.request = {.url = tls_url_of(arena, "/hello"), .is_private_allowed = true}};
    fetch_it(&fetch, strict, arena); /* which does not trust that certificate */
    assert_fetch(fetch, UNAVAILABLE, EGRESS_TLS_FAILED);
    fetch = (struct fetch){
        .request = {.url = arena_print(arena, "https://127.0.0.2:%u/hello", peer_port(tls_peer))}};
    fetch_it(&fetch, egress, arena);
    assert_int_equal(fetch.status, UNAVAILABLE); /* nobody there; and the certificate is for another name */
    fetch =
        (struct fetch){.request = {.url = arena_print(arena, "https://127.0.0.1:%u/hello", peer_port(peer))}};
    fetch_it(&fetch, egress, arena);
    assert_fetch(fetch, UNAVAILABLE, EGRESS_TLS_FAILED); /* that one speaks no TLS */
}

static void test_environment_is_ignored(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct fetch fetch = {.request = {.url = url_of(arena, "/hello")}};
    fetch_it(&fetch, egress, arena);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_fetch(fetch, OK, EGRESS_FINE);
}

static void test_bad_options(void **state) {
    (void)state;
    struct egress *none;
    struct egress_options options = {.extra_ca_file = STR("/nonexistent/ca.pem")};
    assert_int_equal(egress_start(&options, &none), FAILED);
    assert_null(none);
}

/* ---- streams ---- */

struct reading {
    struct arena *arena;
    struct str url;
    struct str text;
    int64_t idle_timeout_ms;
    unsigned chunks;
    enum status status;
    enum egress_problem problem;
};

static void run_reading(void *argument) {
    struct reading *reading = argument;
    struct egress_request request = {.url = reading->url, .idle_timeout_ms = reading->idle_timeout_ms};
    struct egress_answer answer;
    struct egress_stream *stream;
    assert_int_equal(egress_open_wait(egress, &request, reading->arena, &answer, &stream), OK);
    assert_int_equal(answer.status_code, 200);
    for (;;) {
        struct str chunk;
        reading->status = egress_read_wait(stream, &chunk);
        if (reading->status != OK || chunk.len == 0)
            break;
        reading->text = arena_join(reading->arena, 2, (struct str[]){reading->text, chunk});
        reading->chunks++;
    }
    struct str chunk;
    assert_int_equal(egress_read_wait(stream, &chunk), reading->status); /* the end stays the end */
    reading->problem = egress_stream_problem(stream);
    egress_close(stream);
}

static void test_stream(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct reading reading = {.arena = arena, .url = url_of(arena, "/stream")};
    in_fiber(run_reading, &reading);
    assert_int_equal(reading.status, OK);
    assert_str(reading.text, "onetwothree");
    assert_true(reading.chunks >= 2);
    reading = (struct reading){.arena = arena, .url = url_of(arena, "/partial")};
    in_fiber(run_reading, &reading);
    assert_int_equal(reading.status, INVALID);
    assert_int_equal(reading.problem, EGRESS_PROTOCOL_ERROR);
    assert_str(reading.text, "short");
    reading = (struct reading){.arena = arena, .url = url_of(arena, "/stall"), .idle_timeout_ms = 100};
    in_fiber(run_reading, &reading);
    assert_int_equal(reading.status, TIMED_OUT);
    assert_str(reading.text, "first");
    reading = (struct reading){.arena = arena, .url = url_of(arena, "/endless")};
    in_fiber(run_reading, &reading);
    assert_int_equal(reading.status, TOO_LARGE);
}

static void run_slow_reader(void *argument) {
    struct arena *arena = argument;
    struct egress_request request = {.url = url_of(arena, "/endless"), .max_bytes = (size_t)1 << 40};
    struct egress_answer answer;
    struct egress_stream *stream;
    atomic_store(&flood_sent, 0);
    assert_int_equal(egress_open_wait(egress, &request, arena, &answer, &stream), OK);
    assert_int_equal(fiber_sleep_wait(300), OK);
    /* What fits into our queue and the sockets' buffers, and no more. */
    size_t sent = atomic_load(&flood_sent);
    assert_int_equal(fiber_sleep_wait(100), OK);
    assert_int_equal(atomic_load(&flood_sent), sent);
    size_t got = 0;
    while (got < sent + 1000000) { /* and then it goes on */
        struct str chunk;
        assert_int_equal(egress_read_wait(stream, &chunk), OK);
        assert_true(chunk.len > 0 && chunk.len <= 300 * 1024);
        got += chunk.len;
    }
    egress_close(stream);
}

static void wait_until_idle(void) {
    for (int i = 0; i < 200 && egress_count_active(egress) > 0; i++)
        assert_int_equal(fiber_sleep_wait(5), OK);
    assert_int_equal(egress_count_active(egress), 0);
}

static void run_slow_reader_and_wait(void *argument) {
    run_slow_reader(argument);
    wait_until_idle();
}

static void test_back_pressure(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    in_fiber(run_slow_reader_and_wait, arena);
}

/* ---- cancellation ---- */

static void run_endless_fetch(void *argument) {
    struct fetch *fetch = argument;
    struct egress_stream *stream = NULL;
    fetch->status = egress_open_wait(egress, &fetch->request, fetch->arena, &fetch->answer, &stream);
    while (fetch->status == OK) {
        struct str chunk;
        fetch->status = egress_read_wait(stream, &chunk);
    }
    egress_close(stream);
}

static void run_cancel(void *argument) {
    struct arena *arena = argument;
    static const char *const paths[] = {"/slow", "/stall"}; /* before the head, and in the body */
    for (size_t i = 0; i < 2; i++) {
        struct fetch fetch = {.arena = arena, .request = {.url = url_of(arena, paths[i])}};
        atomic_store(&saw_close, false);
        struct fiber *fiber = fiber_start(run_endless_fetch, &fetch, NULL);
        assert_int_equal(fiber_sleep_wait(100), OK);
        assert_int_equal(egress_count_active(egress), 1);
        fiber_cancel(fiber);
        int64_t before = clock_monotonic_us();
        wait_until_idle();
        assert_true(clock_monotonic_us() - before < 500000);
        assert_int_equal(fetch.status, CANCELED);
        for (int n = 0; n < 100 && !atomic_load(&saw_close); n++)
            assert_int_equal(fiber_sleep_wait(5), OK);
        assert_true(atomic_load(&saw_close)); /* the other side is told */
    }
}

static void test_cancel(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    in_fiber(run_cancel, arena);
}

/* ---- many at once, and the end ---- */

enum { MANY = 200 };

struct crowd {
    struct arena *arena;
    unsigned done;
    unsigned running;
    struct fiber *parent;
};

static void run_one_of_many(void *argument) {
    struct crowd *crowd = argument;
    crowd->running++;
    AUTO_ARENA arena = arena_new();
    struct egress_request request = {.url = url_of(arena, "/hello")};
    struct egress_answer answer;
    if (egress_fetch_wait(egress, &request, arena, &answer) == OK && str_equal(answer.body, STR("hello")))
        crowd->done++;
    if (--crowd->running == 0)
        fiber_wake(crowd->parent);
}

static void run_many(void *argument) {
    struct crowd *crowd = argument;
    crowd->parent = fiber_current();
    for (int i = 0; i < MANY; i++)
        fiber_start(run_one_of_many, crowd, NULL);
    while (crowd->running > 0)
        assert_int_equal(fiber_park_wait(), OK);
}

static void test_many(void **state) {
    (void)state;
    struct crowd crowd = {0};
    in_fiber(run_many, &crowd);
    assert_int_equal(crowd.done, MANY);
}

static void run_over_limit(void *argument) {
    struct fetch *fetches = argument;
    for (int i = 0; i < 2; i++)
        fiber_start(fetch_run_wait, &fetches[i], NULL);
    fiber_start(fetch_run_wait, &fetches[2], NULL);
    assert_int_equal(fiber_sleep_wait(100), OK);
    assert_fetch(fetches[2], UNAVAILABLE, EGRESS_BUSY);
}

/* The loop ends while requests are under way: their fibers are canceled, and all is cleaned up. */
static void test_limit_and_end(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct egress *small;
    struct egress_options options = {.is_private_allowed = true, .max_transfers = 2};
    assert_int_equal(egress_start(&options, &small), OK);
    struct fetch fetches[3];
    for (int i = 0; i < 3; i++)
        fetches[i] =
            (struct fetch){.arena = arena, .egress = small, .request = {.url = url_of(arena, "/slow")}};
    in_fiber(run_over_limit, fetches);
    assert_fetch(fetches[0], CANCELED, EGRESS_CANCELED);
    assert_fetch(fetches[1], CANCELED, EGRESS_CANCELED);
    egress_stop(small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_what_is_sent),
        cmocka_unit_test(test_what_cannot_be_sent),
        cmocka_unit_test(test_content_types),
        cmocka_unit_test(test_bad_peers),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_kept_connections),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_redirects_keep_secrets),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_environment_is_ignored),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_back_pressure),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_limit_and_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
