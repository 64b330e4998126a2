/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors, conversations and messages. */
#include "base/clock.h"
#include "fixture.h"
#include "store/conversation.h"
#include "store/message.h"
#include "store/visitor.h"

#include <string.h>

static void visitors(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada, again, bob;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    assert_ok(
        store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &again));
    assert_text(again.id, ada.id);
    assert_text(again.subject, STR("ada"));
    assert_text(again.issuer, STR("acme"));
    /* The same `sub` of another issuer is another person. */
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("other"), STR("ada"), &bob));
    assert_false(str_equal(bob.id, ada.id));
    assert_int_equal(
        store_visitor_resolve_wait(f->store, f->arena, STR("env_none"), STR("acme"), STR("ada"), &again),
        NOT_FOUND);
    assert_int_equal(
        store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR(""), &again),
        INVALID);

    struct store_visitor one = fixture_begin_anonymous_wait(f, STR("hash-1")).visitor;
    struct store_visitor two = fixture_begin_anonymous_wait(f, STR("hash-2")).visitor;
    assert_ok(store_visitor_find_anonymous_wait(f->store, f->arena, f->environment, STR("hash-1"), &again));
    assert_text(again.id, one.id);
    assert_int_equal(again.subject.len, 0);
    assert_int_equal(
        store_visitor_find_anonymous_wait(f->store, f->arena, f->environment, STR("hash-3"), &again),
        NOT_FOUND);
    assert_int_equal(
        store_visitor_find_anonymous_wait(f->store, f->arena, STR("env_other"), STR("hash-1"), &again),
        NOT_FOUND);
    assert_ok(store_visitor_find_wait(f->store, f->arena, f->environment, two.id, &again));
    assert_int_equal(store_visitor_find_wait(f->store, f->arena, STR("env_other"), two.id, &again),
                     NOT_FOUND);
}

static struct str begin_wait(struct fixture *f, struct str visitor, struct str title) {
    struct store_conversation_draft draft = {.visitor = visitor, .title = title};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    assert_text(begun.conversation.visitor, visitor);
    return begun.conversation.id;
}

static FIBER struct store_message say_wait(struct fixture *f, struct str conversation, const char *text) {
    struct store_message_draft draft = {
        .role = STORE_VISITOR, .text = str_from(text), .state = STORE_ACCEPTED};
    struct store_message message;
    bool duplicate = true;
    assert_ok(store_message_append_wait(f->store, f->arena, f->environment, conversation, &draft, &message,
                                        &duplicate));
    assert_false(duplicate);
    return message;
}

static void a_conversation_begins_with_its_visitor_and_message(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_message_draft first = {.role = STORE_VISITOR, .text = STR("Hello"), .client_id = STR("c-1")};
    struct store_conversation_draft draft = {
        .resume_hash = STR("hash"), .title = STR("Hello"), .first = &first};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    assert_int_equal(begun.message.position, 1);
    assert_int_equal(begun.conversation.last_position, 1);
    struct store_visitor visitor;
    assert_ok(store_visitor_find_anonymous_wait(f->store, f->arena, f->environment, STR("hash"), &visitor));
    assert_text(visitor.id, begun.visitor.id);

    /* The same resume key again is refused, and nothing of the unit stays. */
    assert_int_equal(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun),
                     NOT_FOUND);
    struct store_conversation_draft foreign = {.visitor = STR("vis_none"), .first = &first};
    assert_int_equal(store_conversation_begin_wait(f->store, f->arena, f->environment, &foreign, &begun),
                     NOT_FOUND);
    struct store_conversations list;
    assert_ok(store_conversation_list_wait(f->store, f->arena, f->environment, visitor.id, NULL, 0, &list));
    assert_int_equal(list.count, 1);
}

static void conversations(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada, bob;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("bob"), &bob));
    struct str ids[5];
    for (int i = 0; i < 5; i++) {
        clock_hold_ms(1700000000000 + i / 2); /* pairs share their time: the id decides */
        ids[i] = begin_wait(f, ada.id, STR("One"));
    }
    clock_hold_ms(1700000001000);
    say_wait(f, ids[0], "to the top");
    clock_hold_ms(-1);

    struct store_conversations page;
    const struct store_conversation *after = NULL;
    size_t seen = 0;
    struct store_conversation last;
    do {
        assert_ok(store_conversation_list_wait(f->store, f->arena, f->environment, ada.id, after, 2, &page));
        for (size_t i = 0; i < page.count; i++) {
            if (seen + i == 0)
                assert_text(page.at[i].id, ids[0]);
            else if (i > 0)
                assert_true(page.at[i].updated_at <= page.at[i - 1].updated_at);
        }
        seen += page.count;
        if (page.count > 0) {
            last = page.at[page.count - 1];
            after = &last;
        }
    } while (page.count == 2);
    assert_int_equal(seen, 5);
    assert_ok(store_conversation_list_wait(f->store, f->arena, f->environment, bob.id, NULL, 0, &page));
    assert_int_equal(page.count, 0);

    struct store_conversation found;
    assert_ok(store_conversation_find_wait(f->store, f->arena, f->environment, ids[1], ada.id, &found));
    assert_int_equal(store_conversation_find_wait(f->store, f->arena, f->environment, ids[1], bob.id, &found),
                     NOT_FOUND);
    assert_int_equal(
        store_conversation_find_wait(f->store, f->arena, STR("env_other"), ids[1], ada.id, &found),
        NOT_FOUND);
    assert_ok(store_conversation_find_wait(f->store, f->arena, f->environment, ids[1], STR_NONE, &found));
    assert_text(found.title, STR("One"));
}

