/* SPDX-License-Identifier: Apache-2.0 */
/* What may be told of a secret: all but itself. */
#include "admin/admin.h"
#include "base/clock.h"

static void set_text(json_t *object, const char *name, struct str text) {
    json_object_set_new(object, name, json_from_str(text));
}

static void set_optional(json_t *object, const char *name, struct str text) {
    if (!str_is_empty(text))
        set_text(object, name, text);
}

static void set_number(json_t *object, const char *name, int64_t number) {
    json_object_set_new(object, name, json_integer(number));
}

static void set_time(json_t *object, const char *name, int64_t ms) {
    json_object_set_new(object, name, ms == 0 ? json_null() : json_integer(ms));
}

const char *admin_secret_state(const struct store_secret *secret) {
    if (secret->revoked_at != 0)
        return "killed";
    if (secret->expires_at == 0)
        return "usable";
    return secret->expires_at > clock_now_ms() ? "ending" : "ended";
}

json_t *admin_secret_json(const struct store_secret *secret) {
    json_t *json = json_object();
    set_text(json, "id", secret->id);
    set_text(json, "purpose", secret->purpose);
    set_optional(json, str_equal(secret->purpose, STORE_SECRET_VISITOR_SIGNING) ? "issuer" : "name",
                 secret->name);
    set_text(json, "hint", secret->hint);
    set_text(json, "state", str_from(admin_secret_state(secret)));
    set_number(json, "createdAt", secret->created_at);
    set_time(json, "expiresAt", secret->expires_at);
    set_time(json, "killedAt", secret->revoked_at);
    set_time(json, "lastUsedAt", secret->last_used_at);
    return json;
}
