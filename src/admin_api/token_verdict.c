/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/token_verdict.h"
#include "store/audit.h"

#include "admin_api/token_words.h"
#include "base/clock.h"

FIBER bool token_inspect_wait(struct call *call, const struct sign_in_draft *opened, struct str token,
                              struct str issuer, bool refresh, struct verifier_inspection *inspection) {
    struct verifier_question question = {.key_sets = call->api->key_sets,
                                         .environment = opened->environment,
                                         .sign_in = opened->sign_in,
                                         .local_keys = opened->keys,
                                         .token = token,
                                         .issuer_name = issuer,
                                         .refresh = refresh};
    enum status status = verifier_inspect_wait(&question, call->arena, inspection);
    if (status == OK)
        return true;
    if (status == NOT_FOUND)
        return call_problem_at(call, "invalid", STR("/issuer"), "There is no issuer of this name.");
    return status == UNAVAILABLE ? call_not_here(call) : call_refuse(call, status, STR(""));
}

/* ---- the verdict ---- */

/* What the token says of itself, read for people; NULL where it does not read. */
static json_t *read_part(struct arena *arena, struct str text) {
    json_t *json = NULL;
    if (text.at == NULL || json_read(text, JSON_DEPTH_TOKEN, &json, NULL) != OK)
        return NULL;
    return json_keep(arena, json);
}

static void set_success(json_t *json, struct arena *arena, struct verifier_inspection *inspection) {
    static const char *const absent[] = {"reason", "detail", "meaning", "fix", "fixAction", "visitorMessage"};
    struct identity *identity = &inspection->identity;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        json_object_set_new(json, absent[i], json_null());
    set_text(json, "message",
             arena_print(arena, "The token is good, by the rules of `%.*s`: it proves who the visitor is.",
                         STR_ARG(inspection->issuer->name)));
    json_object_set(json, "identity", (json_t *)(uintptr_t)identity_user(identity));
}

static void set_failure(json_t *json, struct arena *arena, const struct sign_in_draft *opened,
                        const struct verifier_inspection *inspection, const json_t *header,
                        const json_t *claims) {
    const struct identity_failure *failure = &inspection->failure;
    const struct identity_words *words = identity_words(failure->detail);
    json_auto_t *told = identity_failure_json(failure, true);
    json_object_update(json, told); /* reason, detail, message, fix */
    set_text(json, "meaning", str_from(words->sentence));
    set_text(json, "visitorMessage", str_from(identity_visitor_sentence(words->reason)));
    json_object_set_new(json, "fixAction",
                        token_fix_json(arena, opened->sign_in, inspection->issuer, failure, header, claims));
    json_object_set_new(json, "identity", json_null());
}

static json_t *permissions_json(const struct identity *identity) {
    json_t *list = json_array();
    for (size_t i = 0; i < identity->permission_count; i++)
        json_array_append_new(list, json_from_str(identity->permissions[i]));
    return list;
}

static void add_warning(json_t *list, const char *code, const char *sentence) {
    json_array_append_new(list, json_pack("{s:s, s:s}", "code", code, "message", sentence));
}

static json_t *warnings_json(const struct sign_in_draft *opened,
                             const struct verifier_inspection *inspection) {
    enum { WARNINGS_MAX = 16 };
    json_t *list = json_array();
    struct identity_warning warnings[WARNINGS_MAX];
    size_t count = 0;
    if (inspection->is_verified)
        count = identity_warnings(&inspection->identity, inspection->issuer, warnings, WARNINGS_MAX);
    for (size_t i = 0; i < count; i++)
        add_warning(list, warnings[i].code, warnings[i].sentence);
    if (opened->sign_in->enforcement == IDENTITY_OFF && opened->sign_in->issuer_count > 0)
        add_warning(list, "enforcement-off",
                    "Enforcement is off: visitors' tokens are ignored until it is optional or required.");
    return list;
}

static int64_t fetched_at_ms(struct call *call, struct str url) {
    struct keyset_health health;
    if (call->api->key_set_registry == NULL ||
        keyset_read_health(call->api->key_set_registry, url, call->arena, &health) != OK)
        return 0;
    return health.fetched_at_s * 1000;
}

