/* SPDX-License-Identifier: Apache-2.0 */
/* What administrators see of visitors, who is signed out, what is erased, what was counted. */
#include "base/clock.h"
#include "fixture.h"
#include "store/audit.h"
#include "store/conversation.h"
#include "store/conversation_seen.h"
#include "store/erasure.h"
#include "store/figures.h"
#include "store/load.h"
#include "store/message.h"
#include "store/prune.h"
#include "store/revocation.h"
#include "store/unit.h"
#include "store/visitor.h"
#include "store/visitor_seen.h"
#include "store/visitor_session.h"

static FIBER struct store_visitor verified_wait(struct fixture *f, const char *subject, const char *name,
                                                const char *email) {
    struct store_visitor visitor;
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), str_from(subject),
                                         &visitor));
    assert_ok(store_visitor_note_wait(f->store, f->arena, f->environment, visitor.id, str_from(name),
                                      str_from(email), clock_now_ms()));
    return visitor;
}

static FIBER struct store_conversation conversation_wait(struct fixture *f, struct str visitor,
                                                         const char *title, int messages) {
    struct store_begun begun;
    const struct store_conversation_draft draft = {.visitor = visitor, .title = str_from(title)};
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    assert_ok(store_conversation_note_title_wait(f->store, f->arena, f->environment, begun.conversation.id,
                                                 str_from(title)));
    for (int i = 0; i < messages; i++) {
        struct store_message message;
        bool is_duplicate;
        const struct store_message_draft said = {.role = STORE_VISITOR, .text = STR("hello")};
        assert_ok(store_message_append_wait(f->store, f->arena, f->environment, begun.conversation.id, &said,
                                            &message, &is_duplicate));
    }
    return begun.conversation;
}

/* ---- visitors ---- */

static FIBER struct store_visitors_seen list_wait(struct fixture *f, struct store_seen_filter filter) {
    struct store_visitors_seen list;
    filter.environment = f->environment;
    assert_ok(store_visitor_seen_list_wait(f->store, f->arena, &filter, &list));
    return list;
}

static FIBER void assert_found(struct fixture *f, const char *search, size_t count) {
    struct store_visitors_seen list =
        list_wait(f, (struct store_seen_filter){.search = str_from(search), .limit = 50});
    if (list.count != count)
        fail_msg("%s finds %zu, not %zu", search, list.count, count);
}

static void visitors_are_listed_by_kind_and_found_by_words(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada =
        verified_wait(f, "auth0|Ada", "Ada King, Countess of Lovelace", "ada@acme.example");
    verified_wait(f, "u-2", "Zoë Ångström", "zoe@acme.example");
    struct store_visitor anonymous = fixture_begin_anonymous_wait(f, STR("hash")).visitor;
    assert_int_equal(list_wait(f, (struct store_seen_filter){.limit = 50}).count, 3);
    assert_int_equal(
        list_wait(f, (struct store_seen_filter){.kind = STORE_VISITORS_VERIFIED, .limit = 50}).count, 2);
    struct store_visitors_seen nobody =
        list_wait(f, (struct store_seen_filter){.kind = STORE_VISITORS_ANONYMOUS, .limit = 50});
    assert_int_equal(nobody.count, 1);
    assert_text(nobody.at[0].visitor.id, anonymous.id);
    assert_found(f, "ada", 1);
    assert_found(f, "AUTH0|a", 1);
    assert_found(f, "lovel", 1);
    assert_found(f, "countess  of", 1);
    assert_found(f, "angstrom", 1);
    assert_found(f, "zoe", 1); /* name and address: once */
    assert_found(f, "acme", 0);
    assert_found(f, "%", 0);
    assert_found(f, "\xff", 0);
    assert_found(f, "lovelace of", 0);
    /* Another name: found by that alone. */
    verified_wait(f, "auth0|Ada", "Augusta", "ada@acme.example");
    assert_found(f, "lovel", 0);
    assert_found(f, "augus", 1);
    struct store_visitor_seen seen;
    assert_ok(store_visitor_seen_find_wait(f->store, f->arena, f->environment, ada.id, &seen));
    assert_text(seen.name, STR("Augusta"));
    assert_int_equal(store_visitor_seen_find_wait(f->store, f->arena, STR("env_other"), ada.id, &seen),
                     NOT_FOUND);
}

