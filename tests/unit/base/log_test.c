/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"
#include "unit/unit.h"

#include <string.h>
#include <unistd.h>

/* What is written to standard error between the two calls, through a pipe. */
static int saved_stderr;
static int reading_end;

static void begin_capture(void) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(saved_stderr >= 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
    reading_end = ends[0];
}

static struct str end_capture(struct arena *arena) {
    assert_int_equal(dup2(saved_stderr, STDERR_FILENO), STDERR_FILENO);
    close(saved_stderr);
    char *text = arena_alloc(arena, 65536);
    size_t len = 0;
    for (;;) {
        ssize_t got = read(reading_end, text + len, 65536 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    close(reading_end);
    return str_of(text, len);
}

static void test_a_line(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    clock_hold_ms(1700000000007);
    begin_capture();
    log_event(LOG_INFO, "listening", LOG_STR("address", STR("127.0.0.1:8080")), LOG_INT("threads", 2),
              LOG_STR("nothing", STR_NONE), LOG_INT("least", INT64_MIN));
    log_event(LOG_ERROR, "plain");
    log_event(LOG_DEBUG, "unseen");
    struct str text = end_capture(arena);
    clock_hold_ms(-1);
    assert_str(
        text,
        "{\"time\":\"2023-11-14T22:13:20.007Z\",\"level\":\"info\",\"event\":\"listening\","
        "\"address\":\"127.0.0.1:8080\",\"threads\":2,\"nothing\":null,\"least\":-9223372036854775808}\n"
        "{\"time\":\"2023-11-14T22:13:20.007Z\",\"level\":\"error\",\"event\":\"plain\"}\n");
}

static void test_hostile_text(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char hostile[256];
    for (size_t i = 0; i < sizeof hostile; i++)
        hostile[i] = (char)i;
    char *long_text = arena_alloc(arena, 100000);
    memset(long_text, 'x', 100000);
    begin_capture();
    log_event(LOG_WARNING, "hostile", LOG_STR("bytes", str_of(hostile, sizeof hostile)),
              LOG_STR("line", STR("a\n{\"level\":\"info\"}\r\n\"\\")), LOG_STR("euro", STR("\xE2\x82\xAC")),
              LOG_STR("long", str_of(long_text, 100000)));
    struct str text = end_capture(arena);
    assert_true(text.len < 4096);
    assert_int_equal(str_find_byte(text, '\n'), text.len - 1); /* one line, whatever stands in it */
    json_t *line;
    assert_int_equal(json_read(str_trim(text), 2, &line, NULL), INVALID); /* NUL, which json_read refuses */
    json_error_t error;
    line = json_loadb(text.at, text.len, JSON_ALLOW_NUL, &error);
    assert_non_null(line);
    assert_str(json_get_str(line, "line"), "a\n{\"level\":\"info\"}\r\n\"\\");
    assert_str(json_get_str(line, "euro"), "\xE2\x82\xAC");
    assert_true(str_is_utf8(json_get_str(line, "bytes")));
    assert_true(str_ends_with(json_get_str(line, "long"), STR("x…")));
    json_decref(line);
}

static void test_level(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    begin_capture();
    log_set_level(LOG_ERROR);
    log_event(LOG_WARNING, "unseen");
    log_set_level(LOG_DEBUG);
    log_event(LOG_DEBUG, "seen");
    log_set_level(LOG_INFO);
    struct str text = end_capture(arena);
    assert_true(str_find(text, STR("\"unseen\"")) == STR_NOT_FOUND);
    assert_true(str_find(text, STR("\"seen\"")) != STR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
