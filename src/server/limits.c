/* SPDX-License-Identifier: Apache-2.0 */
#include "server/limits.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/answer.h"
#include "server/proxy_watch.h"

#include <string.h>

/* A request asks for it more than once, and often the next one comes from there, too. */
struct limit_source limits_source_of(struct front *front, const struct http_address *address) {
    if (memcmp(front->limit_ip, address->ip, sizeof front->limit_ip) != 0) {
        memcpy(front->limit_ip, address->ip, sizeof front->limit_ip);
        front->limit_source = limit_source_of(front->process->limiter, address->ip);
    }
    return front->limit_source;
}

static struct limit_source source_of(const struct exchange *exchange) {
    return limits_source_of(front_of(exchange), &exchange_request(exchange)->peer);
}

/* ---- saying so ---- */

static struct str sentence_for(struct arena *arena, const struct limit_refusal *refusal) {
    const char *what = "Too many requests from this address.";
    if (refusal->kind == LIMIT_FAILURES)
        what = "Too many unknown keys or forged tokens from this address.";
    else if (refusal->kind == LIMIT_ENVIRONMENT)
        what = "Too many requests to this environment.";
    return arena_print(arena, "%s Try again in %u second%s.", what, refusal->retry_after_s,
                       refusal->retry_after_s == 1 ? "" : "s");
}

/* Once in a while, so that an operator learns of it and a flood does not fill the log: where all of a site's
 * visitors seem to come from one address, that is a proxy which is to be listed. */
static void log_refusal(struct exchange *exchange, const struct limit_refusal *refusal) {
    enum { QUIET_US = 10 * 1000 * 1000 };
    struct front *front = front_of(exchange);
    int64_t now = clock_monotonic_us();
    if (now < front->limit_quiet_until_us)
        return;
    front->limit_quiet_until_us = now + QUIET_US;
    struct str address = http_address_text(exchange_arena(exchange), &exchange_request(exchange)->peer);
    log_event(LOG_WARNING, "rate-limited", LOG_STR("limit", str_from(limit_kind_name(refusal->kind))),
              LOG_STR("address", address),
              LOG_STR("hint", STR("A proxy of yours? List it in --trusted-proxies.")));
}

/* RFC 6585 section 4; RateLimit is that of draft-ietf-httpapi-ratelimit-headers. The answer holds nothing of
 * anybody's, so any page may read it: else it would take it for a broken connection. */
static void answer_limited(struct exchange *exchange, const struct limit_refusal *refusal) {
    struct arena *arena = exchange_arena(exchange);
    struct str origin = http_header(exchange_request(exchange), HTTP_ORIGIN);
    const struct http_header headers[] = {
        {STR("Retry-After"), arena_print(arena, "%u", refusal->retry_after_s)},
        {STR("RateLimit"),
         arena_print(arena, "\"%s\";r=0;t=%u", limit_kind_name(refusal->kind), refusal->retry_after_s)},
        {STR("Vary"), STR("Origin")},
        {STR("Access-Control-Allow-Origin"), origin},
        {STR("Access-Control-Expose-Headers"), STR("Retry-After, RateLimit")},
    };
    const struct problem problem = {
        .status = 429, .code = STR("rate-limited"), .sentence = sentence_for(arena, refusal)};
    answer_problem_with(exchange, &problem, headers, str_is_empty(origin) ? 3 : 5);
    if (refusal->kind != LIMIT_ENVIRONMENT)
        log_refusal(exchange, refusal);
}

/* ---- asking ---- */

bool limits_admit(struct exchange *exchange) {
    proxy_watch(exchange);
    struct limit_source source = source_of(exchange);
    struct limit_refusal refusal;
    if (source.narrow == 0 ||
        limit_request(front_of(exchange)->process->limiter, source, 1, clock_monotonic_us(), &refusal))
        return true;
    answer_limited(exchange, &refusal);
    return false;
}

bool limits_admit_environment(struct exchange *exchange, const struct environment *environment) {
    static const char counted[] = "counted";
    unsigned per_second = environment->config.limits.requests_per_second;
    struct limit_refusal refusal;
    if (per_second == 0 || exchange_data(exchange) == counted)
        return true;
    if (limit_environment(front_of(exchange)->process->limiter, environment->id, per_second,
                          clock_monotonic_us(), &refusal)) {
        exchange_set_data(exchange, (void *)(uintptr_t)counted);
        return true;
    }
    answer_limited(exchange, &refusal);
    return false;
}

static bool may_fail(struct exchange *exchange, struct limit_refusal *refusal) {
    struct limit_source source = source_of(exchange);
    return source.narrow == 0 ||
           limit_may_fail(front_of(exchange)->process->limiter, source, clock_monotonic_us(), refusal);
}

static bool refuse_guess(struct exchange *exchange, const struct limit_refusal *refusal) {
    limit_refused(front_of(exchange)->process->limiter, refusal);
    answer_limited(exchange, refusal);
    return false;
}

bool limits_admit_guess(struct exchange *exchange) {
    struct limit_refusal refusal;
    return may_fail(exchange, &refusal) || refuse_guess(exchange, &refusal);
}

bool limits_admit_token(struct exchange *exchange, const struct environment *environment, struct str token) {
    struct limit_refusal refusal;
    return may_fail(exchange, &refusal) ||
           verifier_remembers(front_of(exchange)->verifier, environment, token) ||
           refuse_guess(exchange, &refusal);
}

void limits_count_wrong_guess(struct exchange *exchange) {
    limit_failed(front_of(exchange)->process->limiter, source_of(exchange), clock_monotonic_us());
}

void limits_count_refused(struct exchange *exchange, const struct identity_failure *failure) {
    if (identity_words(failure->detail)->reason == IDENTITY_BAD_SIGNATURE)
        limits_count_wrong_guess(exchange);
}