static void pages_hold_each_visitor_once(struct fixture *f) {
    fixture_environment_wait(f);
    for (int i = 0; i < 25; i++) {
        AUTO_ARENA arena = arena_new();
        verified_wait(f, arena_print(arena, "user-%02d", i).at, arena_print(arena, "User Number%d", i).at,
                      arena_print(arena, "user%d@acme.example", i).at);
    }
    static const char *const searches[] = {"", "user", "u", "numb"};
    for (size_t k = 0; k < 4; k++) {
        struct store_seen_filter filter = {.search = str_from(searches[k]), .limit = 7};
        struct str seen[40];
        size_t count = 0;
        do {
            struct store_visitors_seen list = list_wait(f, filter);
            for (size_t i = 0; i < list.count; i++) {
                for (size_t j = 0; j < count; j++)
                    assert_false(str_equal(seen[j], list.at[i].visitor.id));
                seen[count++] = list.at[i].visitor.id;
            }
            filter.after = list.next;
        } while (!str_is_empty(filter.after));
        assert_int_equal(count, 25);
    }
    struct store_visitors_seen list;
    const struct store_seen_filter wrong = {
        .environment = f->environment, .search = STR("u"), .after = STR("nonsense"), .limit = 7};
    assert_int_equal(store_visitor_seen_list_wait(f->store, f->arena, &wrong, &list), INVALID);
}

/* ---- conversations ---- */

static FIBER size_t conversations_wait(struct fixture *f, const char *search, struct str visitor) {
    struct store_conversations_seen list;
    struct store_seen_filter filter = {
        .environment = f->environment, .search = str_from(search), .visitor = visitor, .limit = 2};
    size_t count = 0;
    do {
        assert_ok(store_conversation_seen_list_wait(f->store, f->arena, &filter, &list));
        count += list.count;
        filter.after = list.next;
    } while (!str_is_empty(filter.after));
    return count;
}

static void conversations_are_listed_and_found(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "");
    struct store_visitor bob = verified_wait(f, "bob", "Bob", "");
    conversation_wait(f, ada.id, "Where is my order?", 1);
    conversation_wait(f, ada.id, "Order a new card", 2);
    conversation_wait(f, ada.id, "", 0);
    conversation_wait(f, bob.id, "order order ordering", 3);
    assert_int_equal(conversations_wait(f, "", STR_NONE), 4);
    assert_int_equal(conversations_wait(f, "", ada.id), 3);
    assert_int_equal(conversations_wait(f, "ORD", STR_NONE), 3);
    assert_int_equal(conversations_wait(f, "order", ada.id), 2);
    assert_int_equal(conversations_wait(f, "my order", STR_NONE), 1);
    assert_int_equal(conversations_wait(f, "rder", STR_NONE), 0);
    struct store_conversations_seen list;
    const struct store_seen_filter filter = {
        .environment = f->environment, .search = STR("where"), .limit = 5};
    assert_ok(store_conversation_seen_list_wait(f->store, f->arena, &filter, &list));
    assert_int_equal(list.count, 1);
    assert_text(list.at[0].subject, STR("ada"));
    assert_text(list.at[0].name, STR("Ada"));
    assert_int_equal(list.at[0].conversation.last_position, 1);
}

/* ---- sessions and revocations ---- */

