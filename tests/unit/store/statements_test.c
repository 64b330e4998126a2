/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement keeps to the SQL that SQLite, PostgreSQL, CockroachDB, YugabyteDB and Citus run alike. The
 * rules are simple on purpose: what they refuse is better not written. */
#include "base/arena.h"
#include "base/buffer.h"
#include "store/migrations.h"
#include "store/postgres.h"
#include "store/statements.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Only SQLite's, only another's, or a burden on a database of many machines. */
static const char *const foreign_words[] = {
    "AUTOINCREMENT",
    "ROWID",
    "PRAGMA",
    "INSERT OR",
    "REPLACE INTO",
    "IFNULL",
    "GLOB",
    "STRFTIME",
    "DATETIME",
    "JULIANDAY",
    "SERIAL",
    "SEQUENCE",
    "NEXTVAL",
    "BLOB",
    "BYTEA",
    "INTEGER",
    "JSONB",
    "NOW()",
    "CURRENT_",
    "RANDOM",
    "OFFSET",
    "FOREIGN KEY",
    "REFERENCES",
    "TRIGGER",
    "::",
    "->",
    "?",
    "`",
    "\"",
    "[",
    "@",
    "ILIKE",
    "LIKE",
    "TRUE",
    "FALSE",
    /* only PostgreSQL's */
    "FOR UPDATE",
    "ADVISORY",
    "PG_",
    "LATERAL",
    "ARRAY",
    "ANY(",
    "UNNEST",
    "CTID",
    "XMIN",
    "USING",
    "DISTINCT ON",
    "NOTIFY",
    "COLLATE",
};

/* Words that no column or table may be called without quotes in PostgreSQL. */
static const char *const reserved_names[] = {"user",  "order",  "group", "values", "end",
                                             "table", "offset", "limit", "default"};

static struct str upper(struct arena *arena, const char *text) {
    struct str copy = arena_copy(arena, str_from(text));
    for (size_t i = 0; i < copy.len; i++)
        ((char *)copy.at)[i] = (char)toupper((unsigned char)copy.at[i]);
    return copy;
}

/* Each rule gives what is wrong, or NULL. */
static const char *foreign_word(const char *text) {
    AUTO_ARENA arena = arena_new();
    struct str shouted = upper(arena, text);
    for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
        if (str_find(shouted, str_from(foreign_words[i])) != STR_NOT_FOUND)
            return foreign_words[i];
    }
    return NULL;
}

/* $1 to $n, none left out: a driver sends as many as the highest says. */
static const char *missing_parameter(const char *text) {
    bool seen[64] = {false};
    unsigned highest = 0;
    for (const char *at = strchr(text, '$'); at != NULL; at = strchr(at + 1, '$')) {
        unsigned number = 0;
        for (const char *digit = at + 1; isdigit((unsigned char)*digit); digit++)
            number = number * 10 + (unsigned)(*digit - '0');
        if (number < 1 || number > 63)
            return "a parameter without a number";
        seen[number] = true;
        highest = number > highest ? number : highest;
    }
    for (unsigned i = 1; i <= highest; i++) {
        if (!seen[i])
            return "a number is left out";
    }
    return NULL;
}

static bool contains(const char *text, const char *word) {
    return strstr(text, word) != NULL;
}

/* A statement about an environment's rows says which environment. */
static const char *missing_environment(const char *text) {
    static const char *const tables[] = {"keys",     "secrets",       "tools",    "knowledge",
                                         "visitors", "conversations", "messages", "audit"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const char *from = arena_print(arena, "FROM %s", tables[i]).at;
        const char *update = arena_print(arena, "UPDATE %s SET", tables[i]).at;
        if (!contains(text, from) && !contains(text, update))
            continue;
        /* The key itself says which environment; the scan is over all of them by design. */
        if (contains(text, "lookup = $1") || contains(text, "(environment_id, id) > ($1, $2)"))
            continue;
        if (!contains(text, "environment_id = $1"))
            return tables[i];
    }
    return NULL;
}

static const char *ill_formed(const char *text) {
    /* INSERT … SELECT: a parameter that stands in the SELECT has no type of its own on PostgreSQL. */
    if (contains(text, "INSERT INTO") && contains(text, "SELECT") && contains(text, "created_at") &&
        !contains(text, "AS BIGINT)"))
        return "a bare number in a SELECT";
    if (contains(text, "LIMIT") && !contains(text, "ORDER BY"))
        return "LIMIT without ORDER BY";
    if (contains(text, "SELECT *"))
        return "SELECT *";
    return contains(text, ";") ? "more than one statement" : NULL;
}

