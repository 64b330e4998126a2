/* SPDX-License-Identifier: Apache-2.0 */
/* The address policy and the rules for URLs, both pure. */
#include "egress/address.h"
#include "egress/url.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

/* P: public. p: private, so allowed where the operator allows it. n: never. */
static const struct {
    char verdict;
    const char *address;
} addresses[] = {
    {'P', "1.1.1.1"},
    {'P', "8.8.8.8"},
    {'P', "9.255.255.255"},
    {'p', "10.0.0.0"},
    {'p', "10.255.255.255"},
    {'P', "11.0.0.0"},
    {'P', "100.63.255.255"},
    {'p', "100.64.0.0"},
    {'p', "100.127.255.255"},
    {'n', "100.100.100.200"},
    {'P', "100.128.0.0"},
    {'P', "126.255.255.255"},
    {'p', "127.0.0.1"},
    {'p', "127.255.255.255"},
    {'P', "128.0.0.0"},
    {'P', "169.253.255.255"},
    {'P', "168.63.129.15"},
    {'n', "168.63.129.16"}, /* Azure's wire server */
    {'P', "168.63.129.17"},
    {'n', "169.254.0.0"},
    {'n', "169.254.0.23"},   /* Tencent */
    {'n', "169.254.42.42"},  /* Scaleway */
    {'n', "169.254.170.23"}, /* EKS: a pod's credentials */
    {'n', "169.254.169.254"},
    {'n', "169.254.170.2"},
    {'n', "169.254.169.253"},
    {'n', "169.254.255.255"},
    {'P', "169.255.0.0"},
    {'P', "172.15.255.255"},
    {'p', "172.16.0.0"},
    {'p', "172.31.255.255"},
    {'P', "172.32.0.0"},
    {'P', "191.255.255.255"},
    {'p', "192.0.0.1"},
    {'n', "192.0.0.192"},
    {'p', "192.0.0.255"},
    {'P', "192.0.1.0"},
    {'p', "192.0.2.1"},
    {'P', "192.0.3.0"},
    {'p', "192.88.99.1"},
    {'P', "192.88.100.0"},
    {'P', "192.167.255.255"},
    {'p', "192.168.0.0"},
    {'p', "192.168.255.255"},
    {'P', "192.169.0.0"},
    {'P', "198.17.255.255"},
    {'p', "198.18.0.0"},
    {'p', "198.19.255.255"},
    {'P', "198.20.0.0"},
    {'p', "198.51.100.7"},
    {'P', "198.51.101.0"},
    {'p', "203.0.113.7"},
    {'P', "203.0.114.0"},
    {'P', "223.255.255.255"},
    {'n', "224.0.0.1"},
    {'n', "239.255.255.255"},
    {'n', "240.0.0.1"},
    {'n', "255.255.255.255"},
    {'n', "0.0.0.0"},
    {'n', "0.0.0.1"},
    {'n', "0.255.255.255"},
    {'P', "1.0.0.0"},
    {'n', "::"},
    {'p', "::1"},
    {'n', "::ffff:0.0.0.0"},
    {'p', "::ffff:127.0.0.1"},
    {'p', "::ffff:10.1.2.3"},
    {'n', "::ffff:169.254.169.254"},
    {'P', "::ffff:8.8.8.8"},
    {'p', "::127.0.0.1"},
    {'n', "::2"},
    {'P', "::8.8.8.8"},
    {'p', "64:ff9b::10.0.0.1"},
    {'n', "64:ff9b::169.254.169.254"},
    {'P', "64:ff9b::8.8.8.8"},
    {'p', "64:ff9b:1::8.8.8.8"},
    {'n', "64:ff9b:2::1"},
    {'n', "100::1"},
    {'n', "2001::1"},
    {'n', "2001:0:4136:e378:8000:63bf:3fff:fdd2"},
    {'p', "2001:2::1"},
    {'p', "2001:1ff::1"},
    {'P', "2001:200::1"},
    {'P', "2001:4860:4860::8888"},
    {'p', "2001:db8::1"},
    {'P', "2001:db9::1"},
    {'p', "2002:0a00:0001::1"},
    {'p', "2002:7f00:0001::1"},
    {'n', "2002:a9fe:a9fe::1"},
    {'P', "2002:0808:0808::1"},
    {'P', "2606:4700::1111"},
    {'p', "3fff::1"},
    {'P', "3fff:1000::1"},
    {'n', "4000::1"},
    {'n', "5f00::1"},
    {'p', "fc00::1"},
    {'p', "fd12:3456::1"},
    {'n', "fd00:ec2::254"},
    {'n', "fd00:ec2::23"}, /* EKS */
    {'p', "fd00:ec3::1"},
    {'n', "fd20:ce::254"}, /* Google */
    {'p', "fd20:cf::254"},
    {'n', "fd00:c1::a9fe:a9fe"}, /* Oracle */
    {'n', "fd00:42::42"},        /* Scaleway */
    {'p', "fd00:43::42"},
    {'n', "::ffff:168.63.129.16"},
    {'n', "64:ff9b::168.63.129.16"},
    {'n', "2002:a83f:8110::1"},
    {'n', "fe00::1"},
    {'n', "fe80::1"},
    {'n', "fe80::a9fe:a9fe"},
    {'n', "febf::1"},
    {'p', "fec0::1"},
    {'n', "ff02::1"},
    {'n', "ff0e::1"},
    {'n', "1fff::1"},
    {'n', "0:1::1"},
};