static struct store_session session_of(struct fixture *f, const struct store_visitor *visitor,
                                       const char *id) {
    int64_t now = clock_now_ms();
    return (struct store_session){.id = str_from(id),
                                  .environment = f->environment,
                                  .visitor = visitor->id,
                                  .issuer = STR("acme"),
                                  .token = STR("jti-1"),
                                  .token_ends_at = now + 60000,
                                  .provider_session = STR("sid-1"),
                                  .client = STR("Firefox on Linux"),
                                  .started_at = now,
                                  .seen_at = now};
}

static FIBER bool is_marked(struct fixture *f, struct str mark) {
    struct store_revocations found;
    const struct str marks[3] = {mark, STR_NONE, STR_NONE};
    assert_ok(store_revocation_find_wait(f->store, f->arena, f->environment, marks, &found));
    return found.count == 1;
}

static FIBER size_t sessions_wait(struct fixture *f, struct store_seen_filter filter) {
    struct store_sessions list;
    filter.environment = f->environment;
    filter.limit = 50;
    assert_ok(store_session_list_wait(f->store, f->arena, &filter, &list));
    return list.count;
}

static void sessions_are_noted_and_revoked(struct fixture *f) {
    fixture_environment_wait(f);
    int64_t now = clock_now_ms();
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "");
    struct store_session one = session_of(f, &ada, "ses_1");
    struct store_session two = session_of(f, &ada, "ses_2");
    two.token = STR("jti-2");
    two.provider_session = STR_NONE;
    assert_ok(store_session_note_wait(f->store, f->arena, &one));
    assert_ok(store_session_note_wait(f->store, f->arena, &two));
    one.ended_at = now + 1;
    assert_ok(store_session_note_wait(f->store, f->arena, &one));
    assert_int_equal(sessions_wait(f, (struct store_seen_filter){0}), 2);
    assert_int_equal(sessions_wait(f, (struct store_seen_filter){.open_since = now - 1000}), 1);
    assert_int_equal(sessions_wait(f, (struct store_seen_filter){.open_since = now + 1000}), 0);
    assert_int_equal(sessions_wait(f, (struct store_seen_filter){.visitor = ada.id}), 2);
    assert_int_equal(
        sessions_wait(f, (struct store_seen_filter){.visitor = ada.id, .open_since = now - 1000}), 1);
    int64_t revoked_at;
    assert_ok(store_session_find_wait(f->store, f->arena, f->environment, STR("ses_1"), &one));
    assert_text(one.client, STR("Firefox on Linux"));
    assert_text(one.subject, STR("ada"));
    assert_ok(store_session_revoke_wait(f->store, f->arena, &one, NULL, &revoked_at));
    assert_true(is_marked(f, store_mark_token(f->arena, STR("jti-1"))));
    assert_true(is_marked(f, store_mark_session(f->arena, STR("acme"), STR("sid-1"))));
    assert_false(is_marked(f, store_mark_session(f->arena, STR("other"), STR("sid-1"))));
    assert_false(is_marked(f, store_mark_token(f->arena, STR("jti-2"))));
    /* The marks of tokens that have ended go. */
    assert_ok(store_people_prune_wait(f->store, now + 120000));
    assert_false(is_marked(f, store_mark_token(f->arena, STR("jti-1"))));
    assert_true(is_marked(f, store_mark_session(f->arena, STR("acme"), STR("sid-1"))));
}

