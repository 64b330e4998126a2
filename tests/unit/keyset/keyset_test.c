/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets from a real server that rotates, dies, dawdles and cheats. */
#include "keyset/keyset.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "unit/fibers.h"
#include "unit/peer.h"
#include "unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* ---- the issuer ---- */

#define KEY(kid)                                                                                             \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"" kid                                                       \
    "\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_"                       \
    "tue659LNpXW6pCyStikYjKIWI5a0\"}"

enum mood { WELL, ROTATED, DEAD, STUMBLING, EMPTY };

static _Atomic unsigned requests;
static _Atomic int mood;
static _Atomic int pause_ms;

static void answer_json(struct peer_exchange *exchange, struct str body) {
    peer_answer(exchange, "200 OK", "Content-Type: application/json\r\nCache-Control: max-age=3600\r\n",
                body);
}

static void answer_keys(struct peer_exchange *exchange) {
    /* What is answered is settled when the request comes, not when the answer goes. */
    int mood_then = atomic_load(&mood);
    if (!peer_pause(exchange, atomic_load(&pause_ms)))
        return;
    if (mood_then == STUMBLING) /* once */
        atomic_store(&mood, WELL);
    if (mood_then == EMPTY)
        answer_json(exchange, STR("{\"keys\":[]}"));
    else if (mood_then == DEAD || mood_then == STUMBLING)
        peer_answer(exchange, "500 Internal Server Error", "", STR("dead"));
    else
        answer_json(exchange, mood_then == ROTATED ? STR("{\"keys\":[" KEY("k2") "]}")
                                                   : STR("{\"keys\":[" KEY("k1") "]}"));
}

static void handle(struct peer_exchange *exchange, void *user) {
    (void)user;
    struct str path = peer_path(exchange);
    atomic_fetch_add(&requests, 1);
    if (str_starts_with(path, STR("/keys")))
        answer_keys(exchange);
    else if (str_equal(path, STR("/empty")))
        answer_json(exchange, STR("{\"keys\":[]}"));
    else if (str_equal(path, STR("/skips")))
        answer_json(exchange, STR("{\"keys\":[{\"kty\":\"unheard-of\"}," KEY("k1") "]}"));
    else if (str_equal(path, STR("/html")))
        peer_answer(exchange, "200 OK", "Content-Type: text/html\r\n", STR("{\"keys\":[" KEY("k1") "]}"));
    else if (str_equal(path, STR("/not-json")))
        answer_json(exchange, STR("{\"keys\":"));
    else if (str_equal(path, STR("/twice")))
        answer_json(exchange, STR("{\"keys\":[" KEY("k1") "],\"keys\":[" KEY("k2") "]}"));
    else if (str_equal(path, STR("/other-json")))
        answer_json(exchange, STR("[1,2]"));
    else if (str_equal(path, STR("/slow")))
        peer_pause(exchange, 20000);
    else if (str_equal(path, STR("/metadata")))
        peer_answer(exchange, "302 Found", "Location: http://169.254.169.254/keys\r\n", STR(""));
    else if (str_equal(path, STR("/moved")))
        peer_answer(exchange, "302 Found", "Location: /keys\r\n", STR(""));
    else if (str_equal(path, STR("/endless"))) {
        static char spaces[65536];
        memset(spaces, ' ', sizeof spaces);
        peer_write(exchange, STR("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"));
        while (peer_write(exchange, str_of(spaces, sizeof spaces)))
            continue;
    } else
        peer_answer(exchange, "404 Not Found", "", STR(""));
}

/* ---- this side ---- */

static struct peer *peer;
static struct egress *egress;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_ERROR);
    peer = peer_start(handle, NULL, false);
    struct egress_options options = {.is_private_allowed = true};
    assert_int_equal(egress_start(&options, &egress), OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    egress_stop(egress);
    peer_stop(peer);
    return 0;
}

static int begin(void **state) {
    (void)state;
    atomic_store(&requests, 0);
    atomic_store(&mood, WELL);
    atomic_store(&pause_ms, 0);
    return 0;
}

struct client {
    struct keyset_registry *registry;
    struct keyset_cache *cache;
    struct arena *arena;
    struct str url;
    struct keyset_error error;
};

static struct str url_of(struct arena *arena, const char *path) {
    return arena_print(arena, "http://127.0.0.1:%u%s", peer_port(peer), path);
}

