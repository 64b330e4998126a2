/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that lie, dawdle and never end: each must come to a problem of its own kind, in its time, and in
 * bounded memory. And URLs that spell an inward address in all the ways there are. */
#include "base/clock.h"
#include "egress/egress.h"
#include "fetch.h"
#include "unit/fibers.h"
#include "unit/peer.h"
#include "unit/unit.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* ---- the other side ---- */

/* What is sent once, and what after it again and again until the other side goes. */
static const struct answer {
    const char *path;
    struct str once;
    struct str again;
    int pause_ms; /* between */
    const char *word;
} answers[] = {
#define HEAD    "HTTP/1.1 200 OK\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
    /* chunks that lie (RFC 9112 section 7.1) */
    {"/chunk-of-all-memory", STR_STATIC(CHUNKED "FFFFFFFFFFFFFFFF\r\nx"), {0}, 0, "protocol-error"},
    {"/chunk-beyond-numbers", STR_STATIC(CHUNKED "1FFFFFFFFFFFFFFFFFFFF\r\nx"), {0}, 0, "protocol-error"},
    {"/chunk-negative", STR_STATIC(CHUNKED "-5\r\nhello\r\n0\r\n\r\n"), {0}, 0, "protocol-error"},
    {"/chunk-no-number", STR_STATIC(CHUNKED "zz\r\nhello\r\n0\r\n\r\n"), {0}, 0, "protocol-error"},
    {"/chunk-longer-than-said", STR_STATIC(CHUNKED "3\r\nhello\r\n0\r\n\r\n"), {0}, 0, "protocol-error"},
    {"/chunk-shorter-than-said", STR_STATIC(CHUNKED "9\r\nhello\r\n0\r\n\r\n"), {0}, 0, "protocol-error"},
    {"/chunks-cut-off", STR_STATIC(CHUNKED "5\r\nhello\r\n"), {0}, 0, "protocol-error"},
    {"/chunks-without-end", STR_STATIC(CHUNKED), STR_STATIC("1\r\nx\r\n"), 0, "too-large"},
    {"/trailers-without-end", STR_STATIC(CHUNKED "0\r\n"),
     STR_STATIC("X-More: and more and more and more\r\n"), 0, "protocol-error"},
    {"/chunk-extension-without-end", STR_STATIC(CHUNKED "5;"), STR_STATIC("extension-extension-extension"), 0,
     "timed-out"},
    /* lengths that lie */
    {"/two-lengths",
     STR_STATIC(HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
     {0},
     0,
     "protocol-error"},
    {"/length-negative", STR_STATIC(HEAD "Content-Length: -1\r\n\r\nhello"), {0}, 0, "protocol-error"},
    {"/length-beyond-numbers",
     STR_STATIC(HEAD "Content-Length: 99999999999999999999999\r\n\r\nhello"),
     {0},
     0,
     "too-large"},
    {"/length-of-all-memory",
     STR_STATIC(HEAD "Content-Length: 9223372036854775807\r\n\r\nhello"),
     {0},
     0,
     "too-large"},
    {"/same-length-twice",
     STR_STATIC(HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
     {0},
     0,
     "protocol-error"},
    {"/length-and-chunks",
     STR_STATIC(HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
     {0},
     0,
     "protocol-error"},
    {"/chunked-twice",
     STR_STATIC(HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
     {0},
     0,
     "protocol-error"},
    {"/packed-transfer",
     STR_STATIC(HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
     {0},
     0,
     "protocol-error"},
    {"/redirect-of-two-lengths",
     STR_STATIC(
         "HTTP/1.1 302 Found\r\nLocation: /bomb\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
     {0},
     0,
     "protocol-error"},
    /* heads */
    {"/one-endless-header", STR_STATIC(HEAD "X-Filler: "),
     STR_STATIC("0123456789012345678901234567890123456789"), 0, "protocol-error"},
    {"/endless-status-line", STR_STATIC("HTTP/1.1 200 "), STR_STATIC("OK and OK and OK and OK and OK and OK"),
     0, "protocol-error"},
    {"/no-http", STR_STATIC("220 mail.example ESMTP\r\n"), {0}, 0, "protocol-error"},
    {"/http-0.9", STR_STATIC("<html>hello</html>"), {0}, 0, "protocol-error"},
    {"/http-9", STR_STATIC("HTTP/9.9 200 OK\r\n\r\nhello"), {0}, 0, "protocol-error"},
    {"/nul-in-header",
     STR_STATIC(HEAD "X-A: a\0b\r\nContent-Length: 5\r\n\r\nhello"),
     {0},
     0,
     "protocol-error"},
    {"/switches-protocols",
     STR_STATIC("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
     {0},
     0,
     "protocol-error"},
    {"/interim-flood", STR_STATIC(""), STR_STATIC("HTTP/1.1 100 Continue\r\n\r\n"), 0, "protocol-error"},
    {"/says-nothing", STR_STATIC(""), {0}, 0, "protocol-error"},
    /* slowness: a byte now and then is not silence, but the time for everything ends */
    {"/slow-head", STR_STATIC(HEAD "X-Slow: "), STR_STATIC("s"), 40, "timed-out"},
    {"/slow-status-line", STR_STATIC("HTTP/1.1 2"), STR_STATIC("0"), 40, "timed-out"},
    {"/slow-body", STR_STATIC(HEAD "Content-Length: 60000\r\n\r\n"), STR_STATIC("s"), 40, "timed-out"},
    {"/slow-chunks", STR_STATIC(CHUNKED), STR_STATIC("1\r\ns\r\n"), 40, "timed-out"},
    {"/slow-interim", STR_STATIC(""), STR_STATIC("HTTP/1.1 103 Early Hints\r\n\r\n"), 40, "timed-out"},
};
enum { ANSWERS = sizeof answers / sizeof answers[0] };

static _Atomic size_t bomb_len;

/* Zeros behind zeros, as gzip would pack them: what matters is that nobody unpacks them. */
static void answer_bomb(struct peer_exchange *exchange) {
    static char packed[10240];
    static const char head[] = {0x1F, (char)0x8B, 8, 0, 0, 0, 0, 0, 0, 3};
    memcpy(packed, head, sizeof head);
    atomic_store(&bomb_len, sizeof packed);
    peer_answer(exchange, "200 OK", "Content-Type: application/json\r\nContent-Encoding: gzip, br, zstd\r\n",
                str_of(packed, sizeof packed));
}

static void handle(struct peer_exchange *exchange, void *user) {
    (void)user;
    if (str_equal(peer_path(exchange), STR("/bomb"))) {
        answer_bomb(exchange);
        return;
    }
    for (size_t i = 0; i < ANSWERS; i++) {
        const struct answer *answer = &answers[i];
        if (!str_equal(peer_path(exchange), str_from(answer->path)))
            continue;
        bool is_there = peer_write(exchange, answer->once);
        while (is_there && answer->again.len > 0)
            is_there = (answer->pause_ms == 0 || peer_pause(exchange, answer->pause_ms)) &&
                       peer_write(exchange, answer->again);
    }
}

/* ---- this side ---- */

static struct peer *peer;
static struct egress *relaxed;
static struct egress *strict;

static int set_up(void **state) {
    (void)state;
    peer = peer_start(handle, NULL, false);
    struct egress_options options = {.is_private_allowed = true};
    assert_int_equal(egress_start(&options, &relaxed), OK);
    options = (struct egress_options){0};
    assert_int_equal(egress_start(&options, &strict), OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    egress_stop(relaxed);
    egress_stop(strict);
    peer_stop(peer);
    return 0;
}

static long resident_kib(void) {
    char line[128] = "";
    FILE *statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    assert_non_null(fgets(line, sizeof line, statm));
    fclose(statm);
    struct str rest = str_from(line);
    struct str size = STR_NONE;
    struct str pages = STR_NONE;
    uint64_t resident = 0;
    assert_true(str_cut(&rest, ' ', &size) && str_cut(&rest, ' ', &pages));
    assert_int_equal(str_to_uint64(pages, &resident), OK);
    return (long)resident * (sysconf(_SC_PAGESIZE) / 1024);
}

enum { TIME_MS = 700, LATE_MS = 5000, MEMORY_KIB = 32 * 1024, BODY_MAX = 65536 };

static void test_hostile_answers(void **state) {
    (void)state;
    long before = resident_kib();
    unsigned failed = 0;
    for (size_t i = 0; i < ANSWERS; i++) {
        AUTO_ARENA arena = arena_new();
        int64_t begun = clock_monotonic_us();
        struct fetch fetch = {.egress = relaxed, .arena = arena};
        fetch.request = (struct egress_request){
            .url = arena_print(arena, "http://127.0.0.1:%u%s", peer_port(peer), answers[i].path),
            .timeout_ms = TIME_MS,
            .idle_timeout_ms = 300, /* what dawdles is never silent for so long */
            .max_redirects = 3,
            .max_bytes = BODY_MAX};
        in_fiber(fetch_run_wait, &fetch);
        int64_t took_ms = (clock_monotonic_us() - begun) / 1000;
        const char *word = egress_problem_word(fetch.answer.problem);
        bool is_expected = strcmp(word, answers[i].word) == 0;
        if (is_expected && took_ms < LATE_MS)
            continue;
        failed++;
        print_error("%s: %s, %s after %lld ms\n", answers[i].path, word, status_name(fetch.status),
                    (long long)took_ms);
    }
    assert_int_equal(failed, 0);
    if (getenv("UNIT_SMALL") == NULL)
        assert_in_range(resident_kib() - before, 0, MEMORY_KIB);
}

static void test_a_bomb_is_not_unpacked(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct fetch fetch = {.egress = relaxed, .arena = arena};
    fetch.request.url = arena_print(arena, "http://127.0.0.1:%u/bomb", peer_port(peer));
    in_fiber(fetch_run_wait, &fetch);
    assert_int_equal(fetch.status, OK);
    assert_int_equal(fetch.answer.body.len, atomic_load(&bomb_len));
}

/* Each leads to this machine or to a metadata service, if it is read at all. */
static void test_spellings(void **state) {
    (void)state;
    static const char *const hosts[] = {
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0X7F.1",
        "0177.0.0.1",
        "0177.0.0.0x1",
        "127.000.000.001",
        "00000177.1",
        "127.0.0.1.",
        "127.65535",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "0",
        "0.0.0.0",
        "0x0",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2002:7f00:0001::1]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[FD00:EC2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "100.100.100.200",
        "192.0.0.192",
        "169.254.170.2",
        "255.255.255.255",
        "224.0.0.1",
    };
    /* These are no addresses, or not spelled as we take them: they are never asked for. */
    static const char *const unread[] = {
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[::1%251]",
        "[v1.127.0.0.1]",
        "127.0.0.1%00.example",
        "127%2e0%2e0%2e1",
        "\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1",
        "[127.0.0.1]",
        "a@127.0.0.1",
        "a:b@127.0.0.1",
        "127.0.0.1\\@a.example",
        "[::1]x",
        "[::1",
        "a.example 127.0.0.1",
        "127.0.0.1\t",
        "127.0.0.1,a.example",
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct fetch fetch = {.egress = strict, .arena = arena};
        fetch.request = (struct egress_request){
            .url = arena_print(arena, "http://%s:%u/bomb", hosts[i], peer_port(peer)), .timeout_ms = 4000};
        in_fiber(fetch_run_wait, &fetch);
        const char *word = egress_problem_word(fetch.answer.problem);
        bool is_name = fetch.answer.problem == EGRESS_NAME_NOT_RESOLVED && strpbrk(hosts[i], "[:") == NULL;
        if (strcmp(word, "address-refused") != 0 && !is_name)
            fail_msg("%s: %s", hosts[i], word);
    }
    for (size_t i = 0; i < sizeof unread / sizeof unread[0]; i++) {
        struct fetch fetch = {.egress = relaxed, .arena = arena};
        fetch.request = (struct egress_request){
            .url = arena_print(arena, "http://%s:%u/bomb", unread[i], peer_port(peer)), .timeout_ms = 4000};
        in_fiber(fetch_run_wait, &fetch);
        if (fetch.answer.problem != EGRESS_BAD_REQUEST)
            fail_msg("%s: %s", unread[i], egress_problem_word(fetch.answer.problem));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_answers),
        cmocka_unit_test(test_a_bomb_is_not_unpacked),
        cmocka_unit_test(test_spellings),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
