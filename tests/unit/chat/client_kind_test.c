/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a User-Agent: the kind of program, in words of our own. */
#include "chat/client_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void kinds_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *agent, *text;
    } cases[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
         "Safari/537.36",
         "Chrome on Windows"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
         "Safari/537.36 Edg/140.0",
         "Edge on Windows"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.0 Safari/605.1.15",
         "Safari on macOS"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "CriOS/140.0 Mobile/15E148 Safari/604.1",
         "Chrome on iPhone"},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
         "Chrome/121.0 Mobile Safari/537.36",
         "Samsung Internet on Android"},
        {"curl/8.5.0", "another program"},
        {"Firefox/1", "Firefox"},
        {"<script>alert(1)</script>", "another program"},
        {"", "another program"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct str text = client_kind_text(arena, client_kind_of(str_from(cases[i].agent)));
        if (!str_equal(text, str_from(cases[i].text)))
            fail_msg("%s: %.*s", cases[i].agent, STR_ARG(text));
    }
    AUTO_ARENA arena = arena_new();
    assert_true(str_equal(client_kind_text(arena, client_kind_of(STR_NONE)), STR("another program")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_are_told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
