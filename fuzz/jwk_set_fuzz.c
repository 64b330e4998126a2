/* SPDX-License-Identifier: Apache-2.0 */
/* Key documents in all their forms, and single keys in PEM. What is taken in must be usable, and its public
 * half must read back. */
#include "jose/jose.h"

#include <openssl/err.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void use_key(struct arena *arena, const struct jose_key *key) {
    const struct jose_algorithm *algorithm;
    struct str signature;
    bool is_slow = jose_key_type(key) == JOSE_RSA;
    bool has_signed = false;
    for (size_t i = 0; (algorithm = jose_algorithm_at(i)) != NULL; i++) {
        require(!jose_key_verify(key, algorithm, STR("input"), STR("no signature")));
        if (!(is_slow && has_signed) && jose_key_fits(key, algorithm) &&
            jose_key_sign(key, algorithm, STR("input"), arena, &signature) == OK) {
            require(jose_key_verify(key, algorithm, STR("input"), signature));
            has_signed = true;
        }
    }
}

static void check_public_half(const struct jose_key *key) {
    struct jose_key_set *again;
    json_t *jwk = jose_key_public_jwk(key);
    require((jwk == NULL) == (jose_key_type(key) == JOSE_OCT));
    if (jwk == NULL)
        return;
    require(jose_key_set_from_json(jwk, JOSE_PUBLIC_KEYS, &again, NULL) == OK);
    require(jose_key_set_count(again) == 1 && !jose_key_set_leaked_private(again));
    jose_key_set_release(again);
    json_decref(jwk);
}

static void check_set(struct arena *arena, struct jose_key_set *keys, enum jose_key_choice choice) {
    for (size_t i = 0; i < jose_key_set_count(keys); i++) {
        const struct jose_key *key = jose_key_set_at(keys, i);
        require(choice == JOSE_ALL_KEYS || (!jose_key_is_private(key) && jose_key_type(key) != JOSE_OCT));
        if (i < 4) /* RSA is slow */
            use_key(arena, key);
        check_public_half(key);
    }
    for (size_t i = 0; i < jose_key_set_skipped_count(keys) && i < 32; i++)
        require(jose_key_set_skipped_at(keys, i)->why != NULL);
    jose_key_set_release(jose_key_set_retain(keys));
    jose_key_set_release(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str text = str_of(data, size);
    struct jose_key_set *keys;
    const char *why = NULL;
    static const enum jose_key_choice choices[] = {JOSE_PUBLIC_KEYS, JOSE_ALL_KEYS};
    for (size_t i = 0; i < 2; i++) {
        if (jose_key_set_read(text, choices[i], &keys, &why) == OK)
            check_set(arena, keys, choices[i]);
        else
            require(why != NULL);
        if (jose_key_set_from_pem(text, STR("k"), choices[i], &keys, NULL) == OK)
            check_set(arena, keys, choices[i]);
    }
    require(ERR_peek_error() == 0);
    return 0;
}
