/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset/life.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static int64_t or_default(int64_t value, int64_t fallback) {
    return value > 0 ? value : fallback;
}

struct keyset_options life_defaults(const struct keyset_options *options) {
    struct keyset_options filled = *options;
    filled.life_ms = or_default(options->life_ms, 15 * MINUTE);
    filled.life_floor_ms = or_default(options->life_floor_ms, MINUTE);
    filled.life_least_ms = or_default(options->life_least_ms, 5 * MINUTE);
    filled.life_most_ms = or_default(options->life_most_ms, 24 * HOUR);
    filled.stale_ms = or_default(options->stale_ms, 24 * HOUR);
    filled.unknown_kid_ms = or_default(options->unknown_kid_ms, 10 * SECOND);
    filled.failure_ms = or_default(options->failure_ms, 10 * SECOND);
    filled.retry_ms = or_default(options->retry_ms, 400);
    filled.idle_ms = or_default(options->idle_ms, 2 * HOUR);
    filled.timeout_ms = or_default(options->timeout_ms, 5 * SECOND);
    filled.max_sets = options->max_sets != 0 ? options->max_sets : 4096;
    return filled;
}

static int64_t clamped(int64_t value, int64_t least, int64_t most) {
    return value < least ? least : (value > most ? most : value);
}

/* The seconds in `"max-age=3600"` or `max-age=3600`; false where there are none to be read. */
static bool read_seconds(struct str argument, uint64_t *seconds) {
    if (argument.len >= 2 && argument.at[0] == '"' && argument.at[argument.len - 1] == '"')
        argument = str_slice(argument, 1, argument.len - 1);
    enum status status = str_to_uint64(argument, seconds);
    if (status == TOO_LARGE)
        *seconds = UINT64_MAX;
    return status != INVALID;
}

/* The next one of a Cache-Control (RFC 9111 section 5.2); its name is empty where nothing stands between two
 * commas. */
static bool next_directive(struct str *rest, struct str *name, struct str *argument) {
    struct str directive;
    if (!str_cut(rest, ',', &directive))
        return false;
    *argument = str_trim(directive);
    if (!str_cut(argument, '=', name))
        *name = STR_NONE;
    return true;
}

/* Never kept longer than the options say, so that a key that its issuer has pulled is out soon, whatever else
 * the issuer says; and never not kept at all, which many say of everything: no outage could be outlived. */
static int64_t life_of_jwk_set(const struct keyset_options *options, struct str cache_control) {
    int64_t floor = options->life_floor_ms < options->life_ms ? options->life_floor_ms : options->life_ms;
    struct str rest = cache_control;
    struct str name;
    struct str argument;
    while (next_directive(&rest, &name, &argument)) {
        uint64_t seconds;
        if (!str_equal_ignore_case(name, STR("max-age")) || !read_seconds(argument, &seconds) || seconds == 0)
            continue;
        bool is_short = seconds < (uint64_t)(options->life_ms / SECOND);
        return is_short ? clamped((int64_t)seconds * SECOND, floor, options->life_ms) : options->life_ms;
    }
    return options->life_ms;
}

int64_t life_of(const struct keyset_options *options, bool is_certificate_map, struct str cache_control) {
    if (!is_certificate_map)
        return life_of_jwk_set(options, cache_control);
    int64_t life = options->life_ms;
    struct str rest = cache_control;
    struct str name;
    struct str argument;
    while (next_directive(&rest, &name, &argument)) {
        uint64_t seconds;
        if (str_equal_ignore_case(name, STR("no-store")) || str_equal_ignore_case(name, STR("no-cache")))
            return options->life_least_ms;
        if (str_equal_ignore_case(name, STR("max-age")) && read_seconds(argument, &seconds)) {
            bool is_endless = seconds > (uint64_t)(options->life_most_ms / SECOND);
            life = is_endless ? options->life_most_ms : (int64_t)seconds * SECOND;
        }
    }
    return clamped(life, options->life_least_ms, options->life_most_ms);
}

int64_t life_until_refresh(int64_t life_ms, unsigned chance) {
    return life_ms * (750 + (int64_t)chance / 10) / 1000; /* 75 to 85 %: sets fetched together drift apart */
}

int64_t life_until_retry(const struct keyset_options *options, unsigned failures, unsigned chance) {
    int64_t wait = options->failure_ms;
    int64_t most = options->failure_ms > 5 * MINUTE ? options->failure_ms : 5 * MINUTE;
    for (unsigned i = 1; i < failures && wait < most; i++)
        wait *= 2;
    wait = wait < most ? wait : most;
    return wait + wait * (int64_t)chance / 5000; /* up to a fifth more */
}
