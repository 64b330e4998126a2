/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of access/ that need no store: rights, passwords, one-time codes, cookies, addresses. */
#include "unit/unit.h"

#include "access/access_internal.h"

/* ---- rights: every role with every right ---- */

static void each_role_has_its_rights(void **state) {
    (void)state;
    static const struct {
        const char *right;
        bool viewer, developer, admin, owner;
    } table[] = {
        {"read", true, true, true, true},     {"configure", false, true, true, true},
        {"secrets", false, true, true, true}, {"people-write", false, false, true, true},
        {"manage", false, false, true, true}, {"own", false, false, false, true},
    };
    assert_int_equal(sizeof table / sizeof table[0], ACCESS_RIGHTS);
    for (size_t i = 0; i < ACCESS_RIGHTS; i++) {
        enum access_right right;
        assert_true(access_right_read(str_from(table[i].right), &right));
        assert_int_equal(right, i);
        const bool expected[] = {false, table[i].viewer, table[i].developer, table[i].admin, table[i].owner};
        for (unsigned role = ACCESS_NO_ROLE; role <= ACCESS_OWNER; role++) {
            const struct access_grant one = {.product = STR("prod_1"), .role = (enum access_role)role};
            const struct access_grant all = {.product = STR_NONE, .role = (enum access_role)role};
            struct access_principal principal = {.grants = &one, .grant_count = 1};
            assert_int_equal(access_may(&principal, STR("prod_1"), right), expected[role]);
            assert_false(access_may(&principal, STR("prod_2"), right));
            assert_false(access_may(&principal, STR_NONE, right));
            principal.grants = &all;
            assert_int_equal(access_may(&principal, STR("prod_1"), right), expected[role]);
            assert_int_equal(access_may(&principal, STR_NONE, right), expected[role]);
            /* A token of theirs: with the scope no more, without it nothing. */
            principal.is_scoped = true;
            assert_false(access_may(&principal, STR("prod_1"), right));
            principal.scopes = 1U << right;
            assert_int_equal(access_may(&principal, STR("prod_1"), right), expected[role]);
            principal.scope_product = STR("prod_1");
            assert_int_equal(access_may(&principal, STR("prod_1"), right), expected[role]);
            assert_false(access_may(&principal, STR("prod_2"), right));
            assert_false(access_may(&principal, STR_NONE, right));
        }
        assert_string_equal(access_role_for(right), table[i].viewer      ? "viewer"
                                                    : table[i].developer ? "developer"
                                                    : table[i].admin     ? "admin"
                                                                         : "owner");
    }
    const struct access_principal nobody = {.kind = ACCESS_NOBODY};
    for (unsigned right = 0; right <= ACCESS_RIGHTS; right++) {
        assert_false(access_may(&nobody, STR("prod_1"), (enum access_right)right));
        assert_false(access_may(NULL, STR("prod_1"), (enum access_right)right));
    }
    assert_int_equal(access_role_read(STR("none")), ACCESS_NO_ROLE);
}

static void grants_that_do_not_read_give_nothing(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const bad[] = {
        "",
        "{}",
        "[7]",
        "[{}]",
        "[{\"role\":\"admin\"}]",
        "[{\"product\":\"\",\"role\":\"admin\"}]",
        "[{\"product\":null,\"role\":\"king\"}]",
        "[{\"product\":\"prod_1\",\"role\":\"owner\"}]",
        "[{\"product\":7,\"role\":\"admin\"}]",
        "[{\"product\":null,\"role\":\"none\"}]",
        "[{\"product\":null,\"role\":\"admin\"},{\"product\":null,\"role\":\"viewer\"}]"};
    const struct access_grant *grants;
    size_t count;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_not_equal(access_grants_read(arena, str_from(bad[i]), &grants, &count), OK);
        assert_int_equal(count, 0);
    }
    struct str text =
        STR("[{\"product\":null,\"role\":\"viewer\"},{\"product\":\"prod_1\",\"role\":\"admin\"}]");
    assert_int_equal(access_grants_read(arena, text, &grants, &count), OK);
    assert_int_equal(count, 2);
    assert_true(str_equal(access_grants_write(arena, grants, count), text));
}

