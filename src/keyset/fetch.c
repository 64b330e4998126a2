/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset/fetch.h"

#include "base/digest.h"
#include "base/json.h"
#include "keyset/life.h"

enum { MAX_BYTES = 1024 * 1024, MAX_REDIRECTS = 3 };

const char *keyset_problem_word(enum keyset_problem problem) {
    static const char *const words[] = {
        [KEYSET_FINE] = "fine",
        [KEYSET_BAD_URL] = "bad-url",
        [KEYSET_ADDRESS_REFUSED] = "address-refused",
        [KEYSET_UNREACHABLE] = "unreachable",
        [KEYSET_TIMED_OUT] = "timed-out",
        [KEYSET_BAD_STATUS] = "bad-status",
        [KEYSET_TOO_LARGE] = "too-large",
        [KEYSET_WRONG_CONTENT_TYPE] = "wrong-content-type",
        [KEYSET_NOT_A_KEY_SET] = "not-a-key-set",
        [KEYSET_NO_KEYS] = "no-keys",
    };
    return words[problem];
}

static enum keyset_problem from_egress(enum egress_problem problem) {
    switch (problem) {
    case EGRESS_BAD_REQUEST:
        return KEYSET_BAD_URL;
    case EGRESS_ADDRESS_REFUSED:
    case EGRESS_REDIRECT_REFUSED:
        return KEYSET_ADDRESS_REFUSED;
    case EGRESS_TIMED_OUT:
        return KEYSET_TIMED_OUT;
    case EGRESS_TOO_LARGE:
        return KEYSET_TOO_LARGE;
    case EGRESS_WRONG_CONTENT_TYPE:
        return KEYSET_WRONG_CONTENT_TYPE;
    default:
        return KEYSET_UNREACHABLE;
    }
}

static enum status fail(struct fetched *fetched, enum keyset_problem problem, struct str sentence) {
    *fetched = (struct fetched){.problem = problem, .sentence = sentence};
    return UNAVAILABLE;
}

static bool has_prefix(struct str url, struct str prefix) {
    return str_equal_ignore_case(str_slice(url, 0, prefix.len), prefix);
}

static enum status read_keys(const struct keyset_options *options, const struct egress_answer *answer,
                             struct arena *arena, struct fetched *fetched) {
    json_auto_t *document = NULL;
    struct json_error error;
    if (json_read(answer->body, JSON_DEPTH_DOCUMENT, &document, &error) != OK)
        return fail(fetched, KEYSET_NOT_A_KEY_SET, str_from(error.what));
    const char *why = "It is neither a JWK set nor a map of certificates.";
    struct jose_key_set *keys = NULL;
    if (jose_key_set_from_json(document, JOSE_PUBLIC_KEYS, &keys, &why) != OK)
        return fail(fetched, KEYSET_NOT_A_KEY_SET, str_from(why));
    bool is_certificate_map =
        json_object_get(document, "keys") == NULL && json_object_get(document, "kty") == NULL;
    *fetched = (struct fetched){.keys = keys,
                                .document = answer->body,
                                .digest = digest_sha256(arena, answer->body),
                                .life_ms = life_of(options, is_certificate_map, answer->cache_control)};
    if (jose_key_set_count(keys) == 0) {
        /* Still a good answer: an issuer that has withdrawn all its keys means it. */
        fetched->problem = KEYSET_NO_KEYS;
        fetched->sentence = STR("The key set holds no key that can be used.");
    }
    return OK;
}

enum status fetch_keys_wait(struct egress *egress, const struct keyset_options *options, struct str url,
                            struct arena *arena, struct fetched *fetched) {
    static const char *const json_types[] = {"application/json", "application/jwk-set+json", "+json", NULL};
    static const struct egress_header accept[] = {
        {STR_STATIC("Accept"), STR_STATIC("application/jwk-set+json, application/json")}};
    if (!has_prefix(url, STR("https://")) &&
        !(options->is_private_allowed && has_prefix(url, STR("http://"))))
        return fail(fetched, KEYSET_BAD_URL, STR("The key-set URL must begin with https://."));
    const struct egress_request request = {
        .url = url,
        .headers = accept,
        .header_count = 1,
        .timeout_ms = options->timeout_ms,
        .connect_timeout_ms = options->timeout_ms,
        .max_bytes = MAX_BYTES,
        .content_types = json_types,
        .max_redirects = MAX_REDIRECTS,
        .is_private_allowed = options->is_private_allowed,
    };
    struct egress_answer answer;
    enum status status = egress_fetch_wait(egress, &request, arena, &answer);
    if (status == CANCELED)
        return CANCELED;
    if (status != OK)
        return fail(fetched, from_egress(answer.problem), str_from(egress_problem_sentence(answer.problem)));
    if (answer.status_code != 200) {
        status = fail(fetched, KEYSET_BAD_STATUS,
                      arena_print(arena, "The key-set URL answered with status %u.", answer.status_code));
        fetched->is_server_error = answer.status_code == 429 || answer.status_code >= 500;
        return status;
    }
    return read_keys(options, &answer, arena, fetched);
}