static void with_registry(const struct keyset_options *given, const char *path, void (*run)(void *argument)) {
    struct keyset_options options = *given;
    options.is_private_allowed = true;
    AUTO_ARENA arena = arena_new();
    struct client client = {.arena = arena, .url = url_of(arena, path)};
    client.registry = keyset_registry_new(egress, &options);
    client.cache = keyset_cache_new(client.registry);
    in_fiber(run, &client);
    keyset_cache_free(client.cache);
    keyset_registry_free(client.registry);
}

#define assert_kid(keys, expected) assert_str(jose_key_kid(jose_key_set_at((keys), 0)), (expected))

/* The key id at hand, as a peek finds it; empty where there is none. */
static struct str peek(struct client *client) {
    const struct jose_key_set *keys;
    if (keyset_peek(client->cache, client->url, &keys) != OK || jose_key_set_count(keys) == 0)
        return STR_NONE;
    return jose_key_kid(jose_key_set_at(keys, 0));
}

static struct keyset_health health_of(struct client *client) {
    struct keyset_health health;
    assert_int_equal(keyset_read_health(client->registry, client->url, client->arena, &health), OK);
    return health;
}

static struct keyset_metrics metrics_of(struct client *client) {
    struct keyset_metrics metrics;
    keyset_read_metrics(client->registry, &metrics);
    return metrics;
}

static enum status get(struct client *client, struct jose_key_set **keys) {
    client->error = (struct keyset_error){0};
    return keyset_get_wait(client->cache, client->url, client->arena, keys, &client->error);
}

/* ---- fetched once, found ever after ---- */

static void run_first(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    struct keyset_health health;
    assert_null(peek(client).at);
    assert_int_equal(keyset_read_health(client->registry, client->url, client->arena, &health), NOT_FOUND);
    assert_int_equal(get(client, &keys), OK);
    assert_kid(keys, "k1");
    jose_key_set_release(keys);
    for (int i = 0; i < 100; i++) {
        assert_str(peek(client), "k1");
        assert_int_equal(get(client, &keys), OK);
        jose_key_set_release(keys);
    }
    assert_int_equal(atomic_load(&requests), 1);
    struct keyset_metrics metrics = metrics_of(client);
    assert_int_equal(metrics.fetched, 1);
    assert_int_equal(metrics.failed, 0);
    assert_int_equal(metrics.sets, 1);
    assert_int_equal(metrics.stale + metrics.without, 0);
    health = health_of(client);
    assert_int_equal(health.problem, KEYSET_FINE);
    assert_int_equal(health.key_count, 1);
    assert_true(health.fetched_at_s > 0 && health.tried_at_s >= health.fetched_at_s);
    assert_true(health.next_try_at_s - health.fetched_at_s > 600 &&
                health.next_try_at_s - health.fetched_at_s < 800);
    assert_false(health.is_stale);
    assert_true(str_find_byte(health.url, '?') == STR_NOT_FOUND);
}

static void test_first(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/keys?secret=1", run_first);
}

static void run_moved(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    assert_kid(keys, "k1");
    jose_key_set_release(keys);
}

static void test_moved(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/moved", run_moved);
}

static void run_skips(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    struct keyset_health health = health_of(client);
    assert_int_equal(health.key_count, 1);
    assert_int_equal(health.skipped_count, 1);
}

static void test_skipped_keys(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/skips", run_skips);
}

/* An issuer that publishes no keys any more has withdrawn them all. */
static void run_empty(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    assert_int_equal(jose_key_set_count(keys), 0);
    jose_key_set_release(keys);
    assert_int_equal(health_of(client).problem, KEYSET_NO_KEYS);
    assert_int_equal(metrics_of(client).without, 1);
}

static void test_empty(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/empty", run_empty);
}

/* ---- one flight ---- */

enum { CROWD = 1000 };

struct crowd {
    struct client client; /* first member: shares the registry, has its own cache */
    struct fiber *parent;
    unsigned running;
    unsigned fine;
};

static void run_member(void *argument) {
    struct crowd *crowd = argument;
    struct jose_key_set *keys;
    crowd->running++;
    AUTO_ARENA arena = arena_new();
    struct keyset_error error;
    if (keyset_get_wait(crowd->client.cache, crowd->client.url, arena, &keys, &error) == OK) {
        crowd->fine += str_equal(jose_key_kid(jose_key_set_at(keys, 0)), STR("k1"));
        jose_key_set_release(keys);
    }
    if (--crowd->running == 0)
        fiber_wake(crowd->parent);
}

