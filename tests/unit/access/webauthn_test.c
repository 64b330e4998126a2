/* SPDX-License-Identifier: Apache-2.0 */
/* WebAuthn's rules on what tests/integration/lib/authenticator.mjs has made (webauthn_fixtures.json), and on
 * that with one byte or member changed. */
#include "unit/unit.h"

#include "access/webauthn.h"
#include "base/encode.h"

static const struct webauthn_expected creating = {
    STR_STATIC("webauthn.create"), STR_STATIC("https://chat.acme.example"), STR_STATIC("chat.acme.example")};
static const struct webauthn_expected signing_in = {
    STR_STATIC("webauthn.get"), STR_STATIC("https://chat.acme.example"), STR_STATIC("chat.acme.example")};

static json_t *fixtures(struct arena *arena) {
    struct str text = read_whole_file(arena, TEST_SOURCE "/tests/unit/access/webauthn_fixtures.json");
    json_t *list = NULL;
    assert_int_equal(json_read(text, JSON_DEPTH_DOCUMENT, &list, NULL), OK);
    assert_int_equal(json_array_size(list), 3);
    return json_keep(arena, list);
}

static void what_was_made_verifies(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const json_t *list = fixtures(arena);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct webauthn_key key = {0};
        struct webauthn_shown shown = {0};
        struct str challenge;
        const char *why = NULL;
        int64_t count = 0;
        assert_int_equal(
            webauthn_created_read(arena, json_object_get(one, "created"), &creating, &challenge, &key, &why),
            OK);
        assert_str(challenge, "a challenge of the test");
        assert_int_equal(key.algorithm, json_get_int(one, "algorithm", 0));
        assert_int_equal(key.sign_count, 1);
        assert_int_equal(
            webauthn_shown_read(arena, json_object_get(one, "shown"), &signing_in, &challenge, &shown, &why),
            OK);
        assert_true(str_equal(shown.credential, key.credential));
        assert_str(shown.user_handle, "adm_1");
        assert_int_equal(webauthn_verify(&shown, &key, signing_in.rp_id, &count, &why), OK);
        assert_int_equal(count, 2);
        /* Any byte of what is signed, or of the signature, that is another. */
        struct str *parts[] = {&shown.authenticator_data, &shown.client_data, &shown.signature};
        for (size_t part = 0; part < 3; part++) {
            struct str whole = *parts[part];
            for (size_t at = 0; at < whole.len; at += 1 + whole.len / 23) {
                struct str changed = arena_copy(arena, whole);
                ((char *)changed.at)[at] ^= 1;
                *parts[part] = changed;
                assert_int_not_equal(webauthn_verify(&shown, &key, signing_in.rp_id, &count, &why), OK);
            }
            *parts[part] = str_slice(whole, 0, whole.len - 1);
            assert_int_not_equal(webauthn_verify(&shown, &key, signing_in.rp_id, &count, &why), OK);
            *parts[part] = whole;
        }
        assert_int_equal(webauthn_verify(&shown, &key, STR("evil.example"), &count, &why), INVALID);
        key.sign_count = 2;
        assert_int_equal(webauthn_verify(&shown, &key, signing_in.rp_id, &count, &why), DENIED);
        key.sign_count = 1;
        for (int64_t other = -7; other >= -8; other--) {
            struct webauthn_key wrong = key;
            wrong.algorithm = other;
            if (other != key.algorithm)
                assert_int_equal(webauthn_verify(&shown, &wrong, signing_in.rp_id, &count, &why), INVALID);
        }
        key.public_key = str_slice(key.public_key, 0, key.public_key.len - 1);
        assert_int_equal(webauthn_verify(&shown, &key, signing_in.rp_id, &count, &why), INVALID);
    }
}

static void every_prefix_of_authenticator_data_is_refused(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const json_t *list = fixtures(arena);
    json_t *created = json_deep_copy(json_object_get(json_array_get(list, 0), "created"));
    json_t *response = json_get_object(created, "response");
    struct str data, challenge;
    struct webauthn_key key;
    const char *why = NULL;
    assert_int_equal(base64url_decode(arena, json_get_str(response, "authenticatorData"), &data), OK);
    for (size_t len = 0; len < data.len; len++) {
        struct str text = base64url_encode(arena, str_slice(data, 0, len));
        json_object_set_new(response, "authenticatorData", json_from_str(text));
        assert_int_equal(webauthn_created_read(arena, created, &creating, &challenge, &key, &why), INVALID);
    }
    json_decref(created);
}

