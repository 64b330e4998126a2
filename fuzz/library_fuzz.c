/* SPDX-License-Identifier: Apache-2.0 */
/* libchatelaine's public interface: settings by setters and as JSON, keys, secrets and a token, all from
 * anywhere. The input is lines: settings as JSON, what the setters get, keys, and a token; where the token
 * begins with '1' the rest is claims, to be signed, so that what stands behind a valid signature is reached
 * as well. */
#include "base/encode.h"
#include "jose/jose.h"

#include <chatelaine/chatelaine.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "a-secret-of-more-than-sixty-four-bytes-so-that-it-serves-all-three-HMACs";

static void require(bool condition) {
    if (!condition)
        abort();
}

static void require_text(const char *text) {
    require(text == NULL || str_is_utf8(str_from(text)));
}

static struct str make_token(struct arena *arena, struct str line) {
    struct jose_key_set *keys;
    struct str token;
    struct str bytes = STR("a-secret-of-more-than-sixty-four-bytes-so-that-it-serves-all-three-HMACs");
    if (line.len == 0 || line.at[0] != '1')
        return line;
    require(jose_key_set_from_secrets(&bytes, 1, &keys) == OK);
    require(jose_sign(jose_key_set_at(keys, 0), jose_algorithm_find(STR("HS256")), NULL,
                      str_from_index(line, 1), arena, &token) == OK);
    jose_key_set_release(keys);
    return token;
}

static void check_refusal(struct chatelaine_result *result) {
    enum chatelaine_detail detail = chatelaine_result_detail(result);
    require(chatelaine_detail_word(detail) != NULL && chatelaine_detail_sentence(detail) != NULL);
    require(chatelaine_result_reason(result) == chatelaine_detail_reason(detail));
    require(chatelaine_result_subject(result) == NULL && chatelaine_result_identity_json(result) == NULL);
    require(chatelaine_result_permission_count(result) == 0 && chatelaine_result_expires_at(result) == 0);
    require_text(chatelaine_result_explanation(result));
}

static void check_identity(struct arena *arena, struct chatelaine_result *result, struct str path) {
    const char *subject = chatelaine_result_subject(result);
    const char *text = chatelaine_result_text(result, "sub");
    require(subject != NULL && subject[0] != '\0' && text != NULL && strcmp(subject, text) == 0);
    require(chatelaine_result_reason(result) == CHATELAINE_NO_REASON);
    require(chatelaine_result_identity_json(result)[0] == '{' &&
            chatelaine_result_claims_json(result)[0] == '{');
    require(chatelaine_result_token_id(result) != NULL && chatelaine_result_issuer_name(result) != NULL);
    require(chatelaine_result_usable_until(result) >= chatelaine_result_expires_at(result));
    for (size_t i = 0; i < chatelaine_result_permission_count(result); i++)
        require(chatelaine_result_has_permission(result, chatelaine_result_permission_at(result, i)));
    require_text(chatelaine_result_json(result, arena_terminated(arena, path)));
    require_text(chatelaine_result_email(result));
    require_text(chatelaine_result_name(result));
    require_text(chatelaine_result_session_id(result));
    require(chatelaine_result_refuse(result, CHATELAINE_REVOKED, subject) == CHATELAINE_REFUSED);
    check_refusal(result);
}

static void use(struct arena *arena, struct chatelaine_verifier *verifier, struct str keys, struct str token,
                struct str path) {
    static struct chatelaine_result *result; /* used again and again, as users do */
    struct chatelaine_error *error;
    const struct chatelaine_bytes bytes = {secret, sizeof secret - 1};
    const char *name;
    if (result == NULL)
        result = chatelaine_result_new();
    for (size_t i = 0; (name = chatelaine_verifier_issuer_name(verifier, i)) != NULL; i++) {
        require_text(chatelaine_verifier_key_set_url(verifier, name));
        (void)!chatelaine_verifier_set_secrets(verifier, name, &bytes, 1, NULL);
        enum chatelaine_status status =
            chatelaine_verifier_set_keys(verifier, name, keys.at, keys.len, &error);
        require((status == CHATELAINE_INVALID) == (error != NULL));
        chatelaine_error_free(error);
    }
    if (chatelaine_verify_at(verifier, token.at, token.len, 1800000000, result) == CHATELAINE_OK)
        check_identity(arena, result, path);
    else
        check_refusal(result);
    chatelaine_verifier_free(verifier);
}