/* Every role of the giver, before and after. */
static void nobody_gives_more_than_they_manage(void **state) {
    (void)state;
    for (unsigned giver = ACCESS_NO_ROLE; giver <= ACCESS_OWNER; giver++)
        for (unsigned everywhere = 0; everywhere < 2; everywhere++)
            for (unsigned was = ACCESS_NO_ROLE; was <= ACCESS_OWNER; was++)
                for (unsigned becomes = ACCESS_NO_ROLE; becomes <= ACCESS_OWNER; becomes++)
                    for (unsigned other = 0; other < 2; other++) {
                        const struct access_grant own = {.product = everywhere ? STR_NONE : STR("prod_1"),
                                                         .role = (enum access_role)giver};
                        const struct access_principal principal = {.grants = &own, .grant_count = 1};
                        struct str product = other ? STR("prod_2") : STR("prod_1");
                        const struct access_grant before = {.product = product,
                                                            .role = (enum access_role)was};
                        const struct access_grant after = {.product = product,
                                                           .role = (enum access_role)becomes};
                        bool manages = giver >= ACCESS_ADMIN && (everywhere || !other);
                        bool expected = was == becomes || (giver == ACCESS_OWNER && everywhere) ||
                                        (manages && was < ACCESS_OWNER && becomes < ACCESS_OWNER);
                        assert_int_equal(access_may_grant(&principal, &before, 1, &after, 1), expected);
                    }
    /* What is left out of the new list is taken, too. */
    const struct access_grant own = {.product = STR("prod_1"), .role = ACCESS_ADMIN};
    const struct access_principal principal = {.grants = &own, .grant_count = 1};
    const struct access_grant theirs[] = {{STR("prod_1"), ACCESS_VIEWER}, {STR("prod_2"), ACCESS_VIEWER}};
    assert_false(access_may_grant(&principal, theirs, 2, theirs, 1));
    assert_true(access_may_grant(&principal, theirs, 2, &theirs[1], 1));
}

/* ---- one-time codes: RFC 6238 appendix B (SHA-1; six digits of its eight) and RFC 4648 section 10 ---- */

