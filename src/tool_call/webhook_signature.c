/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_call/webhook_signature.h"

#include "base/encode.h"

#include <openssl/evp.h>

enum {
    KEY_BYTES_MIN = 24,
    KEY_BYTES_MAX = 64,
    MAC_BYTES = 32,
};

#define PREFIX STR("whsec_")

static enum status read_secret(struct arena *arena, struct str secret, struct str *key) {
    if (!str_starts_with(secret, PREFIX))
        return INVALID;
    TRY(base64_decode(arena, str_from_index(secret, PREFIX.len), key));
    return key->len >= KEY_BYTES_MIN && key->len <= KEY_BYTES_MAX ? OK : INVALID;
}

static enum status sign_with(struct arena *arena, struct str secret, struct str content,
                             struct str *signature) {
    AUTO_ARENA secrets = arena_new();
    arena_wipe_on_free(secrets);
    struct str key = STR_NONE;
    TRY(read_secret(secrets, secret, &key));
    unsigned char mac[MAC_BYTES];
    size_t len = 0;
    if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.at, key.len, (const unsigned char *)content.at,
                   content.len, mac, sizeof mac, &len) ||
        len != sizeof mac)
        return FAILED;
    *signature =
        arena_join(arena, 2, (const struct str[]){STR("v1,"), base64_encode(arena, str_of(mac, sizeof mac))});
    return OK;
}

enum status webhook_sign(struct arena *arena, const struct str *secrets, size_t secret_count, struct str id,
                         int64_t timestamp_s, struct str body, struct str *signature) {
    struct str timestamp = arena_print(arena, "%lld", (long long)timestamp_s);
    struct str content = arena_join(arena, 5, (const struct str[]){id, STR("."), timestamp, STR("."), body});
    *signature = STR("");
    for (size_t i = 0; i < secret_count; i++) {
        struct str one = STR_NONE;
        TRY(sign_with(arena, secrets[i], content, &one));
        *signature = arena_join(arena, 3, (const struct str[]){*signature, i ? STR(" ") : STR(""), one});
    }
    return secret_count > 0 ? OK : INVALID;
}