static void a_visitor_is_revoked_and_restored(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "");
    struct store_session one = session_of(f, &ada, "ses_1");
    assert_ok(store_session_note_wait(f->store, f->arena, &one));
    int64_t revoked_at;
    int64_t sessions;
    assert_ok(store_visitor_revoke_wait(f->store, f->arena, &ada, clock_now_ms() - 1000, NULL, &revoked_at,
                                        &sessions));
    assert_int_equal(sessions, 1);
    struct store_visitor_seen seen;
    assert_ok(store_visitor_seen_find_wait(f->store, f->arena, f->environment, ada.id, &seen));
    assert_int_equal(seen.revoked_at, revoked_at);
    struct store_loaded loaded;
    assert_ok(store_load_by_id_wait(f->store, f->arena, f->environment, &loaded));
    assert_int_equal(loaded.revocations.count, 1);
    assert_text(loaded.revocations.at[0].mark, store_mark_subject(f->arena, STR("acme"), STR("ada")));
    assert_int_equal(loaded.revocations.at[0].revoked_at, revoked_at);
    assert_false(loaded.revocations.has_more);
    assert_ok(store_visitor_restore_wait(f->store, f->arena, &ada, NULL));
    assert_false(is_marked(f, store_mark_subject(f->arena, STR("acme"), STR("ada"))));
    assert_ok(store_visitor_seen_find_wait(f->store, f->arena, f->environment, ada.id, &seen));
    assert_int_equal(seen.revoked_at, 0);
}

/* ---- erasing ---- */

static FIBER void audit_wait(struct fixture *f, struct str visitor, const char *subject, const char *issuer) {
    const struct store_audit event = {.environment = f->environment,
                                      .action = STR("tool.call"),
                                      .visitor = visitor,
                                      .subject = str_from(subject),
                                      .issuer = str_from(issuer),
                                      .values = STR("{\"account\":\"1001\"}"),
                                      .token = STR("jti"),
                                      .acting_for = STR("{\"sub\":\"agent\"}"),
                                      .outcome = STR("allowed")};
    assert_ok(store_audit_append_wait(f->store, f->arena, &event));
}

static FIBER void assert_nothing_is_left(struct fixture *f, const struct store_visitor *visitor,
                                         size_t nameless) {
    struct store_visitor found;
    struct store_audits audits;
    assert_int_equal(store_visitor_find_wait(f->store, f->arena, f->environment, visitor->id, &found),
                     NOT_FOUND);
    assert_int_equal(conversations_wait(f, "", visitor->id), 0);
    assert_int_equal(conversations_wait(f, "secret", STR_NONE), 0);
    assert_int_equal(sessions_wait(f, (struct store_seen_filter){.visitor = visitor->id}), 0);
    assert_found(f, "ada", 0);
    const struct store_audit_filter all = {.environment = f->environment};
    assert_ok(store_audit_list_wait(f->store, f->arena, &all, &audits));
    size_t count = 0;
    for (size_t i = 0; i < audits.count; i++) {
        const struct store_audit *row = &audits.at[i];
        bool is_nameless = str_starts_with(row->subject, STR("erased_"));
        count += is_nameless;
        assert_false(str_equal(row->subject, STR("ada")) && str_equal(row->issuer, STR("acme")));
        assert_false(str_equal(row->visitor, visitor->id));
        if (is_nameless)
            assert_int_equal(row->values.len + row->token.len + row->acting_for.len, 0);
    }
    assert_int_equal(count, nameless);
}