static void a_conversation_moves_once(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada, bob;
    struct store_conversation found;
    struct store_begun begun = fixture_begin_anonymous_wait(f, STR("hash"));
    struct store_visitor anonymous = begun.visitor;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("bob"), &bob));
    struct str id = begun.conversation.id;
    assert_int_equal(
        store_conversation_move_wait(f->store, f->arena, f->environment, id, anonymous.id, STR("vis_none")),
        NOT_FOUND);
    assert_ok(store_conversation_move_wait(f->store, f->arena, f->environment, id, anonymous.id, ada.id));
    assert_int_equal(
        store_conversation_move_wait(f->store, f->arena, f->environment, id, anonymous.id, bob.id),
        NOT_FOUND);
    assert_ok(store_conversation_find_wait(f->store, f->arena, f->environment, id, ada.id, &found));
    assert_int_equal(
        store_conversation_find_wait(f->store, f->arena, f->environment, id, anonymous.id, &found),
        NOT_FOUND);
}

static void messages_have_positions_without_gaps(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    struct str id = begin_wait(f, ada.id, STR_NONE);
    struct str other = begin_wait(f, ada.id, STR_NONE);
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(say_wait(f, id, "word").position, i);
        assert_int_equal(say_wait(f, other, "word").position, i);
    }
    struct store_messages list;
    assert_ok(store_message_list_after_wait(f->store, f->arena, f->environment, id, 2, 2, &list));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].position, 3);
    assert_ok(store_message_list_latest_wait(f->store, f->arena, f->environment, id, 0, 2, &list));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].position, 4);
    assert_int_equal(list.at[1].position, 5);
    assert_ok(store_message_list_latest_wait(f->store, f->arena, f->environment, id, 4, 0, &list));
    assert_int_equal(list.count, 1);
    assert_ok(store_message_list_after_wait(f->store, f->arena, STR("env_other"), id, 0, 0, &list));
    assert_int_equal(list.count, 0);
}

static void a_message_sent_twice_is_stored_once(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    struct str id = begin_wait(f, ada.id, STR_NONE);
    struct store_message_draft draft = {.role = STORE_VISITOR,
                                        .subject = STR("ada"),
                                        .issuer = STR("acme"),
                                        .text = STR("What is my balance?"),
                                        .parts = STR("{}"),
                                        .state = STORE_WAITING,
                                        .client_id = STR("client-1")};
    struct store_message first, second, third;
    bool duplicate = true;
    assert_ok(store_message_append_wait(f->store, f->arena, f->environment, id, &draft, &first, &duplicate));
    assert_false(duplicate);
    struct store_message_draft changed = draft;
    changed.text = STR("Something else");
    assert_ok(
        store_message_append_wait(f->store, f->arena, f->environment, id, &changed, &second, &duplicate));
    assert_true(duplicate);
    assert_text(second.id, first.id);
    assert_text(second.text, STR("What is my balance?"));
    assert_text(second.subject, STR("ada"));
    assert_text(second.issuer, STR("acme"));
    assert_text(second.parts, STR("{}"));
    assert_text(second.client_id, STR("client-1"));
    assert_int_equal(second.state, STORE_WAITING);
    assert_int_equal(second.position, 1);
    assert_int_equal(second.created_at, first.created_at);

    struct store_message_draft answer = {
        .role = STORE_ASSISTANT, .text = STR("12 €"), .state = STORE_ANSWERED, .answers = first.position};
    assert_ok(store_message_append_wait(f->store, f->arena, f->environment, id, &answer, &third, &duplicate));
    assert_int_equal(third.position, 2);
    struct store_messages list;
    assert_ok(store_message_list_after_wait(f->store, f->arena, f->environment, id, 0, 0, &list));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].state, STORE_ANSWERED);
    assert_int_equal(list.at[1].role, STORE_ASSISTANT);
    assert_int_equal(list.at[1].client_id.len, 0);

    assert_ok(store_message_set_state_wait(f->store, f->arena, f->environment, id, 1, STORE_FAILED));
    assert_int_equal(store_message_set_state_wait(f->store, f->arena, f->environment, id, 7, STORE_FAILED),
                     NOT_FOUND);
    /* In another conversation the same client id is another message. */
    struct str other = begin_wait(f, ada.id, STR_NONE);
    assert_ok(
        store_message_append_wait(f->store, f->arena, f->environment, other, &draft, &third, &duplicate));
    assert_false(duplicate);
    assert_int_equal(store_message_append_wait(f->store, f->arena, f->environment, STR("conv_x"), &draft,
                                               &third, &duplicate),
                     NOT_FOUND);
    draft.client_id = STR_NONE;
    assert_int_equal(store_message_append_wait(f->store, f->arena, f->environment, STR("conv_x"), &draft,
                                               &third, &duplicate),
                     NOT_FOUND);
}

