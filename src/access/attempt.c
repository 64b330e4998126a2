/* SPDX-License-Identifier: Apache-2.0 */
/* Guessing: each attempt counts as a failure before anything is compared, and after some of them the next has
 * to wait, longer each time. What is counted is the account as strangers see it, each browser that its owner
 * has signed in with (so strangers cannot lock the owner out), and the address that all this comes from. */
#include "access/access_internal.h"
#include "base/clock.h"

struct rule {
    int64_t free; /* failures that cost nothing */
    int64_t first_ms, most_ms;
    int64_t forgotten_ms;
};
static const struct rule account_rule = {5, 5000, 15 * 60 * 1000, 24LL * 60 * 60 * 1000};
static const struct rule address_rule = {20, 5000, 5 * 60 * 1000, 60LL * 60 * 1000};

enum { TRIES = 4 };

static int64_t delay_after(const struct rule *rule, int64_t failures) {
    int64_t delay = rule->first_ms;
    if (failures <= rule->free)
        return 0;
    for (int64_t i = rule->free + 1; i < failures && delay < rule->most_ms; i++)
        delay *= 2;
    return delay < rule->most_ms ? delay : rule->most_ms;
}

/* ---- what is counted ---- */

/* The first 64 bits of an IPv6 address, which one household or machine has whole; others as they are. */
struct str access_address_network(struct arena *arena, struct str peer) {
    if (str_find_byte(peer, ':') == STR_NOT_FOUND)
        return peer;
    struct str gap = STR("::");
    size_t at = str_find(peer, gap);
    struct str front = at == STR_NOT_FOUND ? peer : str_slice(peer, 0, at);
    struct str groups[4] = {STR("0"), STR("0"), STR("0"), STR("0")};
    struct str piece;
    size_t count = 0;
    while (count < 4 && !str_is_empty(front) && str_cut(&front, ':', &piece))
        groups[count++] = piece;
    /* "::" this early stands for at least one group; only a lower half so long would reach into the upper. */
    if (at != STR_NOT_FOUND && count < 4) {
        struct str back = str_from_index(peer, at + gap.len);
        struct str pieces[8];
        size_t behind = 0;
        while (behind < 8 && !str_is_empty(back) && str_cut(&back, ':', &piece))
            pieces[behind++] = piece;
        for (size_t i = 0; behind > 4 && i < behind - 4 && i < 4; i++)
            groups[4 - (behind - 4) + i] = pieces[i];
    }
    return arena_print(arena, "%.*s:%.*s:%.*s:%.*s", STR_ARG(groups[0]), STR_ARG(groups[1]),
                       STR_ARG(groups[2]), STR_ARG(groups[3]));
}

/* A loopback address is a proxy's that does not say for whom it asks: all would share it. */
static bool is_counted(struct str peer) {
    return !str_is_empty(peer) && !str_starts_with(peer, STR("127.")) && !str_equal(peer, STR("::1")) &&
           !str_starts_with(peer, STR("unix"));
}

static struct str key_of(struct arena *arena, const char *kind, struct str what) {
    struct str text = arena_print(arena, "%s:%.*s", kind, (int)what.len, what.at);
    return digest_sha256_hex(arena, text);
}

enum status attempt_device_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from, struct str email_key, bool *is_known) {
    struct str device = access_cookie_find(from->cookie, access_cookie_device(from->is_secure));
    *is_known = false;
    if (!access_token_is_formed(device, STR("")))
        return OK;
    return store_admin_device_is_known_wait(access->options.store, access_hash(arena, device), email_key,
                                            clock_now_ms() - ACCESS_DEVICE_MS, is_known);
}

/* ---- counting ---- */

static enum status refuse(struct access_refusal *refusal, struct arena *arena, int64_t wait_ms) {
    unsigned seconds = (unsigned)((wait_ms + 999) / 1000);
    enum status status =
        access_refuse(refusal, arena, 429, "too-many-attempts",
                      "Too many attempts. Try again in %u second%s.", seconds, seconds == 1 ? "" : "s");
    refusal->retry_after_s = seconds;
    return status;
}

static enum status count_wait(struct access *access, struct arena *arena, const struct rule *rule,
                              struct attempt *attempt, struct access_refusal *refusal) {
    struct str key = attempt->keys[attempt->count];
    for (unsigned i = 0; i < TRIES; i++) {
        struct store_attempts before;
        TRY(store_attempts_find_wait(access->options.store, key, &before));
        int64_t now = clock_now_ms();
        if (before.blocked_until > now)
            return refuse(refusal, arena, before.blocked_until - now);
        struct store_attempts after = before;
        after.failures = before.at < now - rule->forgotten_ms ? 1 : before.failures + 1;
        after.blocked_until = now + delay_after(rule, after.failures);
        after.at = now;
        enum status status = store_attempts_put_wait(access->options.store, key, &after);
        if (status == CONFLICT) /* somebody tries at the same time: look again at how they fared */
            continue;
        if (status == OK) {
            after.version = before.version + 1;
            attempt->before[attempt->count] = before;
            attempt->now[attempt->count++] = after;
        }
        return status;
    }
    return refuse(refusal, arena, 1000);
}

enum status attempt_begin_wait(struct access *access, struct arena *arena,
                               const struct access_credentials *from, struct str email_key,
                               struct attempt *attempt, struct access_refusal *refusal) {
    *attempt = (struct attempt){.count = 0};
    bool is_known = false;
    TRY(attempt_device_wait(access, arena, from, email_key, &is_known));
    struct str device = access_cookie_find(from->cookie, access_cookie_device(from->is_secure));
    attempt->keys[0] = is_known ? key_of(arena, "device", device) : key_of(arena, "account", email_key);
    attempt->keys[1] = key_of(arena, "address", access_address_network(arena, from->peer));
    TRY(count_wait(access, arena, &account_rule, attempt, refusal));
    if (!is_counted(from->peer))
        return OK;
    enum status status = count_wait(access, arena, &address_rule, attempt, refusal);
    if (status == DENIED) /* it is not looked at: whose account it names has nothing to do with it */
        attempt_undo_wait(access, attempt, true);
    return status;
}

void attempt_undo_wait(struct access *access, const struct attempt *attempt, bool account_too) {
    for (unsigned i = account_too ? 0 : 1; i < attempt->count; i++) {
        struct store_attempts back = attempt->before[i];
        back.version = attempt->now[i].version;
        /* Where another attempt came meanwhile, it stands as it is: a failure too many, never one too few. */
        enum status status = store_attempts_put_wait(access->options.store, attempt->keys[i], &back);
        (void)status;
    }
}
