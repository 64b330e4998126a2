/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the time of a comparison tells how much of a secret was guessed: Welch's t-test over two classes of
 * wrong guesses, one that shares all but the last bytes with the secret and one that shares nothing (the
 * method of dudect: Reparaz, Balasch, Verbauwhede, 2017). The classes alternate at random, so that whatever
 * else the machine does happens to both. usage: timing SAMPLES DIRECTORY; a JSON object a line. */
#include "base/blocking.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/random.h"
#include "environment/environment.h"
#include "jose/jose.h"
#include "store/batch.h"
#include "store/environment.h"
#include "store/key.h"
#include "store/product.h"
#include "vault/vault.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GUESS_MAX = 64, CLASSES = 2, CROPS = 6, CHUNK = 1 << 14, FREE_TAIL = 4 };

struct subject {
    const char *name;
    struct str secret;                  /* what a guess is compared with */
    unsigned repeats;                   /* in one sample: short ones are measured together */
    bool (*compare)(struct str guess);  /* of whichever result; the compiler must not know it */
    void (*fill)(char *at, size_t len); /* random bytes of the right alphabet */
};

/* ---- time ---- */

static inline uint64_t ticks(void) {
#if defined(__x86_64__)
    uint32_t low;
    uint32_t high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high)::"memory");
    return ((uint64_t)high << 32) | low;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
#endif
}

/* ---- Welch's t-test, as the samples come (Welford) ---- */

struct moments {
    double count, mean, squares;
};

static void moments_add(struct moments *moments, double value) {
    double distance = value - moments->mean;
    moments->count += 1;
    moments->mean += distance / moments->count;
    moments->squares += distance * (value - moments->mean);
}

static double welch(const struct moments *a, const struct moments *b) {
    if (a->count < 2 || b->count < 2)
        return 0;
    double variance = a->squares / (a->count - 1) / a->count + b->squares / (b->count - 1) / b->count;
    return variance > 0 ? (a->mean - b->mean) / sqrt(variance) : 0;
}

/* ---- guesses ---- */

struct guess {
    char bytes[GUESS_MAX];
    uint8_t class;
    uint64_t ticks;
};

/* Class 0 knows the secret but for its last bytes. Both are random where they are wrong, so that no cache can
 * tell them apart. */
static void prepare(const struct subject *subject, struct guess *guesses) {
    unsigned char classes[CHUNK];
    random_bytes(classes, sizeof classes);
    for (size_t i = 0; i < CHUNK; i++) {
        guesses[i].class = classes[i] & 1;
        subject->fill(guesses[i].bytes, subject->secret.len);
        if (guesses[i].class == 0)
            memcpy(guesses[i].bytes, subject->secret.at, subject->secret.len - FREE_TAIL);
    }
}

static volatile unsigned kept; /* results: so that nothing is optimized away */

static void measure(const struct subject *subject, struct guess *guesses) {
    static char guess[GUESS_MAX] __attribute__((aligned(64))); /* the same place for all */
    for (size_t i = 0; i < CHUNK; i++) {
        memcpy(guess, guesses[i].bytes, subject->secret.len);
        unsigned found = 0;
        uint64_t begun = ticks();
        for (unsigned n = 0; n < subject->repeats; n++)
            found += subject->compare(str_of(guess, subject->secret.len));
        guesses[i].ticks = ticks() - begun;
        kept += found;
    }
}

static int by_ticks(const void *a, const void *b) {
    uint64_t left = ((const struct guess *)a)->ticks;
    uint64_t right = ((const struct guess *)b)->ticks;
    return left < right ? -1 : left > right;
}

/* Interruptions are long: the test is also made over those samples that are below a bound, for several
 * bounds. */
static void find_bounds(const struct guess *guesses, uint64_t bounds[CROPS]) {
    static const double shares[CROPS] = {1, 0.99, 0.95, 0.9, 0.75, 0.5};
    struct guess *sorted = malloc(CHUNK * sizeof *sorted);
    memcpy(sorted, guesses, CHUNK * sizeof *sorted);
    qsort(sorted, CHUNK, sizeof *sorted, by_ticks);
    bounds[0] = UINT64_MAX;
    for (size_t i = 1; i < CROPS; i++)
        bounds[i] = sorted[(size_t)(shares[i] * (CHUNK - 1))].ticks;
    free(sorted);
}

static void test(const struct subject *subject, size_t samples) {
    static struct guess guesses[CHUNK];
    struct moments moments[CROPS][CLASSES] = {0};
    uint64_t bounds[CROPS];
    prepare(subject, guesses);
    measure(subject, guesses); /* once unmeasured, to warm up */
    find_bounds(guesses, bounds);
    for (size_t done = 0; done < samples; done += CHUNK) {
        prepare(subject, guesses);
        measure(subject, guesses);
        for (size_t i = 0; i < CHUNK; i++) {
            for (size_t crop = 0; crop < CROPS; crop++) {
                if (guesses[i].ticks <= bounds[crop])
                    moments_add(&moments[crop][guesses[i].class], (double)guesses[i].ticks);
            }
        }
    }
    double worst = 0;
    for (size_t crop = 0; crop < CROPS; crop++) {
        double t = welch(&moments[crop][0], &moments[crop][1]);
        worst = fabs(t) > fabs(worst) ? t : worst;
    }
    printf("{\"name\":\"%s\",\"samples\":%.0f,\"repeats\":%u,\"t\":%.2f,\"near\":%.2f,\"far\":%.2f}\n",
           subject->name, moments[0][0].count + moments[0][1].count, subject->repeats, worst,
           moments[3][0].mean / subject->repeats, moments[3][1].mean / subject->repeats);
    fflush(stdout);
}