static void run_crowd(void *argument) {
    struct crowd *crowd = argument;
    crowd->parent = fiber_current();
    for (int i = 0; i < CROWD; i++)
        fiber_start(run_member, crowd, NULL);
    while (crowd->running > 0)
        assert_int_equal(fiber_park_wait(), OK);
}

static void *run_crowd_thread(void *argument) {
    in_fiber(run_crowd, argument);
    return NULL;
}

static void test_single_flight(void **state) {
    (void)state;
    enum { THREADS = 2 };
    atomic_store(&pause_ms, 100);
    AUTO_ARENA arena = arena_new();
    struct keyset_options options = {.is_private_allowed = true};
    struct keyset_registry *registry = keyset_registry_new(egress, &options);
    struct crowd crowds[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){.client = {.registry = registry, .url = url_of(arena, "/keys")}};
        crowds[i].client.cache = keyset_cache_new(registry);
        assert_int_equal(pthread_create(&threads[i], NULL, run_crowd_thread, &crowds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(crowds[i].fine, CROWD);
        keyset_cache_free(crowds[i].client.cache);
    }
    keyset_registry_free(registry);
    assert_int_equal(atomic_load(&requests), 1);
}

/* ---- rotation and unknown key ids ---- */

static void run_rotation(void *argument) {
    struct client *client = argument;
    struct jose_key_set *first;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &first), OK);
    atomic_store(&mood, ROTATED);
    assert_int_equal(keyset_refresh_for_unknown_kid_wait(client->cache, client->url, first, &keys), OK);
    assert_kid(keys, "k2"); /* who waited has the new ones, and so has everybody else */
    assert_str(peek(client), "k2");
    assert_int_equal(atomic_load(&requests), 2);
    struct jose_key_set *again;
    for (int i = 0; i < 100; i++) { /* a flood of invented key ids */
        assert_int_equal(keyset_refresh_for_unknown_kid_wait(client->cache, client->url, keys, &again), OK);
        assert_ptr_equal(again, keys);
        jose_key_set_release(again);
    }
    assert_int_equal(atomic_load(&requests), 2);
    /* One that still holds the old set is given the newer without a fetch. */
    assert_int_equal(keyset_refresh_for_unknown_kid_wait(client->cache, client->url, first, &again), OK);
    assert_ptr_equal(again, keys);
    jose_key_set_release(again);
    assert_int_equal(atomic_load(&requests), 2);
    assert_int_equal(fiber_sleep_wait(350), OK);
    struct jose_key_set *third;
    assert_int_equal(keyset_refresh_for_unknown_kid_wait(client->cache, client->url, keys, &third), OK);
    assert_int_equal(atomic_load(&requests), 3);
    assert_ptr_equal(third, keys); /* fetched again, found unchanged */
    /* The issuer fails just then: the keys at hand are the answer. */
    assert_int_equal(fiber_sleep_wait(350), OK);
    atomic_store(&mood, DEAD);
    assert_int_equal(keyset_refresh_for_unknown_kid_wait(client->cache, client->url, third, &again), OK);
    assert_ptr_equal(again, third);
    jose_key_set_release(again);
    jose_key_set_release(third);
    assert_int_equal(atomic_load(&requests), 4);
    assert_int_equal(health_of(client).problem, KEYSET_BAD_STATUS);
    jose_key_set_release(first);
    jose_key_set_release(keys);
}

static void test_rotation(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.unknown_kid_ms = 300, .failure_ms = 60000}, "/keys",
                  run_rotation);
}

/* A fetch that began before the administrator pressed the button does not count. */
static void run_background_get(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
}

static void run_now(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    struct keyset_error error = {0};
    atomic_store(&pause_ms, 150);
    fiber_start(run_background_get, client, NULL);
    assert_int_equal(fiber_sleep_wait(50), OK);
    assert_int_equal(atomic_load(&requests), 1);
    atomic_store(&mood, ROTATED);
    assert_int_equal(keyset_refresh_now_wait(client->cache, client->url, client->arena, &keys, &error), OK);
    assert_kid(keys, "k2");
    jose_key_set_release(keys);
    assert_int_equal(atomic_load(&requests), 2);
    atomic_store(&mood, DEAD);
    assert_int_equal(keyset_refresh_now_wait(client->cache, client->url, client->arena, &keys, &error),
                     UNAVAILABLE);
    assert_null(keys);
    assert_int_equal(error.problem, KEYSET_BAD_STATUS);
    assert_str(error.sentence, "The key-set URL answered with status 500.");
    assert_str(peek(client), "k2"); /* the old ones are in use all the same */
}