static void check_made(enum chatelaine_status status, struct chatelaine_verifier *verifier,
                       struct chatelaine_error *error) {
    require(status == CHATELAINE_OK || status == CHATELAINE_INVALID);
    require((status == CHATELAINE_OK) == (verifier != NULL) &&
            (status == CHATELAINE_INVALID) == (error != NULL));
    if (error != NULL) {
        require(chatelaine_error_message(error)[0] != '\0' &&
                str_is_utf8(str_from(chatelaine_error_message(error))));
        require(chatelaine_error_place(error)[0] == '\0' || chatelaine_error_place(error)[0] == '/');
    }
    chatelaine_error_free(error);
}

/* Pieces with tabs between them: a letter says for which setter the rest is. */
static struct chatelaine_issuer *set_all(struct arena *arena, struct str line, struct str keys) {
    struct str piece;
    bool is_hmac = line.len > 0 && line.at[0] == 'h';
    struct chatelaine_issuer *issuer =
        chatelaine_issuer_new("fuzz", is_hmac ? CHATELAINE_HMAC : CHATELAINE_KEY_SET);
    while (str_cut(&line, '\t', &piece)) {
        const char *text = arena_terminated(arena, str_from_index(piece, 1));
        switch (piece.len > 0 ? piece.at[0] : '\0') {
        case 'i':
            chatelaine_issuer_set_iss(issuer, text);
            break;
        case 'a':
            chatelaine_issuer_add_audience(issuer, text);
            break;
        case 'g':
            chatelaine_issuer_add_algorithm(issuer, text);
            break;
        case 't':
            chatelaine_issuer_add_type(issuer, text);
            break;
        case 'l':
            chatelaine_issuer_set_leeway(issuer, (unsigned)strlen(text));
            break;
        case 'm':
            chatelaine_issuer_add_mapping(issuer, text, text);
            break;
        case 'p':
            chatelaine_issuer_add_permission_claim(issuer, text);
            break;
        case 's':
            chatelaine_issuer_add_secret(issuer, text, strlen(text));
            break;
        case 'k':
            chatelaine_issuer_set_keys(issuer, keys.at, keys.len);
            break;
        case 'u':
            chatelaine_issuer_set_key_set_url(issuer, text);
            break;
        default:
            break;
        }
    }
    return issuer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str rest = str_of(data, size);
    struct str settings;
    struct str setters;
    struct str keys;
    struct chatelaine_verifier *verifier;
    struct chatelaine_error *error;
    if (!str_cut(&rest, '\n', &settings) || !str_cut(&rest, '\n', &setters) || !str_cut(&rest, '\n', &keys))
        return 0;
    struct str token = make_token(arena, rest);

    enum chatelaine_status status =
        chatelaine_verifier_new_from_json(settings.at, settings.len, &verifier, &error);
    check_made(status, verifier, error);
    if (verifier != NULL)
        use(arena, verifier, keys, token, setters);

    struct chatelaine_issuer *issuer = set_all(arena, setters, keys);
    const struct chatelaine_issuer *const issuers[] = {issuer, issuer};
    status = chatelaine_verifier_new(issuers, 1 + size % 2, &verifier, &error);
    check_made(status, verifier, error);
    chatelaine_issuer_free(issuer);
    if (verifier != NULL)
        use(arena, verifier, keys, token, settings);
    require(ERR_peek_error() == 0);
    return 0;
}
