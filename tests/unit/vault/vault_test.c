/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"
#include "vault/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY_A "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_B "b:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

static const char *const row_parts[4] = {"secrets", "env_1", "sec_1", "visitor-signing"};

static struct vault_row row_of(const char *const parts[4]) {
    return (struct vault_row){str_from(parts[0]), str_from(parts[1]), str_from(parts[2]), str_from(parts[3])};
}

static struct vault *loaded(struct arena *arena, const char *text) {
    struct vault *vault = NULL;
    struct str message = STR_NONE;
    assert_int_equal(vault_load_text(arena, str_from(text), &vault, &message), OK);
    return vault;
}

static void what_was_sealed_opens(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct vault *vault = loaded(arena, KEY_A);
    struct vault_row row = row_of(row_parts);
    struct str sealed, again, opened;
    assert_int_equal(vault_seal(vault, arena, &row, STR("cs_secret"), &sealed), OK);
    assert_true(str_starts_with(sealed, STR("v1.a.")));
    assert_int_equal(str_find(sealed, STR("cs_secret")), STR_NOT_FOUND);
    assert_int_equal(vault_open(vault, arena, &row, sealed, &opened), OK);
    assert_true(str_equal(opened, STR("cs_secret")));
    /* Never the same text twice: the nonce is fresh. */
    assert_int_equal(vault_seal(vault, arena, &row, STR("cs_secret"), &again), OK);
    assert_false(str_equal(sealed, again));

    assert_int_equal(vault_seal(vault, arena, &row, STR(""), &sealed), OK);
    assert_int_equal(vault_open(vault, arena, &row, sealed, &opened), OK);
    assert_int_equal(opened.len, 0);
    char *large = arena_alloc(arena, VAULT_SECRET_MAX + 1);
    assert_int_equal(vault_seal(vault, arena, &row, str_of(large, VAULT_SECRET_MAX), &sealed), OK);
    assert_int_equal(vault_open(vault, arena, &row, sealed, &opened), OK);
    assert_int_equal(opened.len, VAULT_SECRET_MAX);
    assert_int_equal(vault_seal(vault, arena, &row, str_of(large, VAULT_SECRET_MAX + 1), &sealed), TOO_LARGE);
    vault_free(vault);
}

static void a_blob_opens_in_its_own_row_alone(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct vault *vault = loaded(arena, KEY_A);
    struct vault_row row = row_of(row_parts);
    struct str sealed, opened = STR_NONE;
    assert_int_equal(vault_seal(vault, arena, &row, STR("secret"), &sealed), OK);
    for (size_t i = 0; i < 4; i++) {
        const char *parts[4];
        memcpy(parts, row_parts, sizeof parts);
        parts[i] = "other";
        struct vault_row other = row_of(parts);
        assert_int_equal(vault_open(vault, arena, &other, sealed, &opened), DENIED);
    }
    /* Moving a letter from one part to the next makes another row too. */
    const char *shifted[4] = {"secretse", "nv_1", "sec_1", "visitor-signing"};
    struct vault_row other = row_of(shifted);
    assert_int_equal(vault_open(vault, arena, &other, sealed, &opened), DENIED);
    assert_int_equal(opened.len, 0);
    vault_free(vault);
}

static void every_changed_bit_is_seen(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct vault *vault = loaded(arena, KEY_A);
    struct vault_row row = row_of(row_parts);
    struct str sealed, blob, opened;
    assert_int_equal(vault_seal(vault, arena, &row, STR("secret"), &sealed), OK);
    assert_int_equal(base64url_decode(arena, str_from_index(sealed, 5), &blob), OK);
    assert_int_equal(blob.len, 12 + 6 + 16);
    for (size_t bit = 0; bit < blob.len * 8; bit++) {
        char *forged = (char *)arena_copy(arena, blob).at;
        forged[bit / 8] = (char)(forged[bit / 8] ^ (1 << (bit % 8)));
        struct str text = arena_join(
            arena, 2, (struct str[]){STR("v1.a."), base64url_encode(arena, str_of(forged, blob.len))});
        assert_int_equal(vault_open(vault, arena, &row, text, &opened), DENIED);
    }
    for (size_t len = 0; len < blob.len; len++) {
        struct str text = arena_join(
            arena, 2, (struct str[]){STR("v1.a."), base64url_encode(arena, str_slice(blob, 0, len))});
        assert_int_equal(vault_open(vault, arena, &row, text, &opened), len < 28 ? INVALID : DENIED);
    }
    vault_free(vault);
}