static void test_refresh_now(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/keys", run_now);
}

/* ---- life and death ---- */

static void run_background(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    for (int i = 0; i < 100; i++) { /* four lives long nobody waits */
        assert_str(peek(client), "k1");
        assert_int_equal(fiber_sleep_wait(10), OK);
    }
    unsigned count = atomic_load(&requests);
    assert_true(count >= 3 && count <= 8);
    assert_int_equal(metrics_of(client).fetched, count);
}

static void test_background_refresh(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.life_ms = 250}, "/keys", run_background);
}

static void run_death(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    atomic_store(&mood, DEAD);
    assert_int_equal(fiber_sleep_wait(400), OK);
    assert_str(peek(client), "k1"); /* past its life, and still in use */
    struct keyset_health health = health_of(client);
    assert_true(health.is_stale);
    assert_int_equal(health.problem, KEYSET_BAD_STATUS);
    assert_str(health.sentence, "The key-set URL answered with status 500.");
    assert_int_equal(health.key_count, 1);
    assert_int_equal(metrics_of(client).stale, 1);
    assert_true(metrics_of(client).failed >= 2); /* once, and again after a while */
    assert_int_equal(fiber_sleep_wait(800), OK);
    assert_null(peek(client).at); /* enough is enough */
    assert_int_equal(get(client, &keys), UNAVAILABLE);
    assert_int_equal(client->error.problem, KEYSET_BAD_STATUS);
    atomic_store(&mood, ROTATED);
    assert_int_equal(fiber_sleep_wait(150), OK);
    assert_int_equal(get(client, &keys), OK);
    assert_kid(keys, "k2");
    jose_key_set_release(keys);
    assert_false(health_of(client).is_stale);
}

static void test_death(void **state) {
    (void)state;
    with_registry(
        &(struct keyset_options){.life_ms = 200, .stale_ms = 1000, .failure_ms = 100, .retry_ms = 10},
        "/keys", run_death);
}

static void run_hammering(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    atomic_store(&mood, DEAD);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(get(client, &keys), UNAVAILABLE);
        assert_null(keys);
        assert_int_equal(client->error.problem, KEYSET_BAD_STATUS);
        assert_int_equal(keyset_refresh_for_unknown_kid_wait(client->cache, client->url, NULL, &keys),
                         UNAVAILABLE);
    }
    assert_int_equal(atomic_load(&requests), 3); /* one of either kind, one of them tried once more */
}

static void test_no_hammering(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/keys", run_hammering);
}

/* One bad answer between good ones: nobody is let down, not even who comes first. */
static void run_stumble(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    atomic_store(&mood, STUMBLING);
    assert_int_equal(get(client, &keys), OK);
    assert_kid(keys, "k1");
    jose_key_set_release(keys);
    assert_int_equal(atomic_load(&requests), 2);
    assert_int_equal(metrics_of(client).failed, 0);
    assert_int_equal(health_of(client).failures, 0);
}

static void test_stumble(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.retry_ms = 20}, "/keys", run_stumble);
}

/* No keys for a moment: they are out, and back soon, long before their life would end. */
static void run_emptied(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    struct keyset_error error;
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    atomic_store(&mood, EMPTY);
    assert_int_equal(keyset_refresh_now_wait(client->cache, client->url, client->arena, &keys, &error), OK);
    assert_int_equal(jose_key_set_count(keys), 0);
    jose_key_set_release(keys);
    assert_null(peek(client).at);
    atomic_store(&mood, WELL);
    assert_int_equal(fiber_sleep_wait(300), OK);
    assert_str(peek(client), "k1");
}

static void test_emptied(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.failure_ms = 100}, "/keys", run_emptied);
}

