/* SPDX-License-Identifier: Apache-2.0 */
/* Templates, and data that stays data: nothing in a tool's answer or a name becomes Markdown. */
#include "unit/unit.h"

#include "assistant/answer_template.h"
#include "assistant/markdown.h"
#include "base/json.h"

static json_t *json_of(const char *text) {
    AUTO_ARENA arena = arena_new();
    char *copy = arena_terminated(arena, str_from(text));
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *json = json_loads(copy, JSON_DECODE_ANY, NULL);
    if (!json)
        fail_msg("no JSON: %s", text);
    return json;
}

static void holes_are_filled(void **state) {
    (void)state;
    static const struct {
        const char *template, *result, *user, *text;
        unsigned filled;
    } cases[] = {
        {"Your balance is **{balance} {currency}**, {user.name}.", "{'balance':'1,204.50','currency':'€'}",
         "{'name':'Ada'}", "Your balance is **1,204.50 €**, Ada.", 2},
        {"Your balance is **{balance} {currency}**, {user.name}.", "{'balance':1204.5}", NULL,
         "Your balance is **1204.5**.", 1},
        {"Your balance is **{balance} {currency}**, {user.name}.", "{}", "{'name':'Ada'}",
         "Your balance is, Ada.", 0},
        {"Hello {user.name}!", "null", NULL, "Hello!", 0},
        {"{user.name}, your card is frozen.", "null", NULL, "your card is frozen.", 0},
        {"{user.name}, your card is frozen.", "null", "{'name':'Ada'}", "Ada, your card is frozen.", 0},
        {"{a.b.c} {a.d.1.e}", "{'a':{'b':{'c':1},'d':[0,{'e':'x'}]}}", NULL, "1 x", 2},
        {"{a.b}", "{'a.b':'whole','a':{'b':'path'}}", NULL, "whole", 1},
        {"{user.https://acme.example/tier}", "null", "{'https://acme.example/tier':'gold'}", "gold", 0},
        {"{user}", "{'user':'from the tool'}", "{'name':'Ada'}", "from the tool", 1},
        {"{user.name}", "{'user':{'name':'Mallory'}}", "{'name':'Ada'}", "Ada",
         0}, /* a tool does not say who the user is */
        {"{user.name}", "{'user':{'name':'Mallory'}}", NULL, "", 0},
        {"{on} and {off}", "{'on':true,'off':false}", NULL, "yes and no", 2},
        {"Tags: {tags}.", "{'tags':['a','b',3]}", NULL, "Tags: a, b, 3.", 1},
        {"Tags: {tags}.", "{'tags':[]}", NULL, "Tags:.", 0},
        {"{0}", "['first']", NULL, "first", 1},
        {"Braces { } {} {a b} {\"a\":1} stay", "{'a':1}", NULL, "Braces { } {} {a b} {\"a\":1} stay", 0},
        {"open {a", "{'a':1}", NULL, "open {a", 0},
        {"A list:\n{rows}\nThat is all.",
         "{'rows':[{'name':'x','bookedAt':'1|2','cents':5},{'name':'y','cents':-7}]}", NULL,
         "A list:\n\n| Name | Booked at | Cents |\n|---|---|---:|\n| x | 1\\|2 | 5 |\n| y |  | -7 |\n\nThat "
         "is all.",
         1},
        {"Rows: {rows} Done.", "{'rows':[{'a':1}]}", NULL, "Rows:\n\n| A |\n|---:|\n| 1 |\n\n Done.", 1},
        {"{it}", "{'it':{'account_id':'7','deep':{'x':1}}}", NULL,
         "| | |\n|---|---|\n| Account id | 7 |\n| Deep | … |", 1},
        {"", "{}", NULL, "", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        json_auto_t *result = json_of(cases[i].result);
        json_auto_t *user = cases[i].user ? json_of(cases[i].user) : NULL;
        unsigned filled = 0;
        struct str text = answer_template_fill(arena, str_from(cases[i].template), result, user, &filled);
        if (!str_equal(text, str_from(cases[i].text)) || filled != cases[i].filled)
            fail_msg("%s:\n%.*s\nfilled %u", cases[i].template, STR_ARG(text), filled);
    }
    assert_int_equal(answer_template_holes(STR("{a} {user.name} {b.c} {} {x")), 2);
}

static void data_stays_data(void **state) {
    (void)state;
    static const struct {
        const char *data, *text;
    } cases[] = {
        {"plain words, 1,204.50 € (net)", "plain words, 1,204.50 € (net)"},
        {"**bold** _it_ `code` ~~no~~", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\~\\~no\\~\\~"},
        {"[click](javascript:alert(1))", "\\[click\\](javascript:alert(1))"},
        {"![x](https://evil.example/p.png)", "\\!\\[x\\](https\\://evil.example/p.png)"},
        {"<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)\\>"},
        {"&lt;script&gt;", "\\&lt;script\\&gt;"},
        {"see https://evil.example or www.evil.example", "see https\\://evil.example or www\\.evil.example"},
        {"# heading", "\\# heading"},
        {"- item", "\\- item"},
        {"+ item", "\\+ item"},
        {"1. item", "1\\. item"},
        {"12) item", "12\\) item"},
        {"2024 was good.", "2024 was good."},
        {"a\n\n# b\r\n- c\tx", "a # b - c x"}, /* no second line to begin something */
        {"===", "\\==="},
        {"> quote", "\\> quote"},
        {"| a | b |", "\\| a \\| b \\|"},
        {"back\\slash", "back\\\\slash"},
        {"\x1b[31mred\x7f", "\\[31mred"},
        {"  spaced   out  ", "spaced out"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_BUFFER out = BUFFER_EMPTY;
        markdown_add_text(&out, str_from(cases[i].data));
        if (!str_equal(str_trim(buffer_text(&out)), str_from(cases[i].text)))
            fail_msg("%s:\n%.*s", cases[i].data, STR_ARG(buffer_text(&out)));
    }
}

static void names_are_data_too(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *user = json_of("{'name':'Ada**](https://evil.example)\\n# Owned'}");
    assert_str(answer_template_fill(arena, STR("Hi, {user.name}."), NULL, user, NULL),
               "Hi, Ada\\*\\*\\](https\\://evil.example) # Owned.");
}

static void lines_stay_lines(void **state) {
    (void)state;
    AUTO_BUFFER out = BUFFER_EMPTY;
    markdown_add_lines(&out, STR("one\n# two\n\n\n- three\r\n"));
    assert_str(buffer_text(&out), "one  \n\\# two\n\n\\- three");
}

static void long_things_are_cut(void **state) {
    (void)state;
    AUTO_BUFFER out = BUFFER_EMPTY;
    json_auto_t *rows = json_array();
    for (int i = 0; i < 200; i++)
        json_array_append_new(rows, json_pack("{s:i}", "n", i));
    markdown_add_block(&out, rows);
    assert_true(str_find(buffer_text(&out), STR("| 49 |")) != STR_NOT_FOUND);
    assert_true(str_find(buffer_text(&out), STR("| 50 |")) == STR_NOT_FOUND);
    assert_true(str_find(buffer_text(&out), STR("… and 150 more")) != STR_NOT_FOUND);

    buffer_clear(&out);
    json_auto_t *wide = json_array();
    json_array_append_new(wide, json_object());
    for (int i = 0; i < 20; i++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", i);
        json_object_set_new(json_array_get(wide, 0), name, json_integer(i));
    }
    markdown_add_block(&out, wide);
    assert_true(str_find(buffer_text(&out), STR("C7 |")) != STR_NOT_FOUND);
    assert_true(str_find(buffer_text(&out), STR("C8 |")) == STR_NOT_FOUND);

    buffer_clear(&out);
    json_auto_t *list = json_of("[[1,2],{'a':1},'x',null]");
    markdown_add_block(&out, list);
    assert_str(buffer_text(&out), "- 1, 2\n- …\n- x\n- …\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_are_filled),    cmocka_unit_test(data_stays_data),
        cmocka_unit_test(names_are_data_too),  cmocka_unit_test(lines_stay_lines),
        cmocka_unit_test(long_things_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
