/* SPDX-License-Identifier: Apache-2.0 */
/* Providers move their key sets. Their metadata are read again behind everybody's back, each by one server
 * for all: who claims its row in the table. What was confirmed goes on being used whatever comes of it, until
 * metadata of the very issuer, by the very rules of saving, name another place that has keys. Then it is
 * written as any other change of the configuration is. A key-set URL that is not what the metadata said was
 * entered by hand, and stays. */
#include "admin_api/discovery.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "jose/jose.h"
#include "keyset/keyset.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS   (60 * MINUTE_MS)

enum { READS_AT_ONCE = 200, ENVIRONMENTS_AT_ONCE = 50 };
static const int64_t CLAIMED_MS = 2 * MINUTE_MS; /* longer than any reading takes */

struct follow {
    struct admin_api *api;
    struct admin admin;
    struct arena *arena; /* an environment's at a time */
    bool is_asked_for;   /* by an administrator: now, whether or not it is its turn */
    unsigned left;       /* how many more may be read */
};

/* One reading, of an environment's issuer or of single sign-on. */
struct reading {
    struct str environment; /* id; empty: single sign-on */
    struct store_discovery row;
    struct discovery_problem problem; /* code NULL: none */
};

static int64_t next_time(int64_t now, int64_t failures) {
    int64_t wait = HOUR_MS;
    if (failures > 0)
        wait = failures > 6 ? 6 * HOUR_MS : (10 * MINUTE_MS) << (failures - 1);
    return now + wait + (int64_t)random_below((uint32_t)(wait / 5));
}

static bool is_due(const struct follow *follow, const struct store_discovery *row) {
    return follow->is_asked_for || (follow->left > 0 && row->next_at <= clock_now_ms());
}

/* OK: it is ours. CONFLICT: somebody else's. */
static FIBER enum status claim_wait(struct follow *follow, struct reading *reading) {
    struct store_discovery *row = &reading->row;
    TRY(store_discovery_claim_wait(follow->api->store, reading->environment, row->issuer, row->next_at,
                                   clock_now_ms() + CLAIMED_MS));
    if (follow->left > 0)
        follow->left--;
    return OK;
}

static FIBER enum status settle_wait(struct follow *follow, struct reading *reading) {
    struct store_discovery *row = &reading->row;
    int64_t now = clock_now_ms();
    bool is_bad = reading->problem.code != NULL;
    if (is_bad && row->failures == 0)
        log_event(LOG_WARNING, "discovery-failed", LOG_STR("environment", reading->environment),
                  LOG_STR("issuer", row->issuer), LOG_STR("problem", str_from(reading->problem.code)));
    row->failures = is_bad ? row->failures + 1 : 0;
    row->next_at = next_time(now, row->failures);
    row->problem = str_from(reading->problem.code);
    row->sentence = reading->problem.sentence;
    if (!is_bad)
        row->read_at = now;
    return store_discovery_settle_wait(follow->api->store, reading->environment, row);
}

/* Before anybody is sent there: a place without keys would refuse every visitor. */
static FIBER enum status check_keys_wait(struct follow *follow, struct str url,
                                         struct discovery_problem *problem) {
    struct jose_key_set *keys = NULL;
    struct keyset_error error = {KEYSET_FINE, STR_NONE};
    enum status status = keyset_get_wait(follow->api->key_sets, url, follow->arena, &keys, &error);
    bool has_keys = status == OK && jose_key_set_count(keys) > 0;
    jose_key_set_release(keys);
    if (has_keys || status == CANCELED)
        return status;
    *problem = (struct discovery_problem){
        "discovery-keys-unusable",
        arena_print(
            follow->arena, "The metadata name another key-set URL, %.*s, without keys that can be used: %.*s",
            STR_ARG(str_slice(url, 0, 500)), STR_ARG(status == OK ? STR("it has none.") : error.sentence))};
    return INVALID;
}

/* ---- an environment's issuer ---- */