static void what_is_no_blob_is_refused(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct vault *vault = loaded(arena, KEY_A);
    struct vault_row row = row_of(row_parts);
    struct str opened;
    static const char *const texts[] = {"",      "v1",        "v1.",       "v1.a",
                                        "v1.a.", "v2.a.AAAA", "v1.a.!!!!", "v1.a.AAAA.AAAA"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vault_open(vault, arena, &row, str_from(texts[i]), &opened), INVALID);
    assert_int_equal(vault_open(vault, arena, &row,
                                STR("v1.zz.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &opened),
                     NOT_FOUND);
    vault_free(vault);
}

/* The first key seals, all open; a key's bytes under another's id do not. */
static void master_keys_rotate(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct vault *old = loaded(arena, KEY_A), *both = loaded(arena, KEY_B "\n# older\n" KEY_A "\n"),
                 *new = loaded(arena, KEY_B);
    struct vault *impostor = loaded(arena, "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");
    struct vault_row row = row_of(row_parts);
    struct str sealed, resealed, opened;
    assert_int_equal(vault_seal(old, arena, &row, STR("secret"), &sealed), OK);
    assert_true(vault_is_current(old, sealed));
    assert_false(vault_is_current(both, sealed));
    assert_int_equal(vault_open(both, arena, &row, sealed, &opened), OK);
    assert_int_equal(vault_open(new, arena, &row, sealed, &opened), NOT_FOUND);
    assert_int_equal(vault_open(impostor, arena, &row, sealed, &opened), DENIED);
    assert_int_equal(vault_seal(both, arena, &row, STR("secret"), &resealed), OK);
    assert_true(vault_is_current(both, resealed));
    assert_int_equal(vault_open(new, arena, &row, resealed, &opened), OK);
    assert_true(str_equal(opened, STR("secret")));
    vault_free(old);
    vault_free(both);
    vault_free(new);
    vault_free(impostor);
    vault_free(NULL);
}

static void bad_key_texts_are_refused_without_being_repeated(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const texts[] = {
        "",
        "# nothing but a remark\n",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ":AAAA",
        "a:",
        "a:AAAA",
        "a b:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        (KEY_A "," KEY_A),
        "an-id-that-is-longer-than-32-characters:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vault *vault = NULL;
        struct str message = STR_NONE;
        assert_int_equal(vault_load_text(arena, str_from(texts[i]), &vault, &message), INVALID);
        assert_null(vault);
        assert_true(message.len > 0);
        assert_int_equal(str_find(message, STR("AAAA")), STR_NOT_FOUND);
    }
    vault_free(loaded(arena, " " KEY_A " ,\n\n" KEY_B));
}

/* ---- files ---- */

static struct str new_directory(struct arena *arena) {
    const char *base = getenv("TMPDIR");
    struct str pattern = arena_print(arena, "%s/chatelaine-vault-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp((char *)pattern.at));
    return pattern;
}

static void a_key_file_is_made_once_and_is_private(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = new_directory(arena), message = STR_NONE;
    struct vault *vault = NULL;
    unsetenv("CHATELAINE_MASTER_KEY");
    assert_int_equal(vault_load(arena, directory, &vault, &message), NOT_FOUND);
    assert_int_equal(vault_create_file(arena, directory, &message), OK);
    assert_int_equal(vault_create_file(arena, directory, &message), CONFLICT);
    const char *path = arena_print(arena, "%s/master.key", directory.at).at;
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(vault_load(arena, directory, &vault, &message), OK);
    vault_free(vault);

    static const mode_t open_modes[] = {0640, 0604, 0660, 0644, 0610, 0601};
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        assert_int_equal(chmod(path, open_modes[i]), 0);
        assert_int_equal(vault_load(arena, directory, &vault, &message), DENIED);
        assert_true(str_find(message, STR("chmod 600")) != STR_NOT_FOUND);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(vault_load(arena, directory, &vault, &message), OK);
    vault_free(vault);

    /* The variable comes first, and is held to the same form. */
    setenv("CHATELAINE_MASTER_KEY", KEY_A, 1);
    assert_int_equal(vault_load(arena, STR("/nowhere"), &vault, &message), OK);
    vault_free(vault);
    setenv("CHATELAINE_MASTER_KEY", "rubbish", 1);
    assert_int_equal(vault_load(arena, directory, &vault, &message), INVALID);
    unsetenv("CHATELAINE_MASTER_KEY");

    /* A link could point anywhere. */
    unlink(path);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(vault_load(arena, directory, &vault, &message), DENIED);
    assert_int_equal(vault_create_file(arena, directory, &message), CONFLICT);
    unlink(path);
    rmdir(directory.at);
}

static void a_key_file_rotates(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = new_directory(arena), message = STR_NONE, new_id, sealed, opened;
    struct vault *before = NULL, *after = NULL;
    struct vault_row row = row_of(row_parts);
    assert_int_equal(vault_rotate_file(arena, directory, &new_id, &message), NOT_FOUND);
    assert_int_equal(vault_create_file(arena, directory, &message), OK);
    assert_int_equal(vault_load(arena, directory, &before, &message), OK);
    assert_int_equal(vault_seal(before, arena, &row, STR("secret"), &sealed), OK);
    assert_int_equal(vault_rotate_file(arena, directory, &new_id, &message), OK);
    assert_int_equal(vault_load(arena, directory, &after, &message), OK);
    assert_false(vault_is_current(after, sealed));
    assert_int_equal(vault_open(after, arena, &row, sealed, &opened), OK);
    assert_int_equal(vault_seal(after, arena, &row, STR("secret"), &sealed), OK);
    assert_true(str_starts_with(sealed, arena_print(arena, "v1.%.*s.", STR_ARG(new_id))));
    struct stat info;
    const char *path = arena_print(arena, "%s/master.key", directory.at).at;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    for (int i = 2; i < 16; i++)
        assert_int_equal(vault_rotate_file(arena, directory, &new_id, &message), OK);
    assert_int_equal(vault_rotate_file(arena, directory, &new_id, &message), TOO_LARGE);
    vault_free(before);
    vault_free(after);
    unlink(path);
    assert_int_equal(rmdir(directory.at), 0); /* nothing else is left in it */
}

/* By a process that goes on: what was sealed before opens, what is sealed from now on is by the new key. */
static void a_key_file_is_read_again(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = new_directory(arena), message = STR_NONE, new_id, old, fresh, opened;
    struct vault *running = NULL, *elsewhere = NULL;
    struct vault_row row = row_of(row_parts);
    const char *path = arena_print(arena, "%s/master.key", directory.at).at;
    assert_int_equal(vault_create_file(arena, directory, &message), OK);
    assert_int_equal(vault_load(arena, directory, &running, &message), OK);
    assert_int_equal(vault_seal(running, arena, &row, STR("secret"), &old), OK);
    assert_int_equal(vault_rotate_file(arena, directory, &new_id, &message), OK);
    assert_int_equal(vault_load(arena, directory, &elsewhere, &message), OK);
    assert_int_equal(vault_seal(elsewhere, arena, &row, STR("secret"), &fresh), OK);
    assert_int_equal(vault_open(running, arena, &row, fresh, &opened), NOT_FOUND);
    for (int i = 0; i < 2; i++) { /* the same again changes nothing */
        assert_int_equal(vault_reload(arena, directory, running, &message), OK);
        assert_int_equal(vault_open(running, arena, &row, fresh, &opened), OK);
        assert_int_equal(vault_open(running, arena, &row, old, &opened), OK);
        assert_true(vault_is_current(running, fresh));
        assert_false(vault_is_current(running, old));
    }
    assert_int_equal(vault_seal(running, arena, &row, STR("secret"), &fresh), OK);
    assert_true(str_starts_with(fresh, arena_print(arena, "v1.%.*s.", STR_ARG(new_id))));
    /* What cannot be used changes nothing: a file that others may read, one that is gone, another key of the
     * same id. */
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(vault_reload(arena, directory, running, &message), DENIED);
    unlink(path);
    assert_int_equal(vault_reload(arena, directory, running, &message), NOT_FOUND);
    assert_int_equal(vault_create_file(arena, directory, &message), OK);
    FILE *file = fopen(path, "w");
    fprintf(file, "%.*s:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", STR_ARG(new_id));
    fclose(file);
    assert_int_equal(vault_reload(arena, directory, running, &message), INVALID);
    assert_int_equal(vault_open(running, arena, &row, fresh, &opened), OK);
    assert_int_equal(vault_open(running, arena, &row, old, &opened), OK);
    vault_free(elsewhere);
    vault_free(running);
    /* Where the key came from the environment, no file is looked for. */
    assert_int_equal(vault_load_text(arena, STR(KEY_A), &running, &message), OK);
    assert_int_equal(vault_reload(arena, STR("/nowhere"), running, &message), OK);
    vault_free(running);
    unlink(path);
    rmdir(directory.at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(a_blob_opens_in_its_own_row_alone),
        cmocka_unit_test(every_changed_bit_is_seen),
        cmocka_unit_test(what_is_no_blob_is_refused),
        cmocka_unit_test(master_keys_rotate),
        cmocka_unit_test(bad_key_texts_are_refused_without_being_repeated),
        cmocka_unit_test(a_key_file_is_made_once_and_is_private),
        cmocka_unit_test(a_key_file_rotates),
        cmocka_unit_test(a_key_file_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
