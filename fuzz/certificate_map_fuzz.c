/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates, as a key set serves them: a JSON map of key ids to PEM. The first byte says what the
 * rest is: DER, which is put into PEM and into a map here (so that the fuzzer need not learn base64), or the
 * whole map. What is taken in is a public key of a kind and size that is allowed. */
#include "base/buffer.h"
#include "base/encode.h"
#include "base/json.h"
#include "jose/jose.h"

#include <openssl/err.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static struct str pem_of(struct arena *arena, struct str der) {
    enum { LINE = 64 };
    struct str text = base64_encode(arena, der);
    AUTO_BUFFER pem = BUFFER_EMPTY;
    buffer_append(&pem, STR("-----BEGIN CERTIFICATE-----\n"));
    for (size_t at = 0; at < text.len; at += LINE)
        buffer_print(&pem, "%.*s\n", STR_ARG(str_slice(text, at, at + LINE)));
    buffer_append(&pem, STR("-----END CERTIFICATE-----\n"));
    return arena_copy(arena, buffer_text(&pem));
}

static struct str map_of(struct arena *arena, struct str pem) {
    json_auto_t *map = json_object();
    json_set(map, STR("first"), json_from_str(pem));
    json_set(map, STR("second"), json_from_str(pem));
    return json_write(arena, map);
}

static void check_key(const struct jose_key *key) {
    const struct jose_algorithm *algorithm;
    require(jose_key_type(key) != JOSE_OCT && !jose_key_is_private(key));
    require(jose_key_type(key) != JOSE_RSA || (jose_key_bits(key) >= 2048 && jose_key_bits(key) <= 8192));
    for (size_t i = 0; (algorithm = jose_algorithm_at(i)) != NULL; i++)
        require(!jose_key_verify(key, algorithm, STR("input"), STR("no signature")));
    struct jose_key_set *again;
    json_auto_t *jwk = jose_key_public_jwk(key);
    require(jose_key_set_from_json(jwk, JOSE_PUBLIC_KEYS, &again, NULL) == OK);
    require(jose_key_set_count(again) == 1);
    jose_key_set_release(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str input = str_of(data, size);
    struct str rest = str_from_index(input, 1);
    if (size == 0)
        return 0;
    struct str text = data[0] == 'm' ? rest : map_of(arena, pem_of(arena, rest));
    struct jose_key_set *keys;
    const char *why = NULL;
    if (jose_key_set_read(text, JOSE_PUBLIC_KEYS, &keys, &why) == OK) {
        require(data[0] == 'm' || jose_key_set_count(keys) + jose_key_set_skipped_count(keys) == 2);
        for (size_t i = 0; i < jose_key_set_count(keys); i++)
            check_key(jose_key_set_at(keys, i));
        jose_key_set_release(keys);
    } else {
        require(why != NULL);
    }
    require(ERR_peek_error() == 0);
    return 0;
}