/* Whether the configuration is to say what the metadata say now. */
static bool is_to_move(struct str saved, const struct store_discovery *row, struct str provider,
                       struct str named) {
    bool is_followed = str_equal(row->provider, provider) && str_equal(row->key_set_url, saved);
    return !str_equal(saved, named) && (str_is_empty(saved) || is_followed);
}

static FIBER enum status move_wait(struct follow *follow, struct store_environment *environment,
                                   const json_t *config, json_t *issuer, struct str url,
                                   struct discovery_problem *problem) {
    struct admin_error error = {.sentence = STR_NONE};
    bool changed;
    TRY(check_keys_wait(follow, url, problem));
    json_t *saved = json_incref(json_object_get(issuer, "keySetUrl")); /* NULL: none */
    json_object_set_new(issuer, "keySetUrl", json_from_str(url));
    enum status status = admin_environment_set_config_wait(&follow->admin, follow->arena, environment,
                                                           environment->version, config, &changed, &error);
    if (status == OK)
        json_decref(saved);
    else if (saved != NULL) /* the next issuer's move is to be written without this one */
        json_object_set_new(issuer, "keySetUrl", saved);
    else
        json_object_del(issuer, "keySetUrl");
    if (status == INVALID || status == TOO_LARGE)
        *problem = (struct discovery_problem){"discovery-refused", error.sentence};
    if (status == OK)
        log_event(LOG_INFO, "key-set-moved", LOG_STR("environment", environment->id),
                  LOG_STR("issuer", json_get_str(issuer, "name")));
    return status;
}

/* INVALID and UNAVAILABLE, with the problem: nothing has changed. CONFLICT: somebody has saved meanwhile. */
static FIBER enum status read_issuer_wait(struct follow *follow, struct store_environment *environment,
                                          const json_t *config, json_t *issuer, struct reading *reading) {
    struct discovery found;
    struct str provider = arena_copy(follow->arena, discovery_provider(issuer));
    struct str saved = json_get_str(issuer, "keySetUrl");
    TRY(discovery_fetch_wait(follow->api, follow->arena, provider, &found, &reading->problem));
    if (is_to_move(saved, &reading->row, provider, found.key_set_url))
        TRY(move_wait(follow, environment, config, issuer, found.key_set_url, &reading->problem));
    reading->row.provider = provider;
    reading->row.key_set_url = found.key_set_url;
    return OK;
}

static FIBER enum status follow_issuer_wait(struct follow *follow, struct store_environment *environment,
                                            const json_t *config, json_t *issuer,
                                            const struct store_discoveries *rows) {
    struct reading reading = {.environment = environment->id, .row.issuer = json_get_str(issuer, "name")};
    for (size_t i = 0; i < rows->count; i++)
        if (str_equal(rows->at[i].issuer, reading.row.issuer))
            reading.row = rows->at[i];
    if (!is_due(follow, &reading.row))
        return OK;
    enum status status = claim_wait(follow, &reading);
    if (status == OK)
        status = read_issuer_wait(follow, environment, config, issuer, &reading);
    if (status == CONFLICT) /* it is its turn again when the claim has ended */
        return OK;
    return status == OK || reading.problem.code != NULL ? settle_wait(follow, &reading) : status;
}

/* `name` empty: every issuer. */
static FIBER enum status follow_environment_wait(struct follow *follow, struct store_environment *environment,
                                                 struct str name) {
    struct store_discoveries rows = {.count = 0};
    json_t *config = NULL;
    if (json_read(environment->config, JSON_DEPTH_DOCUMENT, &config, NULL) != OK)
        return OK;
    json_keep(follow->arena, config);
    const json_t *issuers = json_get_array(json_get_object(config, "signIn"), "issuers");
    bool is_listed = false;
    for (size_t i = 0; i < json_array_size(issuers); i++) {
        json_t *issuer = json_array_get(issuers, i);
        bool is_meant = str_is_empty(name) || str_equal(json_get_str(issuer, "name"), name);
        if (!is_meant || discovery_provider(issuer).at == NULL)
            continue;
        if (!is_listed)
            TRY(store_discovery_list_wait(follow->api->store, follow->arena, environment->id, &rows));
        is_listed = true;
        TRY(follow_issuer_wait(follow, environment, config, issuer, &rows));
    }
    return OK;
}