static void a_visitor_is_erased_with_all_that_they_said(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "ada@acme.example");
    struct store_visitor bob = verified_wait(f, "bob", "Bob", "");
    struct store_session one = session_of(f, &ada, "ses_1");
    struct store_erased erased;
    assert_ok(store_session_note_wait(f->store, f->arena, &one));
    conversation_wait(f, ada.id, "my secret", 3);
    conversation_wait(f, ada.id, "another secret", 0);
    conversation_wait(f, bob.id, "his", 1);
    audit_wait(f, ada.id, "ada", "acme");
    audit_wait(f, STR_NONE, "ada", "acme"); /* before they had talked */
    audit_wait(f, STR_NONE, "ada", "other");
    audit_wait(f, bob.id, "bob", "acme");
    assert_ok(store_visitor_erase_wait(f->store, f->arena, &ada, NULL, &erased));
    assert_int_equal(erased.conversations, 2);
    assert_int_equal(erased.messages, 3);
    assert_int_equal(erased.sessions, 1);
    assert_int_equal(erased.audit_rows, 2);
    assert_nothing_is_left(f, &ada, 2);
    assert_int_equal(conversations_wait(f, "", bob.id), 1);
    assert_true(is_marked(f, store_mark_subject(f->arena, STR("acme"), STR("ada"))));
    /* What is noted late of somebody who is gone is not kept. */
    assert_ok(store_session_note_wait(f->store, f->arena, &one));
    assert_ok(store_visitor_note_seen_wait(f->store, f->arena, f->environment, ada.id, 1));
    assert_int_equal(
        store_visitor_note_wait(f->store, f->arena, f->environment, ada.id, STR("Ada"), STR_NONE, 1),
        NOT_FOUND);
    assert_nothing_is_left(f, &ada, 2);
    assert_int_equal(store_visitor_erase_wait(f->store, f->arena, &ada, NULL, &erased), NOT_FOUND);
    /* A token that does not say when it was issued is not refused for ever: nobody could undo that. */
    assert_ok(store_people_prune_wait(f->store, clock_now_ms() + 29LL * 24 * 60 * 60 * 1000));
    assert_true(is_marked(f, store_mark_subject(f->arena, STR("acme"), STR("ada"))));
    assert_ok(store_people_prune_wait(f->store, clock_now_ms() + 31LL * 24 * 60 * 60 * 1000));
    assert_false(is_marked(f, store_mark_subject(f->arena, STR("acme"), STR("ada"))));
}

/* As a process leaves it that ends right after the beginning. */
static void an_erasure_that_was_left_is_finished(struct fixture *f) {
    fixture_environment_wait(f);
    size_t finished;
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "ada@acme.example");
    conversation_wait(f, ada.id, "my secret", 450); /* several pieces */
    audit_wait(f, ada.id, "ada", "acme");
    AUTO_UNIT unit = unit_new(f->store);
    unit_add(unit, ERASURE_INSERT, ONE_ELSE_NOT_FOUND, value_text(f->environment), value_text(ada.id),
             value_text(STR("erased_1")), value_number(1000));
    assert_ok(unit_write_wait(&unit));
    assert_ok(store_erasure_resume_wait(f->store, 1000, &finished));
    assert_int_equal(finished, 0);
    assert_ok(store_erasure_resume_wait(f->store, 1001, &finished));
    assert_int_equal(finished, 1);
    assert_nothing_is_left(f, &ada, 1);
    assert_ok(store_erasure_resume_wait(f->store, INT64_MAX, &finished));
    assert_int_equal(finished, 0);
}

/* A tool that was called before answers when all is done; meanwhile they have come back. */
static void what_is_logged_behind_an_erasure_is_made_nameless(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "");
    struct store_erased erased;
    size_t finished;
    assert_ok(store_visitor_erase_wait(f->store, f->arena, &ada, NULL, &erased));
    struct store_visitor again = verified_wait(f, "ada", "Ada", "");
    audit_wait(f, ada.id, "ada", "acme");
    audit_wait(f, again.id, "ada", "acme");
    assert_ok(store_erasure_resume_wait(f->store, INT64_MAX, &finished));
    assert_int_equal(finished, 1);
    struct store_audits audits;
    const struct store_audit_filter late = {.environment = f->environment, .visitor = ada.id};
    const struct store_audit_filter named = {.environment = f->environment, .subject = STR("ada")};
    assert_ok(store_audit_list_wait(f->store, f->arena, &late, &audits));
    assert_int_equal(audits.count, 0);
    assert_ok(store_audit_list_wait(f->store, f->arena, &named, &audits));
    assert_int_equal(audits.count, 1);
    assert_true(str_equal(audits.at[0].visitor, again.id));
    assert_ok(store_erasure_resume_wait(f->store, INT64_MAX, &finished));
    assert_int_equal(finished, 0);
}

