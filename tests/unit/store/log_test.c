/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite's write-ahead log as we write it, beside a connection that writes it as SQLite does: transactions
 * of all sizes, larger than the cache and than what is gathered, committed, undone, and cut off by a disk
 * that is full. What was committed is in the files at that moment: a copy of them is a whole database. */
#include "fixture.h"
#include "store/sqlite_log.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { ROUNDS = 60, BYTES_A_ROW = 3000, ROWS_MOST = 120 };

static int run(sqlite3 *database, const char *text) {
    return sqlite3_exec(database, text, NULL, NULL, NULL);
}

static int64_t ask(sqlite3 *database, const char *question) {
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(database, question, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static sqlite3 *open_log(struct str path, const char *vfs) {
    sqlite3 *database;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    assert_int_equal(sqlite3_open_v2(path.at, &database, flags, vfs), SQLITE_OK);
    assert_int_equal(run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                   "PRAGMA cache_size = 20; PRAGMA wal_autocheckpoint = 300"),
                     SQLITE_OK);
    return database;
}

static void copy_file(struct str from, struct str to) {
    char bytes[4096];
    FILE *in = fopen(from.at, "r"), *out = fopen(to.at, "w");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t len; (len = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, len, out), len);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* As it would be after a power cut now. */
static int64_t count_after_a_crash(struct arena *arena, struct str path) {
    struct str copy = arena_print(arena, "%s-copy", path.at);
    copy_file(path, copy);
    copy_file(arena_print(arena, "%s-wal", path.at), arena_print(arena, "%s-wal", copy.at));
    sqlite3 *database;
    assert_int_equal(sqlite3_open(copy.at, &database), SQLITE_OK);
    assert_int_equal(
        ask(database, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    int64_t count = ask(database, "SELECT COUNT(*) FROM letters");
    sqlite3_close(database);
    return count;
}

static void write_rows(sqlite3 *database, int rows) {
    char text[160];
    snprintf(text, sizeof text,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO letters (text) SELECT randomblob(%d) FROM n",
             rows, BYTES_A_ROW);
    assert_int_equal(run(database, "BEGIN IMMEDIATE"), SQLITE_OK);
    assert_int_equal(run(database, text), SQLITE_OK);
    assert_int_equal(run(database, "UPDATE letters SET text = randomblob(2000) WHERE id % 7 = 0"), SQLITE_OK);
}

static int commit(sqlite3 *database) {
    sqlite_log_gather(database);
    int code = run(database, "COMMIT");
    sqlite_log_gathered(database);
    return code;
}

static void what_is_committed_is_in_the_files(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = fixture_directory(arena);
    struct str path = arena_print(arena, "%s/a.db", directory.at);
    sqlite3 *ours = open_log(path, sqlite_log_vfs()), *plain = open_log(path, NULL);
    assert_non_null(sqlite_log_vfs());
    assert_int_equal(run(ours, "CREATE TABLE letters (id INTEGER PRIMARY KEY, text BLOB)"), SQLITE_OK);
    int64_t expected = 0;
    unsigned seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        seed = seed * 1103515245 + 12345;
        unsigned drawn = seed >> 8;
        int rows = drawn % 3 == 0 ? 1 + (int)(drawn / 3 % ROWS_MOST) : 1 + (int)(drawn / 3 % 5);
        sqlite3 *writer = drawn % 5 == 0 ? plain : ours;
        write_rows(writer, rows);
        if (drawn % 7 < 2) {
            assert_int_equal(run(writer, "ROLLBACK"), SQLITE_OK);
        } else {
            assert_int_equal(commit(writer), SQLITE_OK);
            expected += rows;
        }
        assert_int_equal(ask(plain, "SELECT COUNT(*) FROM letters"), expected);
        if (round % 10 == 0)
            assert_int_equal(count_after_a_crash(arena, path), expected);
        if (round % 20 == 0) {
            assert_int_equal(run(ours, "DELETE FROM letters; PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
            expected = 0;
        }
    }
    assert_int_equal(count_after_a_crash(arena, path), expected);
    assert_int_equal(sqlite3_close(ours), SQLITE_OK);
    assert_int_equal(sqlite3_close(plain), SQLITE_OK);
    fixture_remove(directory);
}

/* A disk that may spoil the rest of a sector when power fails while it writes there: SQLite fills sectors up,
 * and writes the end of the last page behind the sync. */
static void what_is_written_behind_the_sync_is_in_the_files(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = fixture_directory(arena);
    struct str path = arena_print(arena, "%s/a.db", directory.at);
    struct str uri = arena_print(arena, "file:%s?psow=0", path.at);
    sqlite3 *ours, *plain = open_log(path, NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI;
    assert_int_equal(sqlite3_open_v2(uri.at, &ours, flags, sqlite_log_vfs()), SQLITE_OK);
    assert_int_equal(run(ours, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                               "CREATE TABLE letters (id INTEGER PRIMARY KEY, text BLOB)"),
                     SQLITE_OK);
    for (int rows = 1; rows <= 20; rows++) {
        write_rows(ours, 1);
        assert_int_equal(commit(ours), SQLITE_OK);
        assert_int_equal(ask(plain, "SELECT COUNT(*) FROM letters"), rows);
        assert_int_equal(count_after_a_crash(arena, path), rows);
    }
    assert_int_equal(sqlite3_close(ours), SQLITE_OK);
    assert_int_equal(sqlite3_close(plain), SQLITE_OK);
    fixture_remove(directory);
}

/* The commit is refused, nothing of it is seen, by whoever writes next either. */
static void a_full_disk_takes_nothing_else_along(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = fixture_directory(arena);
    struct str path = arena_print(arena, "%s/a.db", directory.at);
    sqlite3 *ours = open_log(path, sqlite_log_vfs()), *plain = open_log(path, NULL);
    assert_int_equal(run(ours, "CREATE TABLE letters (id INTEGER PRIMARY KEY, text BLOB)"), SQLITE_OK);
    signal(SIGXFSZ, SIG_IGN);
    struct stat log;
    assert_int_equal(stat(arena_print(arena, "%s-wal", path.at).at, &log), 0);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    for (rlim_t room = 0; room < 4; room++) {
        write_rows(ours, 4);
        struct rlimit full = {(rlim_t)log.st_size + room * 5000, limit.rlim_max};
        setrlimit(RLIMIT_FSIZE, &full);
        assert_int_not_equal(commit(ours), SQLITE_OK);
        setrlimit(RLIMIT_FSIZE, &limit);
        if (!sqlite3_get_autocommit(ours))
            assert_int_equal(run(ours, "ROLLBACK"), SQLITE_OK);
        assert_int_equal(ask(plain, "SELECT COUNT(*) FROM letters"), 0);
        assert_int_equal(count_after_a_crash(arena, path), 0);
    }
    write_rows(plain, 3);
    assert_int_equal(commit(plain), SQLITE_OK);
    write_rows(ours, 2);
    assert_int_equal(commit(ours), SQLITE_OK);
    assert_int_equal(count_after_a_crash(arena, path), 5);
    assert_int_equal(sqlite3_close(ours), SQLITE_OK);
    assert_int_equal(sqlite3_close(plain), SQLITE_OK);
    fixture_remove(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_committed_is_in_the_files),
        cmocka_unit_test(what_is_written_behind_the_sync_is_in_the_files),
        cmocka_unit_test(a_full_disk_takes_nothing_else_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
