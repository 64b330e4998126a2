/* SPDX-License-Identifier: Apache-2.0 */
/* Tables on terminals of all widths, with all that a stored text may hold. */
#include "cli/table.h"
#include "cli/terminal.h"

#include "unit/unit.h"

static const struct table_column columns[] = {COLUMN("ID", "id"), COLUMN("TITLE", "title"),
                                              COLUMN_AS("COUNT", "count", cell_number), COLUMN_END};

static json_t *rows_with(const char *title) {
    return json_pack("[{s:s, s:s, s:i}, {s:s, s:s}]", "id", "a", "title", title, "count", 7, "id", "bb",
                     "title", "x");
}

static void assert_table(const char *title, unsigned width, const char *expected) {
    AUTO_ARENA arena = arena_new();
    json_auto_t *rows = rows_with(title);
    assert_str(table_text(arena, rows, columns, width), expected);
}

static void test_columns_are_as_wide_as_what_stands_in_them(void **state) {
    (void)state;
    assert_table("title", 0, "ID  TITLE  COUNT\na   title  7\nbb  x\n");
    assert_table("", 0, "ID  TITLE  COUNT\na          7\nbb  x\n");
    /* as a terminal counts: a letter of Chinese takes two columns, an accent that stands above one takes none
     */
    assert_table("中文", 0, "ID  TITLE  COUNT\na   中文   7\nbb  x\n");
    assert_table("e\u0301tat", 0, "ID  TITLE  COUNT\na   e\u0301tat   7\nbb  x\n");
}

static void test_what_is_too_wide_for_the_terminal_is_cut(void **state) {
    static const char fifty[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee";
    (void)state;
    assert_table(fifty, 0,
                 "ID  TITLE                                               COUNT\n"
                 "a   aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee  7\n"
                 "bb  x\n");
    assert_table(fifty, 61,
                 "ID  TITLE                                               COUNT\n"
                 "a   aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee  7\n"
                 "bb  x\n");
    assert_table(fifty, 60,
                 "ID  TITLE                                              COUNT\n"
                 "a   aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee…  7\n"
                 "bb  x\n");
    /* an id of forty letters is never cut, however narrow */
    assert_table(fifty, 20,
                 "ID  TITLE                                     COUNT\n"
                 "a   aaaaaaaaaabbbbbbbbbbccccccccccddddddddd…  7\n"
                 "bb  x\n");
    /* a letter of two columns of which one is left does not fit */
    assert_table("一二三四五六七八九十一二三四五六七八九十一二三", 20,
                 "ID  TITLE                                     COUNT\n"
                 "a   一二三四五六七八九十一二三四五六七八九…   7\n"
                 "bb  x\n");
}

static void test_text_does_nothing_to_the_terminal(void **state) {
    static const struct {
        const char *title, *shown, *json;
    } cases[] = {
        {"a\033[2J", "a?[2J", "a\\u001B[2J"},
        {"a\nb\tc\r", "a?b?c?", "a\\nb\\tc\\r"},
        {"\xc2\x9b"
         "31m\x7f",
         "??31m?", "\\u009b31m\\u007f"},
        {"\u202eevil\u202c", "???evil???", "\\u202eevil\\u202c"},
        {"\u2066x\u2069\u2028y\u2029", "???x??????y???", "\\u2066x\\u2069\\u2028y\\u2029"},
        {"שלום \u200f!", "שלום \u200f!", "שלום \u200f!"}, /* as people write */
    };
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_auto_t *json = json_string(cases[i].title);
        assert_str(terminal_harmless(arena, str_from(cases[i].title)), cases[i].shown);
        assert_str(terminal_harmless_json(arena, json_write(arena, json)),
                   arena_print(arena, "\"%s\"", cases[i].json).at);
    }
    assert_str(terminal_harmless(arena, STR("\xff\xfe")), "?");
    assert_str(terminal_harmless_lines(arena, STR("a\n\033b\xff")), "a\n?b?");
    /* at the very end, nothing is read behind it */
    assert_str(terminal_harmless_lines(arena, STR("\xe2\x80")), "??");
    assert_str(terminal_harmless_lines(arena, STR("\xc2")), "?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_as_wide_as_what_stands_in_them),
        cmocka_unit_test(test_what_is_too_wide_for_the_terminal_is_cut),
        cmocka_unit_test(test_text_does_nothing_to_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