/* As another server leaves it that was noting something while the visitor's row went. */
static void what_was_noted_beside_an_erasure_goes_with_it(struct fixture *f) {
    fixture_environment_wait(f);
    size_t finished;
    struct store_visitor ada = verified_wait(f, "ada", "Ada", "ada@acme.example");
    struct store_session one = session_of(f, &ada, "ses_1");
    assert_ok(store_session_note_wait(f->store, f->arena, &one));
    AUTO_UNIT unit = unit_new(f->store);
    unit_add(unit, ERASURE_INSERT, ONE_ELSE_NOT_FOUND, value_text(f->environment), value_text(ada.id),
             value_text(STR("erased_1")), value_number(1000));
    unit_add(unit, ERASE_VISITOR, ONE_ELSE_NOT_FOUND, value_text(f->environment), value_text(ada.id));
    assert_ok(unit_write_wait(&unit));
    assert_ok(store_erasure_resume_wait(f->store, 1001, &finished));
    assert_int_equal(finished, 1);
    AUTO_UNIT rest = unit_new(f->store);
    unit_add(rest, ERASE_PROFILE, ANY, value_text(f->environment), value_text(ada.id));
    unit_add(rest, SEARCH_WORDS_DELETE, ANY, value_text(f->environment), value_text(STR("visitor")),
             value_text(ada.id));
    unit_add(rest, ERASE_SESSIONS, ANY, value_text(f->environment), value_text(ada.id));
    assert_ok(unit_write_wait(&rest));
    for (unsigned i = 0; i < rest->step_count; i++)
        assert_int_equal(rest->steps[i].touched, 0);
}

/* ---- figures ---- */

static FIBER int64_t sum_wait(struct fixture *f, int64_t step, int64_t from, int64_t until, size_t *rows) {
    struct store_figures figures;
    int64_t sum = 0;
    assert_ok(store_figures_list_wait(f->store, f->arena, f->environment, step, from, until, &figures));
    for (size_t i = 0; i < figures.count; i++)
        sum += figures.at[i].counted;
    *rows = figures.count;
    return sum;
}

static void figures_add_up_in_all_steps(struct fixture *f) {
    fixture_environment_wait(f);
    enum { HOUR = 3600 * 1000 };
    int64_t at = 1700000000000LL / HOUR * HOUR;
    struct store_figure figures[30];
    for (int i = 0; i < 30; i++)
        figures[i] = (struct store_figure){f->environment,
                                           at + i * 300000LL,
                                           STR("messages"),
                                           i % 2 == 0 ? STR("verified") : STR("anonymous"),
                                           10,
                                           5};
    size_t rows;
    for (int round = 0; round < 2; round++) {
        size_t done = 0;
        assert_ok(store_figures_add_wait(f->store, figures, 30, &done));
        assert_int_equal(done, 30);
    }
    assert_int_equal(sum_wait(f, STORE_STEP_MINUTES, 0, INT64_MAX, &rows), 600);
    assert_int_equal(rows, 30);
    assert_int_equal(sum_wait(f, STORE_STEP_HOUR, 0, INT64_MAX, &rows), 600);
    assert_int_equal(rows, 6);
    assert_int_equal(sum_wait(f, STORE_STEP_HOUR, at, at + HOUR, &rows), 240);
    assert_int_equal(sum_wait(f, STORE_STEP_DAY, 0, INT64_MAX, &rows), 600);
    assert_ok(store_people_prune_wait(f->store, at + 91LL * 24 * HOUR));
    assert_int_equal(sum_wait(f, STORE_STEP_MINUTES, 0, INT64_MAX, &rows), 0);
    /* Of an environment that is gone nothing is kept. */
    size_t done = 0;
    figures[0].environment = STR("env_gone");
    assert_ok(store_figures_add_wait(f->store, figures, 1, &done));
}

/* ---- the audit log, looked through in pieces ---- */