static void test_policy(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        bool is_v4 = inet_pton(AF_INET, addresses[i].address, &v4.sin_addr) == 1;
        assert_true(is_v4 || inet_pton(AF_INET6, addresses[i].address, &v6.sin6_addr) == 1);
        const struct sockaddr *address = is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
        socklen_t len = is_v4 ? sizeof v4 : sizeof v6;
        bool strict = address_is_allowed(address, len, false);
        bool relaxed = address_is_allowed(address, len, true);
        if (strict != (addresses[i].verdict == 'P') || relaxed != (addresses[i].verdict != 'n'))
            fail_msg("%s: %d %d", addresses[i].address, strict, relaxed);
    }
}

static void test_other_families(void **state) {
    (void)state;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    assert_false(address_is_allowed((struct sockaddr *)&local, sizeof local, true));
    assert_true(address_is_allowed((struct sockaddr *)&v4, sizeof v4, false));
    assert_false(address_is_allowed((struct sockaddr *)&v4, sizeof v4 - 1, true));
}

static void test_urls(void **state) {
    (void)state;
    static const struct {
        const char *given;
        const char *text; /* NULL: refused */
        const char *origin;
    } urls[] = {
        {"https://issuer.example", "https://issuer.example/", "https://issuer.example:443"},
        {"https://issuer.example/.well-known/jwks.json?a=b",
         "https://issuer.example/.well-known/jwks.json?a=b", "https://issuer.example:443"},
        {"http://issuer.example:8080/x#part", "http://issuer.example:8080/x", "http://issuer.example:8080"},
        {"HTTPS://issuer.example/", "https://issuer.example/", "https://issuer.example:443"},
        {"https://[2001:db8::1]/", "https://[2001:db8::1]/", "https://[2001:db8::1]:443"},
        {"https://user@issuer.example/", NULL, NULL},
        {"https://user:password@issuer.example/", NULL, NULL},
        {"https://:@issuer.example/", NULL, NULL},
        {"ftp://issuer.example/", NULL, NULL},
        {"file:///etc/passwd", NULL, NULL},
        {"gopher://issuer.example/", NULL, NULL},
        {"javascript:alert(1)", NULL, NULL},
        {"//issuer.example/", NULL, NULL},
        {"/path", NULL, NULL},
        {"issuer.example", NULL, NULL},
        {"https://", NULL, NULL},
        {"https:///path", NULL, NULL},
        {"https:/path", NULL, NULL},
        {"https:path", NULL, NULL},
        {"https://a.example//b%20c", "https://a.example//b%20c", "https://a.example:443"},
        {"https://issuer%2eexample/", NULL, NULL},
        {"https://0x%7f.1/", NULL, NULL},
        {"https://\xC3\xA4.example/", NULL, NULL},
        {"https://xn--4ca.example/", "https://xn--4ca.example/", "https://xn--4ca.example:443"},
        {"https://[fe80::1%25eth0]/", NULL, NULL},
        {"https://a.example,b.example/", NULL, NULL},
        {"", NULL, NULL},
        {"https://issuer.example/a b", NULL, NULL},
        {"https://issuer.example/\r\nX: y", NULL, NULL},
        {"https://issuer.example\\@evil.example/", NULL, NULL},
        {"https://issuer.example:99999/", NULL, NULL},
        {"https://issuer.example:x/", NULL, NULL},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct url url;
        enum status status = url_read(arena, str_from(urls[i].given), &url);
        if ((status == OK) != (urls[i].text != NULL))
            fail_msg("%s: %s", urls[i].given, status_name(status));
        if (status == OK) {
            assert_string_equal(url.text, urls[i].text);
            assert_str(url.origin, urls[i].origin);
        }
    }
    struct url url;
    assert_int_equal(url_read(arena, STR("https://a.example/\0"), &url), INVALID);
    assert_int_equal(url_read(arena, STR_NONE, &url), INVALID);
    char *longest = arena_alloc(arena, 9000);
    memset(longest, 'x', 9000);
    assert_int_equal(url_read(arena, arena_print(arena, "https://a.example/%.*s", 9000, longest), &url),
                     INVALID);
}

static void test_following(void **state) {
    (void)state;
    static const struct {
        const char *location;
        const char *text;
    } hops[] = {
        {"/other", "https://a.example/other"},
        {"other", "https://a.example/one/other"},
        {"../x", "https://a.example/x"},
        {"?q=1", "https://a.example/one/two?q=1"},
        {"//b.example/x", "https://b.example/x"},
        {"http://b.example/", "http://b.example/"},
        {"https://me:you@b.example/", NULL},
        {"/x//y%20z", "https://a.example/x//y%20z"},
        {"x//y:z%20", "https://a.example/one/x//y:z%20"},
        {"/x?to=http://b.example", "https://a.example/x?to=http://b.example"},
        {"https:/b.example", NULL},
        {"///b.example", NULL},
        {"//b%2eexample/", NULL},
        {"file:///etc/passwd", NULL},
        {"", NULL},
    };
    AUTO_ARENA arena = arena_new();
    struct url base;
    assert_int_equal(url_read(arena, STR("https://a.example/one/two"), &base), OK);
    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        struct url url;
        enum status status = url_follow(arena, &base, str_from(hops[i].location), &url);
        if ((status == OK) != (hops[i].text != NULL))
            fail_msg("%s: %s", hops[i].location, status_name(status));
        if (status == OK)
            assert_string_equal(url.text, hops[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_other_families),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_following),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