static json_t *key_json(struct call *call, const struct verifier_inspection *inspection) {
    const struct identity_issuer *issuer = inspection->issuer;
    bool is_secret = issuer->mode == IDENTITY_HMAC;
    bool is_pasted = issuer->pasted_keys != NULL;
    bool is_fetched = !is_secret && !is_pasted;
    json_t *json = json_object();
    set_optional(json, "kid", inspection->identity.key_id);
    set_optional(json, "alg", inspection->token.jws.alg);
    set_text(json, "source", is_secret ? STR("secret") : is_pasted ? STR("pasted") : STR("fetched"));
    set_optional(json, "url", is_fetched ? issuer->key_set_url : STR_NONE);
    set_time(json, "fetchedAt", is_fetched ? fetched_at_ms(call, issuer->key_set_url) : 0);
    set_bool(json, "wasRefreshed", inspection->is_refreshed);
    return json;
}

static void set_lifetime(json_t *json, struct arena *arena, const json_t *claims) {
    const json_t *exp = json_object_get(claims, "exp");
    const json_t *iat = json_object_get(claims, "iat");
    double seconds = json_number_value(exp) - json_number_value(iat);
    bool is_known = json_is_number(exp) && json_is_number(iat) && seconds >= 0 && seconds < 1e12;
    json_object_set_new(json, "lifetimeSeconds", is_known ? json_integer((json_int_t)seconds) : json_null());
    set_optional(json, "lifetimeWords", is_known ? duration_words(arena, (int64_t)seconds) : STR_NONE);
}

json_t *token_verdict_json(struct call *call, const struct sign_in_draft *opened,
                           struct verifier_inspection *inspection) {
    struct arena *arena = call->arena;
    const struct identity_issuer *issuer = inspection->issuer;
    json_t *header = inspection->is_read ? read_part(arena, inspection->token.jws.header) : NULL;
    json_t *claims = inspection->is_read ? read_part(arena, inspection->token.jws.payload) : NULL;
    json_t *json = json_object();
    set_bool(json, "verified", inspection->is_verified);
    if (inspection->is_verified)
        set_success(json, arena, inspection);
    else
        set_failure(json, arena, opened, inspection, header, claims);
    set_optional(json, "issuer", issuer != NULL ? issuer->name : STR_NONE);
    set_optional(json, "provider",
                 issuer != NULL && issuer->provided != NULL ? str_from(issuer->provided->provider->id)
                                                            : STR_NONE);
    json_object_set_new(json, "permissions", permissions_json(&inspection->identity));
    json_object_set(json, "header", header != NULL ? header : json_null());
    json_object_set_new(json, "claims", identity_explain_claims(issuer, claims, arena));
    json_object_set_new(json, "times", token_times_json(arena, claims, clock_now_s()));
    set_lifetime(json, arena, claims);
    json_object_set_new(json, "warnings", warnings_json(opened, inspection));
    json_object_set_new(json, "key", inspection->is_verified ? key_json(call, inspection) : json_null());
    return json;
}

FIBER bool token_audit_wait(struct call *call, const struct verifier_inspection *inspection) {
    bool is_good = inspection->is_verified;
    const struct identity_words *words = identity_words(inspection->failure.detail);
    struct str issuer = inspection->issuer != NULL ? inspection->issuer->name : STR_NONE;
    struct store_audit row = {
        .environment = call->environment.id,
        .action = STR("token.test"),
        .actor = call->admin.actor,
        .target = str_is_empty(issuer) ? STR_NONE
                                       : arena_join(call->arena, 2, (struct str[]){STR("issuer/"), issuer}),
        .outcome = is_good ? STR("allowed") : STR("refused"),
        .reason = is_good ? STR_NONE : str_from(identity_reason_name(words->reason)),
        .detail = is_good ? STR_NONE : str_from(words->detail),
    };
    enum status status = store_audit_append_wait(call->api->store, call->arena, &row);
    return status == OK ? true : call_refuse(call, status, STR(""));
}