static void a_question_and_its_answer_are_stored_together_or_not_at_all(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    struct str id = begin_wait(f, ada.id, STR_NONE);
    const struct store_message_draft question = {.visitor = ada.id,
                                                 .role = STORE_VISITOR,
                                                 .text = STR("When?"),
                                                 .state = STORE_ANSWERED,
                                                 .client_id = STR("client-1")};
    const struct store_message_draft answer = {
        .role = STORE_ASSISTANT, .text = STR("At 9."), .parts = STR("{}"), .state = STORE_ANSWERED};
    struct store_exchange stored;
    assert_ok(store_message_exchange_wait(f->store, f->arena, f->environment, id, &question, STR("msg_1"),
                                          &answer, &stored));
    assert_text(stored.question.id, STR("msg_1"));
    assert_int_equal(stored.question.position, 1);
    assert_int_equal(stored.answer.position, 2);
    assert_true(stored.answer.id.len > 0);

    /* The same again, another visitor, no such conversation: nothing of it is written. */
    assert_int_equal(store_message_exchange_wait(f->store, f->arena, f->environment, id, &question,
                                                 STR("msg_2"), &answer, &stored),
                     CONFLICT);
    struct store_message_draft foreign = question;
    foreign.visitor = STR("vis_other");
    foreign.client_id = STR("client-2");
    assert_int_equal(store_message_exchange_wait(f->store, f->arena, f->environment, id, &foreign,
                                                 STR("msg_3"), &answer, &stored),
                     CONFLICT);
    assert_int_equal(store_message_exchange_wait(f->store, f->arena, f->environment, STR("conv_x"), &question,
                                                 STR("msg_4"), &answer, &stored),
                     CONFLICT);
    struct store_messages list;
    assert_ok(store_message_list_after_wait(f->store, f->arena, f->environment, id, 0, 0, &list));
    assert_int_equal(list.count, 2);
    assert_text(list.at[0].text, STR("When?"));
    assert_int_equal(list.at[0].state, STORE_ANSWERED);
    assert_text(list.at[1].text, STR("At 9."));
    assert_int_equal(list.at[1].role, STORE_ASSISTANT);
    struct store_conversation found;
    assert_ok(store_conversation_find_wait(f->store, f->arena, f->environment, id, ada.id, &found));
    assert_int_equal(found.last_position, 2);
}

static void what_was_written_reads_back_to_the_byte(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), STR("ada"), &ada));
    struct str id = begin_wait(f, ada.id, STR_NONE);
    char *text = arena_alloc(f->arena, 300000);
    memset(text, 'x', 300000);
    memcpy(text + 1000, "\xF0\x9F\x97\x9D'\"\\\n\t;--", 11);
    struct store_message_draft draft = {.text = str_of(text, 300000)};
    struct store_message message;
    bool duplicate;
    assert_ok(
        store_message_append_wait(f->store, f->arena, f->environment, id, &draft, &message, &duplicate));
    struct store_messages list;
    assert_ok(store_message_list_after_wait(f->store, f->arena, f->environment, id, 0, 0, &list));
    assert_text(list.at[0].text, draft.text);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(visitors)
TEST(a_conversation_begins_with_its_visitor_and_message)
TEST(conversations)
TEST(a_conversation_moves_once)
TEST(messages_have_positions_without_gaps)
TEST(a_message_sent_twice_is_stored_once)
TEST(a_question_and_its_answer_are_stored_together_or_not_at_all)
TEST(what_was_written_reads_back_to_the_byte)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visitors),
        cmocka_unit_test(test_a_conversation_begins_with_its_visitor_and_message),
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_a_conversation_moves_once),
        cmocka_unit_test(test_messages_have_positions_without_gaps),
        cmocka_unit_test(test_a_message_sent_twice_is_stored_once),
        cmocka_unit_test(test_a_question_and_its_answer_are_stored_together_or_not_at_all),
        cmocka_unit_test(test_what_was_written_reads_back_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