/* A map that says it has billions of members has room reserved for none. */
static void sizes_that_are_made_up_are_refused(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const json_t *list = fixtures(arena);
    json_t *created = json_deep_copy(json_object_get(json_array_get(list, 0), "created"));
    json_t *response = json_get_object(created, "response");
    static const char *const keys[] = {"\xBA\x7F\xFF\xFF\xFF",
                                       "\xBB\x00\x00\x00\x0C\x8A\x50\x10\x20",
                                       "\x9A\x7F\xFF\xFF\xFF",
                                       "\x5A\x7F\xFF\xFF\xFF",
                                       "\xA1\x01\xBA\x7F\xFF\xFF\xFF",
                                       "\xBF\xFF",
                                       "\xC1\x01",
                                       "\x81\x81\x81\x81\x81\x81\x01",
                                       "\xA5\x01\x02"};
    static const size_t lens[] = {5, 9, 5, 5, 7, 2, 2, 7, 3};
    struct str data, challenge;
    struct webauthn_key key;
    const char *why = NULL;
    assert_int_equal(base64url_decode(arena, json_get_str(response, "authenticatorData"), &data), OK);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct str pieces[] = {str_slice(data, 0, 37 + 18 + 32), str_of(keys[i], lens[i])};
        struct str text = base64url_encode(arena, arena_join(arena, 2, pieces));
        json_object_set_new(response, "authenticatorData", json_from_str(text));
        assert_int_equal(webauthn_created_read(arena, created, &creating, &challenge, &key, &why), INVALID);
        assert_string_equal(why, "authenticatorData does not read.");
    }
    struct str behind[] = {data, STR("x")};
    json_object_set_new(response, "authenticatorData",
                        json_from_str(base64url_encode(arena, arena_join(arena, 2, behind))));
    assert_int_equal(webauthn_created_read(arena, created, &creating, &challenge, &key, &why), INVALID);
    json_decref(created);
}

static void client_data_is_read_strictly(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str challenge;
    const char *why;
#define DATA(type, challenge, origin, more)                                                                  \
    "{\"type\":\"" type "\",\"challenge\":\"" challenge "\",\"origin\":\"" origin "\"" more "}"
#define ORIGIN "https://chat.acme.example"
    static const char *const good[] = {
        DATA("webauthn.get", "YWJj", ORIGIN, ""),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"crossOrigin\":false"),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"other_keys_can_be_added_here\":\"x\"")};
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "\"webauthn.get\"",
        DATA("webauthn.create", "YWJj", ORIGIN, ""),
        DATA("webauthn.get ", "YWJj", ORIGIN, ""),
        DATA("webauthn.get", "", ORIGIN, ""),
        DATA("webauthn.get", "YWJ", ORIGIN, ""),
        DATA("webauthn.get", "YWJj=", ORIGIN, ""),
        DATA("webauthn.get", "YWJj", "https://chat.acme.example/", ""),
        DATA("webauthn.get", "YWJj", "https://chat.acme.example.evil.example", ""),
        DATA("webauthn.get", "YWJj", "http://chat.acme.example", ""),
        DATA("webauthn.get", "YWJj", "https://CHAT.acme.example", ""),
        DATA("webauthn.get", "YWJj", "null", ""),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"crossOrigin\":true"),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"crossOrigin\":\"false\""),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"crossOrigin\":null"),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"topOrigin\":\"https://evil.example\""),
        DATA("webauthn.get", "YWJj", ORIGIN, ",\"origin\":\"" ORIGIN "\""), /* twice */
        DATA("webauthn.get", "YWJj", ORIGIN, "") "x",
        "\xEF\xBB\xBF" DATA("webauthn.get", "YWJj", ORIGIN, "")};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(webauthn_client_data_read(arena, str_from(good[i]), &signing_in, &challenge, &why),
                         OK);
        assert_str(challenge, "abc");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (webauthn_client_data_read(arena, str_from(bad[i]), &signing_in, &challenge, &why) == OK)
            fail_msg("taken: %s", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_verifies),
        cmocka_unit_test(every_prefix_of_authenticator_data_is_refused),
        cmocka_unit_test(sizes_that_are_made_up_are_refused),
        cmocka_unit_test(client_data_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