static FIBER void many_audits_wait(struct fixture *f, int count, int rare_every) {
    for (int i = 0; i < count;) {
        AUTO_UNIT unit = unit_new(f->store);
        for (int k = 0; k < 1000 && i < count; k++, i++) {
            bool is_rare = i % rare_every == 0;
            const struct store_audit event = {.environment = f->environment,
                                              .action = STR("tool.call"),
                                              .tool = STR("get_balance"),
                                              .subject = is_rare ? STR("rare") : STR("common"),
                                              .outcome = is_rare ? STR("failed") : STR("allowed"),
                                              .reason = is_rare ? STR("timed-out") : STR_NONE};
            unit_add_audit(unit, &event);
        }
        assert_ok(unit_write_wait(&unit));
    }
}

static FIBER size_t walk_wait(struct fixture *f, struct store_audit_filter filter, size_t *questions) {
    size_t count = 0;
    struct store_audits audits;
    filter.environment = f->environment;
    filter.limit = 50;
    *questions = 0;
    do {
        assert_ok(store_audit_list_wait(f->store, f->arena, &filter, &audits));
        count += audits.count;
        filter.after = audits.next;
        ++*questions;
    } while (!str_is_empty(filter.after));
    return count;
}

static void a_filter_that_finds_little_goes_on_where_it_stopped(struct fixture *f) {
    fixture_environment_wait(f);
    many_audits_wait(f, 12000, 4000);
    size_t questions;
    for (int oldest = 0; oldest < 2; oldest++) {
        struct store_audit_filter filter = {
            .oldest_first = oldest == 1, .tool = STR("get_balance"), .outcome = STR("failed")};
        assert_int_equal(walk_wait(f, filter, &questions), 3);
        assert_true(questions >= 1 && questions <= 25);
        filter.tool = STR_NONE; /* by an index that holds nothing else */
        assert_int_equal(walk_wait(f, filter, &questions), 3);
        assert_int_equal(questions, 1);
        filter.outcome = STR_NONE;
        filter.reason = STR("timed-out");
        assert_int_equal(walk_wait(f, filter, &questions), 3);
        filter.reason = STR("nothing");
        assert_int_equal(walk_wait(f, filter, &questions), 0);
        filter.reason = STR_NONE;
        filter.action = STR("tool.call");
        filter.subject = STR("rare");
        assert_int_equal(walk_wait(f, filter, &questions), 3);
        assert_int_equal(questions, 1);
    }
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(visitors_are_listed_by_kind_and_found_by_words)
TEST(pages_hold_each_visitor_once)
TEST(conversations_are_listed_and_found)
TEST(sessions_are_noted_and_revoked)
TEST(a_visitor_is_revoked_and_restored)
TEST(a_visitor_is_erased_with_all_that_they_said)
TEST(an_erasure_that_was_left_is_finished)
TEST(what_is_logged_behind_an_erasure_is_made_nameless)
TEST(what_was_noted_beside_an_erasure_goes_with_it)
TEST(figures_add_up_in_all_steps)
TEST(a_filter_that_finds_little_goes_on_where_it_stopped)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visitors_are_listed_by_kind_and_found_by_words),
        cmocka_unit_test(test_pages_hold_each_visitor_once),
        cmocka_unit_test(test_conversations_are_listed_and_found),
        cmocka_unit_test(test_sessions_are_noted_and_revoked),
        cmocka_unit_test(test_a_visitor_is_revoked_and_restored),
        cmocka_unit_test(test_a_visitor_is_erased_with_all_that_they_said),
        cmocka_unit_test(test_an_erasure_that_was_left_is_finished),
        cmocka_unit_test(test_what_is_logged_behind_an_erasure_is_made_nameless),
        cmocka_unit_test(test_what_was_noted_beside_an_erasure_goes_with_it),
        cmocka_unit_test(test_figures_add_up_in_all_steps),
        cmocka_unit_test(test_a_filter_that_finds_little_goes_on_where_it_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