bool discovery_follow_wait(struct call *call, struct str issuer) {
    struct follow follow = {
        .api = call->api, .admin = call->admin, .arena = call->arena, .is_asked_for = true};
    if (call->api->egress == NULL)
        return true;
    enum status status = follow_environment_wait(&follow, &call->environment, issuer);
    return status == OK || call_refuse(call, status, STR(""));
}

json_t *discovery_state_json(const struct store_discoveries *rows, struct str issuer, struct str provider) {
    for (size_t i = 0; i < rows->count; i++) {
        const struct store_discovery *row = &rows->at[i];
        bool is_old = !str_is_empty(row->provider) && !str_equal(row->provider, provider);
        if (is_old || !str_equal(row->issuer, issuer))
            continue;
        json_t *json = json_object();
        set_text(json, "provider", provider);
        set_time(json, "readAt", row->read_at);
        set_time(json, "nextReadAt", row->next_at);
        set_number(json, "failures", row->failures);
        set_optional(json, "problem", row->problem);
        set_optional(json, "sentence", row->sentence);
        return json;
    }
    return json_null();
}

/* ---- single sign-on ---- */

static FIBER enum status read_single_sign_on_wait(struct follow *follow, struct reading *reading) {
    struct access_sso_followed found = {.is_changed = false};
    struct access_refusal refusal = {0};
    enum status status = access_sso_follow_wait(follow->api->access, follow->arena, follow->admin.actor,
                                                follow->api->key_sets, &found, &refusal);
    if (status == DENIED)
        reading->problem = (struct discovery_problem){refusal.code, refusal.sentence};
    if (status == OK && found.is_changed)
        log_event(LOG_INFO, "single-sign-on-moved");
    if (status == OK) {
        reading->row.provider = found.issuer;
        reading->row.key_set_url = found.key_set_url;
    }
    return status;
}

static FIBER enum status follow_single_sign_on_wait(struct follow *follow) {
    static const struct access_credentials nobody = {.is_secure = true};
    struct reading reading = {.environment = STR("")};
    struct store_discoveries rows;
    struct access_sso settings;
    enum status status = access_sso_read_wait(follow->api->access, follow->arena, &nobody, &settings);
    if (status != OK)
        return status == NOT_FOUND ? OK : status;
    TRY(store_discovery_list_wait(follow->api->store, follow->arena, STR(""), &rows));
    if (rows.count > 0)
        reading.row = rows.at[0];
    if (!is_due(follow, &reading.row))
        return OK;
    status = claim_wait(follow, &reading);
    if (status == OK)
        status = read_single_sign_on_wait(follow, &reading);
    if (status == CONFLICT || status == NOT_FOUND)
        return OK;
    return status == OK || reading.problem.code != NULL ? settle_wait(follow, &reading) : status;
}

/* ---- all of them ---- */

enum status admin_api_follow_wait(struct admin_api *api) {
    struct follow follow = {
        .api = api,
        .admin = {.store = api->store, .vault = api->vault, .actor = STR("server:discovery")},
        .left = READS_AT_ONCE};
    AUTO_ARENA page_arena = arena_new();
    AUTO_ARENA next_arena = arena_new();
    AUTO_ARENA arena = arena_new();
    struct store_environments page = {.count = ENVIRONMENTS_AT_ONCE};
    struct str after = STR("");
    follow.arena = arena;
    TRY(follow_single_sign_on_wait(&follow));
    while (page.count == ENVIRONMENTS_AT_ONCE && follow.left > 0) {
        arena_reset(page_arena);
        TRY(store_environment_list_wait(api->store, page_arena, STR(""), after, ENVIRONMENTS_AT_ONCE, &page));
        for (size_t i = 0; i < page.count && follow.left > 0; i++) {
            arena_reset(arena);
            TRY(follow_environment_wait(&follow, &page.at[i], STR("")));
        }
        arena_reset(next_arena);
        after = page.count > 0 ? arena_copy(next_arena, page.at[page.count - 1].id) : STR("");
    }
    return OK;
}
