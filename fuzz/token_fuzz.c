/* SPDX-License-Identifier: Apache-2.0 */
/* A token from anywhere, against an environment with a shared secret and a key set. The first byte says what
 * the rest is: a token as it is, claims to be signed, or header and claims (a newline between them) to be
 * signed; so that what stands behind a valid signature is reached as well. */
#include "base/encode.h"
#include "base/json.h"
#include "identity/identity.h"

#include <openssl/err.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char settings_text[] =
    "{\"issuers\":[{\"name\":\"secret\",\"mode\":\"hmac\"},"
    "{\"name\":\"mapped\",\"mode\":\"hmac\",\"issuer\":\"https://mapped.example\",\"audiences\":[\"chat\"],"
    "\"mapping\":{\"tier\":\"https://acme.example/tier\",\"deep\":\"a.b.0\",\"point\":\"/a/"
    "b\",\"sub\":\"sub\"}},"
    "{\"name\":\"keys\",\"mode\":\"key-set\",\"keys\":{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"kid\":\"ed\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ec\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_"
    "tue659LNpXW6pCyStikYjKIWI5a0\"}]}}]}";

static struct arena *forever;
static struct identity_sign_in sign_in;
static struct jose_key_set *secrets;

static void prepare(void) {
    if (forever != NULL)
        return;
    json_t *json;
    struct str secret = STR("a-secret-of-more-than-sixty-four-bytes-so-that-it-serves-all-three-HMACs");
    forever = arena_new();
    if (json_read(str_from(settings_text), JSON_DEPTH_DOCUMENT, &json, NULL) != OK ||
        identity_sign_in_read(json, forever, &sign_in, NULL) != OK ||
        jose_key_set_from_secrets(&secret, 1, &secrets) != OK)
        abort();
    json_decref(json);
}

static struct str sign(struct arena *arena, struct str header, struct str claims) {
    struct str input = arena_join(
        arena, 3, (struct str[]){base64url_encode(arena, header), STR("."), base64url_encode(arena, claims)});
    struct str signature;
    if (jose_key_sign(jose_key_set_at(secrets, 0), jose_algorithm_find(STR("HS256")), input, arena,
                      &signature) != OK)
        abort();
    return arena_join(arena, 3, (struct str[]){input, STR("."), base64url_encode(arena, signature)});
}

static struct str make_token(struct arena *arena, struct str input) {
    uint8_t form = input.len > 0 ? (uint8_t)input.at[0] : 0;
    struct str rest = str_from_index(input, 1);
    struct str header;
    if (form == '1')
        return sign(arena, STR("{\"alg\":\"HS256\"}"), rest);
    if (form == '2' && str_cut(&rest, '\n', &header))
        return sign(arena, header, rest);
    return rest;
}

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_identity(struct arena *arena, struct identity *identity, struct str token) {
    json_t *again;
    require(identity->subject.len > 0 && str_is_utf8(identity->subject));
    require(str_equal(json_get_str(identity_user(identity), "sub"), identity->subject));
    require(json_read(identity_user_json(identity), JSON_DEPTH_TOKEN + 1, &again, NULL) == OK);
    require(json_equal(again, identity_user(identity)));
    require(json_object_size(again) == identity->member_count);
    json_decref(again);
    require(identity_token_name(arena, identity, token).len > 0 && identity->usable_until > 1800000000);
    struct identity copy;
    struct identity_warning warnings[16];
    identity_copy(identity, arena_alloc(arena, identity_copy_size(identity)), &copy);
    require(json_equal((json_t *)identity_claims(&copy), (json_t *)identity_claims(identity)));
    require(str_equal(copy.subject, identity->subject));
    (void)identity_warnings(&copy, &sign_in.issuers[0], warnings, 16);
    identity_release(&copy);
}

static void verify(struct arena *arena, struct identity_token *token, const struct identity_issuer *issuer) {
    struct identity identity;
    struct identity_failure failure = {.detail = IDENTITY_DETAILS};
    const struct jose_key_set *keys = issuer->mode == IDENTITY_HMAC ? secrets : issuer->pasted_keys;
    if (identity_verify(issuer, keys, token, 1800000000, arena, &identity, &failure) == OK) {
        require(issuer->mode == IDENTITY_HMAC); /* nobody here has the private keys */
        check_identity(arena, &identity, token->text);
    } else {
        require(failure.detail < IDENTITY_DETAILS && str_is_utf8(failure.explanation));
    }
    identity_release(&identity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    prepare();
    AUTO_ARENA arena = arena_new();
    struct identity_token token = {.text = STR_NONE};
    struct identity_failure failure;
    const struct identity_issuer *issuer;
    if (identity_token_read(make_token(arena, str_of(data, size)), arena, &token, &failure) == OK) {
        if (identity_choose_issuer(&sign_in, &token, arena, &issuer, &failure) == OK)
            verify(arena, &token, issuer);
        for (size_t i = 0; i < sign_in.issuer_count; i++)
            verify(arena, &token, &sign_in.issuers[i]);
    }
    require(ERR_peek_error() == 0);
    return 0;
}