/* What an administrator's command does: nobody waits for it, and a set that is not in use is not fetched. */
static void run_refreshed(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    keyset_refresh(client->registry, client->url);
    assert_int_equal(fiber_sleep_wait(50), OK);
    assert_int_equal(atomic_load(&requests), 0);
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    atomic_store(&mood, ROTATED);
    keyset_refresh(client->registry, client->url);
    for (int i = 0; i < 100 && !str_equal(peek(client), STR("k2")); i++)
        assert_int_equal(fiber_sleep_wait(10), OK);
    assert_str(peek(client), "k2");
    assert_int_equal(atomic_load(&requests), 2);
}

static void test_refreshed(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/keys", run_refreshed);
}

static void run_listed(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    struct keyset_health list[4];
    assert_int_equal(keyset_list_health(client->registry, client->arena, list, 4), 0);
    for (int i = 0; i < 6; i++) {
        client->url =
            arena_print(client->arena, "http://127.0.0.1:%u/keys/%d?secret=%d", peer_port(peer), i, i);
        assert_int_equal(get(client, &keys), OK);
        jose_key_set_release(keys);
    }
    assert_int_equal(keyset_list_health(client->registry, client->arena, list, 4), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(list[i].key_count, 1);
        assert_true(str_starts_with(list[i].label, STR("127.0.0.1:")));
        assert_true(str_find(list[i].label, STR("secret")) == STR_NOT_FOUND);
        for (int j = 0; j < i; j++)
            assert_false(str_equal(list[i].label, list[j].label));
    }
}

static void test_listed(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/", run_listed);
}

/* ---- bad answers ---- */

static void run_bad(void *argument) {
    struct client *client = argument;
    static const struct {
        const char *path;
        enum keyset_problem problem;
    } cases[] = {
        {"/slow", KEYSET_TIMED_OUT},          {"/endless", KEYSET_TOO_LARGE},
        {"/html", KEYSET_WRONG_CONTENT_TYPE}, {"/not-json", KEYSET_NOT_A_KEY_SET},
        {"/twice", KEYSET_NOT_A_KEY_SET},     {"/other-json", KEYSET_NOT_A_KEY_SET},
        {"/nowhere", KEYSET_BAD_STATUS},      {"/metadata", KEYSET_ADDRESS_REFUSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jose_key_set *keys;
        client->url = url_of(client->arena, cases[i].path);
        int64_t before = clock_monotonic_us();
        assert_int_equal(get(client, &keys), UNAVAILABLE);
        assert_true(clock_monotonic_us() - before < 5000000);
        assert_string_equal(keyset_problem_word(client->error.problem),
                            keyset_problem_word(cases[i].problem));
        assert_true(client->error.sentence.len > 10);
        assert_int_equal(health_of(client).problem, cases[i].problem);
    }
    static const char *const urls[] = {"", "ftp://127.0.0.1/", "keys", "http://u:p@127.0.0.1/keys"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct jose_key_set *keys;
        client->url = str_from(urls[i]);
        assert_int_equal(get(client, &keys), UNAVAILABLE);
        assert_int_equal(client->error.problem, KEYSET_BAD_URL);
    }
}

static void test_bad_answers(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.timeout_ms = 1000}, "/", run_bad);
}

static void run_strict(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), UNAVAILABLE);
    assert_int_equal(client->error.problem, KEYSET_BAD_URL); /* http */
    client->url = arena_print(client->arena, "https://127.0.0.1:%u/keys", peer_port(peer));
    assert_int_equal(get(client, &keys), UNAVAILABLE);
    assert_int_equal(client->error.problem, KEYSET_ADDRESS_REFUSED);
}

static void test_strict(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct client client = {.arena = arena, .url = url_of(arena, "/keys")};
    struct egress *strict;
    assert_int_equal(egress_start(&(struct egress_options){0}, &strict), OK);
    client.registry = keyset_registry_new(strict, &(struct keyset_options){0});
    client.cache = keyset_cache_new(client.registry);
    in_fiber(run_strict, &client);
    keyset_cache_free(client.cache);
    keyset_registry_free(client.registry);
    egress_stop(strict);
    assert_int_equal(atomic_load(&requests), 0);
}

/* ---- bounds ---- */

static void run_bound(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    static const char *const paths[] = {"/keys/1", "/keys/2", "/keys/3"};
    for (size_t i = 0; i < 3; i++) {
        client->url = url_of(client->arena, paths[i]);
        assert_int_equal(get(client, &keys), OK);
        jose_key_set_release(keys);
        assert_int_equal(fiber_sleep_wait(5), OK);
    }
    assert_int_equal(metrics_of(client).sets, 2);
    client->url = url_of(client->arena, "/keys/1");
    assert_null(peek(client).at); /* the one asked for longest ago has gone */
    client->url = url_of(client->arena, "/keys/3");
    assert_str(peek(client), "k1");
}

