/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin.h"
#include "base/clock.h"

#include <string.h>

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

/* A document that is stored as text; null where it does not read, which only a hand in the database can bring
 * about. */
static void set_document(json_t *object, const char *name, struct str text) {
    json_t *value = NULL;
    if (json_read(text, JSON_DEPTH_DOCUMENT, &value, NULL) != OK)
        value = json_null();
    json_object_set_new(object, name, value);
}

json_t *admin_product_json(const struct store_product *product) {
    json_t *json = json_object();
    set_text(json, "id", product->id);
    set_text(json, "name", product->name);
    set_number(json, "createdAt", product->created_at);
    return json;
}

json_t *admin_environment_json(const struct store_environment *environment) {
    json_t *json = json_object();
    set_text(json, "id", environment->id);
    set_text(json, "name", environment->name);
    set_text(json, "product", environment->product);
    set_text(json, "productName", environment->product_name);
    set_number(json, "version", environment->version);
    set_number(json, "createdAt", environment->created_at);
    set_number(json, "updatedAt", environment->updated_at);
    set_document(json, "config", environment->config);
    return json;
}

json_t *admin_key_json(const struct store_key *key) {
    json_t *json = json_object();
    set_text(json, "id", key->id);
    set_text(json, "kind", key->is_secret ? STR("secret") : STR("publishable"));
    set_text(json, key->is_secret ? "hint" : "key", key->text);
    set_number(json, "createdAt", key->created_at);
    set_time(json, "revokedAt", key->revoked_at);
    set_time(json, "lastUsedAt", key->last_used_at);
    return json;
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

json_t *admin_document_json(const struct store_document *document) {
    json_t *json = json_object();
    set_text(json, "id", document->id);
    set_text(json, "name", document->name);
    set_number(json, "version", document->version);
    set_number(json, "createdAt", document->created_at);
    set_number(json, "updatedAt", document->updated_at);
    set_document(json, "document", document->document);
    return json;
}

json_t *admin_audit_json(const struct store_audit *audit) {
    json_t *json = json_object();
    set_text(json, "id", audit->id);
    set_number(json, "at", audit->at);
    set_text(json, "action", audit->action);
    set_text(json, "outcome", audit->outcome);
    set_optional(json, "environment", audit->environment);
    set_optional(json, "actor", audit->actor);
    set_optional(json, "target", audit->target);
    set_optional(json, "visitor", audit->visitor);
    set_optional(json, "subject", audit->subject);
    set_optional(json, "issuer", audit->issuer);
    set_optional(json, "session", audit->session);
    set_optional(json, "conversation", audit->conversation);
    set_optional(json, "tool", audit->tool);
    set_optional(json, "token", audit->token);
    set_optional(json, "reason", audit->reason);
    set_optional(json, "detail", audit->detail);
    if (!str_is_empty(audit->acting_for))
        set_document(json, "actingFor", audit->acting_for);
    if (!str_is_empty(audit->parameters))
        set_document(json, "parameters", audit->parameters);
    if (!str_is_empty(audit->values))
        set_document(json, "values", audit->values);
    if (audit->duration_us != 0)
        set_number(json, "durationUs", audit->duration_us);
    return json;
}