/* ---- what is compared ---- */

static char secret[GUESS_MAX];

static void fill_bytes(char *at, size_t len) {
    random_bytes(at, len);
}

/* The control: it stops at the first byte that differs, as memcmp may. A test that does not catch it proves
 * nothing. */
__attribute__((noinline)) static bool compare_leaky(struct str guess) {
    const volatile char *ours = secret;
    for (size_t i = 0; i < guess.len; i++) {
        if (guess.at[i] != ours[i])
            return false;
    }
    return true;
}

static bool compare_equal_secret(struct str guess) {
    return str_equal_secret(guess, str_of(secret, guess.len));
}

static struct jose_key_set *signing_keys;
static struct str signed_text;

static bool compare_signature(struct str guess) {
    return jose_key_verify(jose_key_set_at(signing_keys, 0), jose_algorithm_find(STR("HS256")), signed_text,
                           guess);
}

static struct environment_cache *environments;

static bool compare_secret_key(struct str guess) {
    struct environment *environment = NULL;
    return environment_peek(environments, guess, &environment) == OK;
}

/* sk_ and base64url. */
static void fill_key(char *at, size_t len) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    random_bytes(at, len);
    for (size_t i = 0; i < len; i++)
        at[i] = letters[(unsigned char)at[i] & 63];
    at[0] = 's';
    at[1] = 'k';
    at[2] = '_';
}

/* ---- all of them ---- */

static void must(bool is_fine, const char *what) {
    if (is_fine)
        return;
    fprintf(stderr, "timing: %s\n", what);
    exit(1);
}

struct work {
    size_t samples;
    const char *directory;
};

static void test_signature(struct arena *arena, size_t samples) {
    char key[32];
    struct str signature;
    random_bytes(key, sizeof key);
    struct str secrets[] = {str_of(key, sizeof key)};
    signed_text = STR("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzQyIiwiZXhwIjo0MTAyNDQ0ODAwfQ");
    must(jose_key_set_from_secrets(secrets, 1, &signing_keys) == OK, "no key");
    must(jose_key_sign(jose_key_set_at(signing_keys, 0), jose_algorithm_find(STR("HS256")), signed_text,
                       arena, &signature) == OK,
         "no signature");
    test(&(struct subject){"HMAC of a token", signature, 1, compare_signature, fill_bytes}, samples);
    jose_key_set_release(signing_keys);
}

/* A key that is known and loaded, as in a running server. */
static FIBER void test_secret_key_wait(struct arena *arena, const struct work *work) {
    struct store *store = NULL;
    struct vault *vault = NULL;
    struct str message = STR_NONE;
    struct store_options options = {.create = true};
    struct store_product product;
    struct store_key key;
    struct environment *environment = NULL;
    struct str text = random_secret(arena, STR("sk_"));
    struct str url = arena_print(arena, "%s/timing.db", work->directory);
    must(store_open(arena, url, &options, &store, &message) == OK, "no store");
    must(vault_load_text(arena, STR("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &vault, &message) == OK,
         "no vault");
    must(store_product_create_wait(store, arena, STR("acme"), NULL, &product) == OK, "no product");
    struct store_environment made = {
        .id = id_new(arena, STR("env")), .product = product.id, .name = STR("live"), .config = STR("{}")};
    struct store_batch *batch = store_batch_new(store, made.id);
    store_batch_add_environment(batch, &made, NULL);
    must(store_batch_write_wait(batch) == OK, "no environment");
    must(store_key_create_wait(store, arena, made.id, true, digest_sha256_hex(arena, text), STR("sk_…"), NULL,
                               &key) == OK,
         "no secret key");
    environments = environment_cache_new(store, vault);
    must(environment_find_wait(environments, text, &environment) == OK, "the secret key is not known");
    test(&(struct subject){"secret key (sk_) looked up", text, 1, compare_secret_key, fill_key},
         work->samples);
    environment_unref(environment);
    environment_cache_free(environments);
    vault_free(vault);
    store_close(store);
}

static FIBER void run_wait(void *argument) {
    const struct work *work = argument;
    AUTO_ARENA arena = arena_new();
    random_bytes(secret, sizeof secret);
    struct subject leaky = {"control: stops at the first difference", str_of(secret, 32), 8, compare_leaky,
                            fill_bytes};
    struct subject equal = {"str_equal_secret, 32 bytes", str_of(secret, 32), 8, compare_equal_secret,
                            fill_bytes};
    struct subject longer = {"str_equal_secret, 64 bytes", str_of(secret, 64), 8, compare_equal_secret,
                             fill_bytes};
    test(&leaky, work->samples);
    test(&equal, work->samples);
    test(&longer, work->samples);
    test_signature(arena, work->samples);
    test_secret_key_wait(arena, work);
}

int main(int count, char **arguments) {
    must(count == 3, "usage: timing SAMPLES DIRECTORY");
    struct work work = {strtoull(arguments[1], NULL, 10), arguments[2]};
    blocking_run(run_wait, &work);
    return 0;
}