static void test_bound(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.max_sets = 2}, "/", run_bound);
}

static void run_idle(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    assert_int_equal(fiber_sleep_wait(300), OK);
    assert_int_equal(metrics_of(client).sets, 0);
    assert_null(peek(client).at);
    assert_int_equal(atomic_load(&requests), 1);
    assert_int_equal(get(client, &keys), OK);
    jose_key_set_release(keys);
    assert_int_equal(atomic_load(&requests), 2);
}

static void test_idle(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){.life_ms = 200, .idle_ms = 50}, "/keys", run_idle);
}

/* ---- maps of certificates ---- */

static void handle_map(struct peer_exchange *exchange, void *user) {
    struct peer *with_certificate = *(struct peer **)user;
    AUTO_ARENA arena = arena_new();
    json_auto_t *map = json_object();
    json_set(map, STR("c1"), json_from_str(read_whole_file(arena, peer_certificate_file(with_certificate))));
    peer_answer(exchange, "200 OK",
                "Content-Type: application/json; charset=UTF-8\r\nCache-Control: public, max-age=7200\r\n",
                json_write(arena, map));
}

static void run_map(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), OK);
    assert_kid(keys, "c1");
    jose_key_set_release(keys);
    struct keyset_health health = health_of(client);
    int64_t until_next = health.next_try_at_s - health.fetched_at_s;
    assert_true(until_next > 5000 && until_next < 6500); /* 80 % of the two hours that it allows */
}

static void test_map(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct peer *with_certificate = peer_start(handle, NULL, true);
    struct peer *issuer = peer_start(handle_map, &with_certificate, false);
    struct client client = {.arena = arena};
    client.url = arena_print(arena, "http://127.0.0.1:%u/certificates", peer_port(issuer));
    client.registry = keyset_registry_new(egress, &(struct keyset_options){.is_private_allowed = true});
    client.cache = keyset_cache_new(client.registry);
    in_fiber(run_map, &client);
    keyset_cache_free(client.cache);
    keyset_registry_free(client.registry);
    peer_stop(issuer);
    peer_stop(with_certificate);
}

/* ---- the end, and clients that go ---- */

static void run_canceled(void *argument) {
    struct client *client = argument;
    struct jose_key_set *keys;
    assert_int_equal(get(client, &keys), CANCELED);
    assert_null(keys);
}

static void run_leaves(void *argument) {
    struct client *client = argument;
    struct fiber *fiber = fiber_start(run_canceled, client, NULL);
    assert_int_equal(fiber_sleep_wait(50), OK);
    fiber_cancel(fiber);
    for (int i = 0; i < 10; i++) /* these are canceled by the end of the loop */
        fiber_start(run_canceled, client, NULL);
}

static void test_end_in_flight(void **state) {
    (void)state;
    with_registry(&(struct keyset_options){0}, "/slow", run_leaves);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first, begin),
        cmocka_unit_test_setup(test_moved, begin),
        cmocka_unit_test_setup(test_skipped_keys, begin),
        cmocka_unit_test_setup(test_empty, begin),
        cmocka_unit_test_setup(test_single_flight, begin),
        cmocka_unit_test_setup(test_rotation, begin),
        cmocka_unit_test_setup(test_refresh_now, begin),
        cmocka_unit_test_setup(test_background_refresh, begin),
        cmocka_unit_test_setup(test_death, begin),
        cmocka_unit_test_setup(test_no_hammering, begin),
        cmocka_unit_test_setup(test_stumble, begin),
        cmocka_unit_test_setup(test_emptied, begin),
        cmocka_unit_test_setup(test_refreshed, begin),
        cmocka_unit_test_setup(test_listed, begin),
        cmocka_unit_test_setup(test_bad_answers, begin),
        cmocka_unit_test_setup(test_strict, begin),
        cmocka_unit_test_setup(test_bound, begin),
        cmocka_unit_test_setup(test_idle, begin),
        cmocka_unit_test_setup(test_map, begin),
        cmocka_unit_test_setup(test_end_in_flight, begin),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