static const char *ill_table(const char *text) {
    AUTO_ARENA arena = arena_new();
    const char *name = text + strlen("CREATE TABLE ");
    struct str table = str_of(name, strcspn(name, " "));
    if (!contains(text, "PRIMARY KEY ("))
        return "no primary key";
    for (size_t i = 0; i < sizeof reserved_names / sizeof reserved_names[0]; i++) {
        if (contains(text, arena_print(arena, " %s TEXT", reserved_names[i]).at))
            return "a reserved name";
    }
    if (contains(text, "environment_id TEXT") && !str_equal(table, STR("changes")) &&
        !contains(text, "PRIMARY KEY (environment_id, "))
        return "a primary key that does not begin with the environment";
    return NULL;
}

typedef const char *(*rule)(const char *text);

static const char *complaint(const char *text) {
    static const rule rules[] = {foreign_word, missing_parameter, missing_environment, ill_formed};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const char *wrong = rules[i](text);
        if (wrong != NULL)
            return wrong;
    }
    return strncmp(text, "CREATE TABLE ", 13) == 0 ? ill_table(text) : NULL;
}

static void check(const char *text) {
    const char *wrong = complaint(text);
    if (wrong != NULL)
        fail_msg("%s in: %s", wrong, text);
}

static void every_statement_is_portable(void **state) {
    (void)state;
    for (unsigned i = 0; i < STATEMENT_COUNT; i++) {
        if (statement_text[i] == NULL)
            fail_msg("statement %u has no text", i);
        if (i != MIGRATIONS_CREATE)
            check(statement_text[i]);
    }
}

static void every_table_is_portable(void **state) {
    (void)state;
    assert_true(migration_count >= 1);
    for (size_t i = 0; i < migration_count; i++) {
        for (const char *const *text = migrations[i].statements; *text != NULL; text++)
            check(*text);
    }
}

/* What PostgreSQL is given differs in one thing: how texts are compared. */
static void what_is_rendered_for_postgres_is_the_same(void **state) {
    (void)state;
    static const struct str added = STR_STATIC(" COLLATE \"C\"");
    for (size_t i = 0; i < migration_count; i++) {
        for (const char *const *text = migrations[i].statements; *text != NULL; text++) {
            AUTO_ARENA arena = arena_new();
            AUTO_BUFFER without = BUFFER_EMPTY;
            struct str rest = postgres_render(arena, *text);
            for (size_t at = str_find(rest, added); at != STR_NOT_FOUND; at = str_find(rest, added)) {
                assert_true(str_ends_with(str_slice(rest, 0, at), STR(" TEXT")));
                buffer_append(&without, str_slice(rest, 0, at));
                rest = str_from_index(rest, at + added.len);
            }
            if (strncmp(*text, "CREATE TABLE ", 13) == 0)
                assert_true(str_find(rest, STR(" TEXT")) == STR_NOT_FOUND);
            buffer_append(&without, rest);
            assert_true(str_equal(buffer_text(&without), str_from(*text)));
        }
    }
}

static void the_rules_see_what_they_are_for(void **state) {
    (void)state;
    static const char *const bad[] = {
        "INSERT OR IGNORE INTO products (id) VALUES ($1)",
        "SELECT datetime('now')",
        "SELECT id FROM products WHERE id = ?",
        "SELECT id FROM products WHERE id = $1 AND name = $3",
        "SELECT id FROM messages WHERE conversation_id = $1",
        "UPDATE visitors SET subject = $1 WHERE id = $2",
        "SELECT id FROM products LIMIT $1",
        "SELECT * FROM products",
        "SELECT 1; DELETE FROM products",
        "INSERT INTO tools (environment_id, created_at) SELECT e.id, $2 FROM environments e WHERE e.id = $1",
        "SELECT id FROM products WHERE id = $1 FOR UPDATE",
        "SELECT pg_advisory_xact_lock($1)",
        "CREATE TABLE words (id TEXT NOT NULL)",
        "CREATE TABLE words (environment_id TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (id))",
        "CREATE TABLE words (id TEXT NOT NULL, user TEXT, PRIMARY KEY (id))",
        "CREATE TABLE words (id INTEGER PRIMARY KEY AUTOINCREMENT)",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (complaint(bad[i]) == NULL)
            fail_msg("nothing was said about: %s", bad[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_is_portable),
        cmocka_unit_test(every_table_is_portable),
        cmocka_unit_test(what_is_rendered_for_postgres_is_the_same),
        cmocka_unit_test(the_rules_see_what_they_are_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