static void codes_are_those_of_the_rfc(void **state) {
    (void)state;
    struct str secret = STR("12345678901234567890");
    static const struct {
        int64_t seconds;
        const char *code;
    } vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                   {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char code[16];
        snprintf(code, sizeof code, "%06u", access_totp_code(secret, vectors[i].seconds / 30));
        assert_string_equal(code, vectors[i].code);
        struct str shown = str_from(vectors[i].code);
        int64_t step = vectors[i].seconds / 30;
        assert_int_equal(access_totp_verify(secret, shown, vectors[i].seconds, 0), step);
        assert_int_equal(access_totp_verify(secret, shown, vectors[i].seconds + 30, 0), step);
        assert_int_equal(access_totp_verify(secret, shown, vectors[i].seconds + 60, 0), 0);
        if (step > 2)
            assert_int_equal(access_totp_verify(secret, shown, vectors[i].seconds - 60, 0), 0);
        assert_int_equal(access_totp_verify(secret, shown, vectors[i].seconds, step), 0); /* used */
        assert_int_equal(access_totp_verify(secret, shown, vectors[i].seconds, step - 1), step);
    }
    assert_int_equal(access_totp_verify(secret, STR("287 082"), 59, 0), 1);
    static const char *const bad[] = {"", "28708", "2870820", "28708a", "-87082", "287082\n", "94287082"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(access_totp_verify(secret, str_from(bad[i]), 59, 0), 0);
    assert_int_equal(access_totp_verify(STR_NONE, STR("287082"), 59, 0), 0);
    AUTO_ARENA arena = arena_new();
    assert_str(access_base32(arena, STR("")), "");
    assert_str(access_base32(arena, STR("f")), "MY");
    assert_str(access_base32(arena, STR("fo")), "MZXQ");
    assert_str(access_base32(arena, STR("foo")), "MZXW6");
    assert_str(access_base32(arena, STR("foob")), "MZXW6YQ");
    assert_str(access_base32(arena, STR("fooba")), "MZXW6YTB");
    assert_str(access_base32(arena, STR("foobar")), "MZXW6YTBOI");
    assert_str(access_base32(arena, secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

/* ---- passwords ---- */

static void passwords_are_long_and_not_common(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const good[] = {
        "correct horse battery staple",
        "zw\xC3\xB6lf B\xC3\xA4ume im Wald",
        "f7Qm-x2Lp-9sVd",
        "839201746582",
        "\u6211\u7684\u5bc6\u7801\u662f\u4e00\u6761\u5f88\u957f\u7684\u53e5\u5b50\u4e86",
        "my password is a long river",
        "the admin wears green socks",
        "            twelve blanks and more"};
    static const char *const bad[] = {
        "short",          "elevenchars",      "password1234",        "Password123!",
        "P@ssw0rd2024",   "passwordpassword", "qwertyuiop12",        "qwertyuiopasdf",
        "123456789012",   "111111111111",     "aaaaaaaaaaaaaaaaaaa", "abcabcabcabc",
        "abcdefghijklm",  "letmein12345",     "welcome2024!",        "administrator",
        "administrator1", "iloveyou2024",     "chatelaine123",       "Chatelaine2026!",
        "1q2w3e1q2w3e",   "zaqxswzaqxsw",     "asdfghjkl123",        "monkeydragon1",
        "adminadmin123",  "summer2025!!",     "passw0rdpassw0rd",    "trustno1trustno1",
        "abababababab",   "secretsecret1"};
    struct str normal;
    const char *why;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (access_password_check(arena, str_from(good[i]), STR("ada@acme.example"), STR("Ada"), &normal,
                                  &why) != OK)
            fail_msg("refused: %s (%s)", good[i], why);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (access_password_check(arena, str_from(bad[i]), STR("ada@acme.example"), STR("Ada"), &normal,
                                  &why) == OK)
            fail_msg("taken: %s", bad[i]);
        assert_non_null(why);
    }
}

static void passwords_are_not_ones_own_name(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str normal;
    const char *why;
    static const char *const bad[] = {"ada.lovelace@acme.example", "AdaLovelace123", "lovelaceacme!",
                                      "lovelace1815"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (access_password_check(arena, str_from(bad[i]), STR("ada.lovelace@acme.example"),
                                  STR("Ada Lovelace"), &normal, &why) == OK)
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(access_password_check(arena, STR("lovelace wrote the first loop"),
                                           STR("ada.lovelace@acme.example"), STR("Ada Lovelace"), &normal,
                                           &why),
                     OK);
}

static void passwords_are_text_in_one_form(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str composed, decomposed;
    assert_int_equal(access_password_normal(arena, STR("zw\xC3\xB6lf"), &composed), OK);
    assert_int_equal(access_password_normal(arena, STR("zwo\xCC\x88lf"), &decomposed), OK);
    assert_true(str_equal(composed, decomposed));
    struct str normal;
    assert_int_not_equal(access_password_normal(arena, STR("\xFF\xFE"), &normal), OK);
    assert_int_not_equal(access_password_normal(arena, STR("nul\0here"), &normal), OK);
    char *long_one = arena_alloc(arena, PASSWORD_MAX_BYTES + 1);
    for (size_t i = 0; i <= PASSWORD_MAX_BYTES; i++)
        long_one[i] = (char)('a' + i * 7 % 26);
    assert_int_equal(access_password_normal(arena, str_of(long_one, PASSWORD_MAX_BYTES), &normal), OK);
    assert_int_not_equal(access_password_normal(arena, str_of(long_one, PASSWORD_MAX_BYTES + 1), &normal),
                         OK);
}

/* ---- cookies, tokens, addresses ---- */

static void one_cookie_of_a_name_or_none(void **state) {
    (void)state;
    struct str name = STR("chatelaine");
    assert_str(access_cookie_find(STR("chatelaine=a"), name), "a");
    assert_str(access_cookie_find(STR("x=1; chatelaine=a=b;y=2"), name), "a=b");
    static const char *const none[] = {"",
                                       "chatelaine",
                                       "Chatelaine=a",
                                       "xchatelaine=a",
                                       "chatelaine-device=a",
                                       "chatelaine=a; chatelaine=b",
                                       "chatelaine=a;chatelaine=a",
                                       "x=chatelaine=a"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_true(str_is_empty(access_cookie_find(str_from(none[i]), name)));
    assert_true(str_is_empty(access_cookie_find(STR_NONE, name)));
    AUTO_ARENA arena = arena_new();
    assert_str(access_cookie_write(arena, access_cookie_session(true), STR("v"), true, 60),
               "__Host-chatelaine=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    assert_str(access_cookie_write(arena, access_cookie_session(false), STR(""), false, 0),
               "chatelaine=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

static void tokens_have_their_form(void **state) {
    (void)state;
    assert_true(access_token_is_formed(STR("ca_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_"), STR("ca_")));
    assert_false(access_token_is_formed(STR("ca_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-"), STR("ca_")));
    assert_false(access_token_is_formed(STR("ca_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-__"), STR("ca_")));
    assert_false(access_token_is_formed(STR("ca_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-+"), STR("ca_")));
    assert_false(access_token_is_formed(STR("in_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_"), STR("ca_")));
    assert_false(access_token_is_formed(STR_NONE, STR("")));
}

static void addresses_are_compared_folded(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str email, key;
    assert_int_equal(access_email_read(arena, STR(" \xC3\x84rger@Acme.Example "), &email, &key), OK);
    assert_str(email, "\xC3\x84rger@Acme.Example");
    assert_str(key, "\xC3\xA4rger@acme.example");
    assert_str(access_email_domain(key), "acme.example");
    static const char *const bad[] = {"",     "ada",    "@acme.example", "ada@",  "a@b@c", "a b@c", "a@.c",
                                      "a@c.", "a\"b@c", "<a@c>",         "a,b@c", "a@c\n", "\xFF@c"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (i != 11)
            assert_int_not_equal(access_email_read(arena, str_from(bad[i]), &email, &key), OK);
}

static void a_network_of_ipv6_is_one_address(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct {
        const char *peer, *network;
    } table[] = {
        {"203.0.113.7", "203.0.113.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2"},
        {"2001:db8:1:2::6", "2001:db8:1:2"},
        {"2001:db8::6", "2001:db8:0:0"},
        {"2001:db8::2:3:4:5:6", "2001:db8:0:2"},
        {"2001:db8::1:2:3:4:5:6", "2001:db8:1:2"},
        {"::1:2:3:4:5:6:7", "0:1:2:3"},
        {"fe80::", "fe80:0:0:0"},
        {"::", "0:0:0:0"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_str(access_address_network(arena, str_from(table[i].peer)), table[i].network);
}

static void hosts_that_are_numbers_have_no_passkeys(void **state) {
    (void)state;
    assert_str(access_host_name(STR("chat.example:8443")), "chat.example");
    assert_str(access_host_name(STR("[::1]:8443")), "[::1]");
    assert_true(access_host_is_number(STR("[::1]")));
    assert_true(access_host_is_number(STR("127.0.0.1")));
    assert_true(access_host_is_number(STR_NONE));
    assert_false(access_host_is_number(STR("localhost")));
    assert_false(access_host_is_number(STR("1.example")));
}

static void the_public_url_is_an_origin(void **state) {
    (void)state;
    static const char *const good[] = {"https://chat.acme.example", "http://localhost:8080",
                                       "https://[::1]:8443"};
    static const char *const bad[] = {"",
                                      "chat.acme.example",
                                      "https://",
                                      "https://chat.acme.example/",
                                      "https://Chat.acme.example",
                                      "https://a@b",
                                      "https://a b",
                                      "ftp://a",
                                      "https://a?b"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(access_public_url_is_good(str_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(access_public_url_is_good(str_from(bad[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_has_its_rights),
        cmocka_unit_test(grants_that_do_not_read_give_nothing),
        cmocka_unit_test(nobody_gives_more_than_they_manage),
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(passwords_are_long_and_not_common),
        cmocka_unit_test(passwords_are_not_ones_own_name),
        cmocka_unit_test(passwords_are_text_in_one_form),
        cmocka_unit_test(one_cookie_of_a_name_or_none),
        cmocka_unit_test(tokens_have_their_form),
        cmocka_unit_test(addresses_are_compared_folded),
        cmocka_unit_test(a_network_of_ipv6_is_one_address),
        cmocka_unit_test(hosts_that_are_numbers_have_no_passkeys),
        cmocka_unit_test(the_public_url_is_an_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
