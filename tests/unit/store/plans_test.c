/* SPDX-License-Identifier: Apache-2.0 */
/* How SQLite finds what administrators list: always by an index, and in the order in which it is told. A list
 * that is sorted or looked through as a whole is fast with few rows only. */
#include "fixture.h"
#include "store/statements.h"

#include <sqlite3.h>
#include <string.h>

/* Those that look at one row or at a bounded number of them. */
static const enum statement listed[] = {
    PRODUCT_LIST,
    VISITOR_LIST,
    VISITOR_LIST_VERIFIED,
    VISITOR_LIST_ANONYMOUS,
    VISITOR_SEARCH,
    VISITOR_SEEN_FIND,
    VISITOR_COUNT_CONVERSATIONS,
    VISITOR_COUNT_SESSIONS,
    VISITOR_COUNT_OPEN_SESSIONS,
    CONVERSATION_SEEN_LIST,
    CONVERSATION_SEEN_LIST_VISITOR,
    CONVERSATION_SEEN_SEARCH,
    CONVERSATION_SEEN_FIND,
    SESSION_LIST,
    SESSION_LIST_OPEN,
    SESSION_LIST_VISITOR,
    SESSION_FIND,
    SESSION_REVOKE_VISITOR,
    SESSION_PRUNE,
    SESSION_END_LEFT_OPEN,
    REVOCATION_LIST,
    REVOCATION_FIND,
    REVOCATION_PRUNE,
    ERASE_NEXT_CONVERSATION,
    ERASE_MESSAGES,
    ERASE_SESSIONS,
    ERASE_AUDIT_VISITOR,
    ERASE_AUDIT_SUBJECT,
    SEARCH_WORDS_DELETE,
    STATISTICS_LIST,
    STATISTICS_PRUNE,
    DEVICE_PRUNE,
    API_TOKEN_PRUNE,
    DISCOVERY_LIST,
    DISCOVERY_PRUNE,
    MESSAGE_LIST_AFTER,
};

static void check_plan(sqlite3 *database, enum statement statement, bool may_sort) {
    AUTO_ARENA arena = arena_new();
    struct str text = arena_print(arena, "EXPLAIN QUERY PLAN %s", statement_text[statement]);
    sqlite3_stmt *plan = NULL;
    if (sqlite3_prepare_v2(database, text.at, (int)text.len, &plan, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(database), statement_text[statement]);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(plan, 3);
        bool is_ours =
            strstr(step, "SCAN w") != NULL || strstr(step, "SCAN few") != NULL; /* bounded inside */
        bool is_scan = strncmp(step, "SCAN ", 5) == 0 && !is_ours;
        bool is_sort = strstr(step, "USE TEMP B-TREE") != NULL;
        if (is_scan || (is_sort && !may_sort))
            fail_msg("%s: %s", step, statement_text[statement]);
    }
    sqlite3_finalize(plan);
}

static void every_list_is_found_by_an_index(struct fixture *f) {
    sqlite3 *database = NULL;
    assert_int_equal(
        sqlite3_open_v2(arena_terminated(f->arena, f->url), &database, SQLITE_OPEN_READONLY, NULL),
        SQLITE_OK);
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        check_plan(database, listed[i], false);
    for (enum statement i = AUDIT_LIST; i <= AUDIT_WINDOW_ACTION_OLDEST; i++)
        check_plan(database, i, true); /* a bounded number of ids, and then of rows */
    sqlite3_close(database);
}

/* A driving restriction is found by the index made for it. */
static void the_log_is_found_by_what_is_asked_for(struct fixture *f) {
    static const struct {
        enum statement statement;
        const char *index;
    } wanted[] = {
        {AUDIT_LIST_VISITOR, "audit_by_visitor"},
        {AUDIT_LIST_SUBJECT, "audit_by_subject"},
        {AUDIT_LIST_TOOL, "audit_by_tool"},
        {AUDIT_LIST_ACTOR, "audit_by_actor"},
        {AUDIT_LIST_REASON, "audit_by_reason"},
        {AUDIT_LIST_TROUBLE, "audit_of_trouble"},
        {AUDIT_LIST_ACTION, "audit_by_action"},
        {VISITOR_LIST_VERIFIED, "visitors_verified"},
        {VISITOR_LIST_ANONYMOUS, "visitors_anonymous"},
        {SESSION_LIST_OPEN, "visitor_sessions_open"},
    };
    sqlite3 *database = NULL;
    assert_int_equal(
        sqlite3_open_v2(arena_terminated(f->arena, f->url), &database, SQLITE_OPEN_READONLY, NULL),
        SQLITE_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        for (int twin = 0; twin < (wanted[i].statement >= AUDIT_LIST ? 2 : 1); twin++) {
            struct str text = arena_print(f->arena, "EXPLAIN QUERY PLAN %s",
                                          statement_text[(int)wanted[i].statement + twin]);
            sqlite3_stmt *plan = NULL;
            bool is_used = false;
            assert_int_equal(sqlite3_prepare_v2(database, text.at, (int)text.len, &plan, NULL), SQLITE_OK);
            while (sqlite3_step(plan) == SQLITE_ROW)
                is_used =
                    is_used || strstr((const char *)sqlite3_column_text(plan, 3), wanted[i].index) != NULL;
            if (!is_used)
                fail_msg("%s is not used: %s", wanted[i].index, text.at);
            sqlite3_finalize(plan);
        }
    }
    sqlite3_close(database);
}

static void test_every_list(void **state) {
    (void)state;
    fixture_run(every_list_is_found_by_an_index);
}
static void test_the_log(void **state) {
    (void)state;
    fixture_run(the_log_is_found_by_what_is_asked_for);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_list), cmocka_unit_test(test_the_log)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
