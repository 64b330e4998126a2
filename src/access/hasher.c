/* SPDX-License-Identifier: Apache-2.0 */
/* One thread hashes passwords, one at a time: so a flood of sign-ins takes 64 MiB and one core, however large
 * it is, and no front thread waits for it. */
#include "access/access_internal.h"
#include "base/job.h"
#include "base/log.h"
#include "base/memory.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

/* The second choice of RFC 9106 section 4 with one lane: 64 MiB, three passes; some 0.15 s. */
enum { PASSES = 3, MEMORY_BYTES = 64 * 1024 * 1024, WAITING_MAX = 32 };

/* Compares with no password; its parameters are those above. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$Y2hhdGVsYWluZS1ub25lLQ$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct hasher {
    struct loop *loop;
    pthread_t thread;
    pthread_mutex_t lock; /* of `is_running` */
    bool is_running;
    _Atomic unsigned waiting;
};

struct hashing {
    struct job job; /* first member */
    struct hasher *hasher;
    char *password;
    size_t len;
    char hash[crypto_pwhash_STRBYTES]; /* compared with, or made */
    bool is_new, is_right, is_old, is_done;
};

static void free_hashing(struct job *job) {
    struct hashing *hashing = (struct hashing *)job;
    atomic_fetch_sub(&hashing->hasher->waiting, 1);
    mem_wipe(hashing->password, hashing->len);
    mem_free(hashing->password);
    mem_wipe(hashing, sizeof *hashing);
    mem_free(hashing);
}

static void work(struct job *job) {
    struct hashing *hashing = (struct hashing *)job;
    const char *password = hashing->password;
    if (atomic_load(&job->is_abandoned)) {
        job_done(job);
        return;
    }
    if (hashing->is_new) {
        hashing->is_done = crypto_pwhash_str_alg(hashing->hash, password, hashing->len, PASSES, MEMORY_BYTES,
                                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
    } else {
        hashing->is_right = crypto_pwhash_str_verify(hashing->hash, password, hashing->len) == 0;
        hashing->is_old = crypto_pwhash_str_needs_rehash(hashing->hash, PASSES, MEMORY_BYTES) != 0;
        hashing->is_done = true;
    }
    job_done(job);
}

static void *run(void *argument) {
    struct hasher *hasher = argument;
    loop_run(hasher->loop);
    return NULL;
}

struct hasher *hasher_new(void) {
    struct hasher *hasher = mem_alloc_zero(sizeof *hasher);
    pthread_mutex_init(&hasher->lock, NULL);
    hasher->loop = loop_new();
    return hasher;
}

void hasher_free(struct hasher *hasher) {
    if (hasher == NULL)
        return;
    loop_stop(hasher->loop);
    if (hasher->is_running)
        pthread_join(hasher->thread, NULL);
    loop_free(hasher->loop);
    pthread_mutex_destroy(&hasher->lock);
    mem_free(hasher);
}

/* Most processes never hash a password: the thread begins with the first. */
static bool begin(struct hasher *hasher) {
    pthread_mutex_lock(&hasher->lock);
    if (!hasher->is_running)
        hasher->is_running = sodium_init() >= 0 && pthread_create(&hasher->thread, NULL, run, hasher) == 0;
    bool is_running = hasher->is_running;
    pthread_mutex_unlock(&hasher->lock);
    if (!is_running)
        log_event(LOG_ERROR, "password-thread-failed");
    return is_running;
}

bool hasher_has_room(const struct hasher *hasher) {
    return atomic_load(&hasher->waiting) < WAITING_MAX;
}

static struct hashing *prepare(struct hasher *hasher, struct str password) {
    if (atomic_fetch_add(&hasher->waiting, 1) >= WAITING_MAX || !begin(hasher)) {
        atomic_fetch_sub(&hasher->waiting, 1);
        return NULL;
    }
    struct hashing *hashing = mem_alloc_zero(sizeof *hashing);
    hashing->job.work = work;
    hashing->job.free = free_hashing;
    hashing->hasher = hasher;
    hashing->len = password.len;
    hashing->password = mem_alloc(password.len + 1);
    for (size_t i = 0; i < password.len; i++)
        hashing->password[i] = password.at[i];
    return hashing;
}

enum status hasher_hash_wait(struct hasher *hasher, struct arena *arena, struct str password,
                             struct str *hash) {
    struct hashing *hashing = prepare(hasher, password);
    if (hashing == NULL)
        return UNAVAILABLE;
    hashing->is_new = true;
    TRY(job_wait(&hashing->job, hasher->loop));
    bool is_done = hashing->is_done;
    if (is_done)
        *hash = arena_copy(arena, str_from(hashing->hash));
    free_hashing(&hashing->job);
    return is_done ? OK : FAILED;
}

enum status hasher_verify_wait(struct hasher *hasher, struct str hash, struct str password, bool *is_right,
                               bool *is_old) {
    struct hashing *hashing = prepare(hasher, password);
    if (hashing == NULL)
        return UNAVAILABLE;
    bool is_somebody = !str_is_empty(hash) && hash.len < sizeof hashing->hash;
    struct str compared = is_somebody ? hash : str_from(nobody);
    assert(compared.len < sizeof hashing->hash);
    for (size_t i = 0; i < compared.len; i++) /* the rest is zero, as libsodium wants it */
        hashing->hash[i] = compared.at[i];
    TRY(job_wait(&hashing->job, hasher->loop));
    *is_right = is_somebody && hashing->is_right;
    *is_old = is_somebody && hashing->is_old;
    free_hashing(&hashing->job);
    return OK;
}
