/* SPDX-License-Identifier: Apache-2.0 */
/* An environment's configuration from anywhere. What is refused is refused with a place and a sentence; what
 * is accepted reads the same again, keeps the wall between shared secrets and public keys, and allows no
 * origin that it does not name. */
#include "base/json.h"
#include "environment/environment.h"

#include <openssl/err.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

/* What a provider's fields have become is no looser than what is set up by hand: nothing verifies before the
 * issuer is known, and then only what it signed for this client. */
static void check_provided(const struct identity_issuer *issuer) {
    const struct identity_provided *provided = issuer->provided;
    struct str region;
    struct str pool;
    if (provided == NULL)
        return;
    require(issuer->mode == IDENTITY_KEY_SET && provided->provider != NULL);
    require(!provided->has_offline_access || provided->provider->offers_offline_access);
    require(issuer->permission_claim_count > 0);
    if (provided->is_confirmed) {
        require(str_starts_with(issuer->issuer, STR("https://")) ||
                provided->provider->need == IDENTITY_NEEDS_DISCOVERY);
        require(issuer->key_set_url.at != NULL || issuer->pasted_keys != NULL);
        require(issuer->audience_count > 0 || provided->client_id.len > 0);
    }
    if (provided->provider->need == IDENTITY_NEEDS_CONFIRMATION && provided->is_confirmed)
        require(identity_cognito_pool(issuer->issuer, &region, &pool));
}

static void check_issuer(const struct identity_issuer *issuer) {
    bool is_hmac = issuer->mode == IDENTITY_HMAC;
    jose_algorithms possible = is_hmac ? jose_algorithms_symmetric() : jose_algorithms_asymmetric();
    require(issuer->algorithms != 0 && (issuer->algorithms & ~possible) == 0);
    require(issuer->name.len > 0 && issuer->leeway_s <= 60);
    require(!is_hmac || (issuer->key_set_url.at == NULL && issuer->pasted_keys == NULL));
    check_provided(issuer);
    if (issuer->pasted_keys == NULL)
        return;
    require(jose_key_set_count(issuer->pasted_keys) > 0);
    for (size_t i = 0; i < jose_key_set_count(issuer->pasted_keys); i++) {
        const struct jose_key *key = jose_key_set_at(issuer->pasted_keys, i);
        require(jose_key_type(key) != JOSE_OCT && !jose_key_is_private(key));
    }
}

static void check_config(const struct environment_config *config) {
    bool allows_any = false;
    for (size_t i = 0; i < config->origins.count; i++)
        allows_any = allows_any || str_equal(config->origins.at[i], STR("*"));
    require(environment_allows_origin(config, STR("null")) == allows_any);
    require(!allows_any || config->origins.count == 1);
    require(config->limits.message_characters >= 1);
    require(config->assistant.max_tokens >= 1 && config->assistant.timeout_s >= 1);
    for (size_t i = 0; i < config->sign_in->issuer_count; i++)
        check_issuer(&config->sign_in->issuers[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    json_t *document;
    if (json_read(str_of(data, size), JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return 0;
    struct environment_config config;
    struct environment_config again;
    struct environment_error error = {STR_NONE, STR_NONE};
    if (environment_config_read(arena, document, &config, &error) == OK) {
        check_config(&config);
        require(environment_config_read(arena, document, &again, &error) == OK);
        require(again.origins.count == config.origins.count);
        require(again.sign_in->issuer_count == config.sign_in->issuer_count);
        environment_config_release(&again);
        environment_config_release(&config);
    } else {
        require(error.sentence.len > 0 && str_is_utf8(error.sentence) && str_is_utf8(error.pointer));
        require(error.pointer.len == 0 || error.pointer.at[0] == '/');
    }
    json_decref(document);
    require(ERR_peek_error() == 0);
    return 0;
}
