/* SPDX-License-Identifier: Apache-2.0 */
/* Members of answers, written alike by all resources. */
#include "admin_api/call.h"

#include <time.h>

void set_text(json_t *object, const char *name, struct str text) {
    json_object_set_new(object, name, json_from_str(text.at == NULL ? STR("") : text));
}

void set_optional(json_t *object, const char *name, struct str text) {
    json_object_set_new(object, name, str_is_empty(text) ? json_null() : json_from_str(text));
}

void set_number(json_t *object, const char *name, int64_t number) {
    json_object_set_new(object, name, json_integer(number));
}

void set_bool(json_t *object, const char *name, bool value) {
    json_object_set_new(object, name, json_boolean(value));
}

void set_json(json_t *object, const char *name, struct str text) {
    json_t *value = NULL;
    if (str_is_empty(text) || json_read(text, JSON_DEPTH_DOCUMENT, &value, NULL) != OK)
        value = json_null(); /* what was stored reads, unless by a hand in the database */
    json_object_set_new(object, name, value);
}

/* ---- times ---- */

struct str time_text(struct arena *arena, int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    return arena_print(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
}

void set_time(json_t *object, const char *name, int64_t ms) {
    AUTO_ARENA arena = arena_new();
    json_object_set_new(object, name, ms == 0 ? json_null() : json_from_str(time_text(arena, ms)));
}

/* `digits` decimal digits off the front of `*rest`. */
static bool take_number(struct str *rest, size_t digits, int *number) {
    uint64_t value;
    if (rest->len < digits || str_to_uint64(str_slice(*rest, 0, digits), &value) != OK)
        return false;
    *number = (int)value;
    *rest = str_from_index(*rest, digits);
    return true;
}

static bool take_byte(struct str *rest, const char *one_of) {
    if (rest->len == 0 || str_find_byte(str_from(one_of), rest->at[0]) == STR_NOT_FOUND)
        return false;
    *rest = str_from_index(*rest, 1);
    return true;
}

static bool take_fraction(struct str *rest, int *ms) {
    int scale = 100;
    if (!take_byte(rest, "."))
        return true;
    if (rest->len == 0 || rest->at[0] < '0' || rest->at[0] > '9')
        return false;
    while (rest->len > 0 && rest->at[0] >= '0' && rest->at[0] <= '9') {
        *ms += (rest->at[0] - '0') * scale;
        scale /= 10;
        *rest = str_from_index(*rest, 1);
    }
    return true;
}

static bool take_offset(struct str *rest, int *minutes) {
    int hours = 0;
    int more = 0;
    if (take_byte(rest, "Zz"))
        return true;
    bool is_west = rest->len > 0 && rest->at[0] == '-';
    if (!take_byte(rest, "+-") || !take_number(rest, 2, &hours) || !take_byte(rest, ":") ||
        !take_number(rest, 2, &more) || hours > 23 || more > 59)
        return false;
    *minutes = (is_west ? -1 : 1) * (hours * 60 + more);
    return true;
}

enum status time_read(struct str text, int64_t *ms) {
    struct tm tm = {0};
    int fraction = 0;
    int offset = 0;
    bool is_read =
        take_number(&text, 4, &tm.tm_year) && take_byte(&text, "-") && take_number(&text, 2, &tm.tm_mon) &&
        take_byte(&text, "-") && take_number(&text, 2, &tm.tm_mday) && take_byte(&text, "Tt ") &&
        take_number(&text, 2, &tm.tm_hour) && take_byte(&text, ":") && take_number(&text, 2, &tm.tm_min) &&
        take_byte(&text, ":") && take_number(&text, 2, &tm.tm_sec) && take_fraction(&text, &fraction) &&
        take_offset(&text, &offset) && text.len == 0;
    if (!is_read || tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
        tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return INVALID;
    int day = tm.tm_mday;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    time_t seconds = timegm(&tm);
    if (seconds == -1 || tm.tm_mday != day) /* the 31st of a month that has none */
        return INVALID;
    *ms = ((int64_t)seconds - (int64_t)offset * 60) * 1000 + fraction;
    return OK;
}
