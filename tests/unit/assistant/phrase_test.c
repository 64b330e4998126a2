/* SPDX-License-Identifier: Apache-2.0 */
/* Words compared without case, diacritics and punctuation; triggers; shared words. */
#include "unit/unit.h"

#include "assistant/phrase.h"
#include "base/json.h"

#include <time.h>

static struct str words_of(struct arena *arena, const char *text) {
    struct phrase phrase = phrase_read(arena, str_from(text));
    struct str all = STR("");
    for (size_t i = 0; i < phrase.word_count; i++)
        all = arena_print(arena, "%.*s%s%.*s", STR_ARG(all), i ? " " : "", STR_ARG(phrase.words[i].folded));
    return all;
}

static void words_are_folded(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", ""},
        {"  ...  !? ", ""},
        {"What's my BALANCE?", "what s my balance"},
        {"whats my balance", "what my balance"},
        {"Cafés, naïve Ærø — Straße", "cafes naive ærø strasse"},
        {"e-mail; and/or (maybe)", "e mail and or maybe"},
        {"ΌΔΟΣ οδός", "οδοσ οδοσ"},
        {"Привет, МИР", "привет мир"},
        {"İstanbul", "istanbul"},
        {"ﬁne ①２", "fine 12"},
        {"你好吗", "你 好 吗"},
        {"営業時間は?", "営 業 時 間 は"},
        {"a\xFF"
         "b\xC3",
         "a b"},
        {"say \"two words\" now", "say two words now"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        assert_str(words_of(arena, cases[i].text), cases[i].words);
    }
}

static void triggers_match_what_is_meant(void **state) {
    (void)state;
    static const struct {
        const char *text, *trigger;
        unsigned score;
        const char *slots; /* "name=value;" */
    } cases[] = {
        {"What's my balance?", "what's my balance", 6, ""},
        {"what is my balance", "what's my balance", 6, ""},
        {"WHATS MY BALANCE!!", "what's my balance", 6, ""},
        {"so, tell me what is the balance of account 2002 please", "balance of account {account}", 7,
         "account=2002;"},
        {"show me the balance of account 2002", "balance of account {account}", 7, "account=2002;"},
        {"balance of account: AB-17/2.", "balance of account {account}", 7, "account=AB-17/2;"},
        {"balance of the account \"my savings\" now", "balance of account {account}", 7,
         "account=my savings;"},
        {"balance of account “Ölkonto 7”", "balance of account {account}", 7, "account=Ölkonto 7;"},
        {"balance of account", "balance of account {account}", 0, ""},
        {"balance of my account 2002", "balance of account {account}", 0, ""}, /* one after the other */
        {"pay 1,204.50 to ada@acme.example", "pay {amount} to {whom}", 6,
         "amount=1,204.50;whom=ada@acme.example;"},
        {"from a to b", "from {x} to {y}", 0, ""}, /* "a" says nothing */
        {"transfer 5 to 6", "transfer {a} {b}", 0 + 2 + 1 + 1, "a=5;b=to;"},
        {"my balances", "my balance", 0, ""},
        {"rebalance my portfolio", "balance", 0, ""},
        {"ou est le cafe", "où est le café", 8, ""},
        {"営業時間は何時ですか", "営業時間", 8, ""},
        {"the", "the", 0, ""}, /* nothing but a filler */
        {"", "my balance", 0, ""},
        {"my balance", "", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct phrase phrase = phrase_read(arena, str_from(cases[i].text));
        struct phrase_match match;
        struct phrase_trigger trigger = phrase_trigger_read(arena, str_from(cases[i].trigger));
        bool is_match = phrase_match(&phrase, &trigger, &match);
        struct str slots = STR("");
        for (size_t k = 0; k < match.slot_count; k++)
            slots = arena_print(arena, "%.*s%.*s=%.*s;", STR_ARG(slots), STR_ARG(match.slots[k].name),
                                STR_ARG(match.slots[k].value));
        if (is_match != (cases[i].score > 0) || match.score != cases[i].score)
            fail_msg("%s / %s: %u", cases[i].text, cases[i].trigger, match.score);
        assert_str(is_match ? slots : STR(""), cases[i].slots);
    }
}

static void shared_words_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned overlap, shared;
    } cases[] = {
        {"When do you open on Saturday?", 500, 1},
        {"opening hour", 1000, 2},
        {"your business hours", 1000, 2},
        {"are you there", 0, 0},
        {"", 0, 0},
        {"weather in Rome", 0, 0},
    };
    static const struct str texts[] = {STR_STATIC("business hours"), STR_STATIC("opening hours"),
                                       STR_STATIC("when are you open")};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct phrase phrase = phrase_read(arena, str_from(cases[i].text));
        unsigned shared = 0;
        struct phrase_subject subject = phrase_subject_read(arena, texts, 3);
        unsigned overlap = phrase_overlap(&phrase, &subject, &shared);
        if (overlap != cases[i].overlap || shared != cases[i].shared)
            fail_msg("%s: %u, %u", cases[i].text, overlap, shared);
    }
}

/* Whatever people (and those who are not) write: no crash, no word that is not UTF-8. */
static void naughty_strings_do_no_harm(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str text = read_whole_file(arena, TEST_VECTORS "/text/naughty-strings.json");
    json_auto_t *strings = json_loadb(text.at, text.len, 0, NULL);
    assert_true(json_array_size(strings) > 400);
    for (size_t i = 0; i < json_array_size(strings); i++) {
        struct str one = json_str(json_array_get(strings, i));
        struct phrase phrase = phrase_read(arena, one);
        for (size_t k = 0; k < phrase.word_count; k++)
            assert_true(str_is_utf8(phrase.words[k].folded) && phrase.words[k].token < phrase.token_count);
        struct phrase_match match;
        struct phrase_trigger other = phrase_trigger_read(arena, STR("{x} of {y}"));
        struct phrase_trigger same = phrase_trigger_read(arena, one);
        (void)phrase_match(&phrase, &other, &match);
        (void)phrase_match(&phrase, &same, &match);
    }
}

/* A front thread does nothing else meanwhile: neither words that are passed over nor words that nothing is
 * about may cost more than in proportion to their number. */
static void long_messages_are_looked_at_quickly(void **state) {
    (void)state;
    enum { BYTES = 32 * 1024, TRIGGERS = 1000, SUBJECTS = 200, MOST_S = 8 };
    AUTO_ARENA arena = arena_new();
    struct phrase_trigger *triggers = arena_alloc_array(arena, TRIGGERS, sizeof *triggers);
    struct phrase_subject *subjects = arena_alloc_array(arena, SUBJECTS, sizeof *subjects);
    for (size_t i = 0; i < TRIGGERS; i++) {
        struct str text = arena_print(arena, "opening hours of branch number%zu", i);
        triggers[i] = phrase_trigger_read(arena, text);
        if (i < SUBJECTS)
            subjects[i] = phrase_subject_read(arena, &text, 1);
    }
    static const char *const pairs[] = {"a ", "q "};
    clock_t began = clock();
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        char *text = arena_alloc(arena, BYTES);
        for (size_t i = 0; i < BYTES; i++)
            text[i] = pairs[k][i % 2];
        struct phrase phrase = phrase_read(arena, str_of(text, BYTES));
        struct phrase_match match;
        unsigned shared;
        for (size_t i = 0; i < TRIGGERS; i++)
            assert_false(phrase_match(&phrase, &triggers[i], &match));
        for (size_t i = 0; i < SUBJECTS; i++)
            assert_int_equal(phrase_overlap(&phrase, &subjects[i], &shared), 0);
    }
    assert_true((clock() - began) / CLOCKS_PER_SEC < MOST_S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_folded),
        cmocka_unit_test(triggers_match_what_is_meant),
        cmocka_unit_test(shared_words_are_counted),
        cmocka_unit_test(naughty_strings_do_no_harm),
        cmocka_unit_test(long_messages_are_looked_at_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
