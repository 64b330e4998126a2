/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits. Under one key that is safe for 2^32 seals; a
 * secret is sealed when an administrator makes it, so no installation comes near. */
#include "base/buffer.h"
#include "base/encode.h"
#include "base/memory.h"
#include "base/random.h"
#include "vault/vault_internal.h"

#include <openssl/evp.h>
#include <string.h>

enum { NONCE_LEN = 12, TAG_LEN = 16 };

static struct str counted(struct arena *arena, struct str part) {
    return arena_join(arena, 2, (struct str[]){arena_print(arena, " %zu:", part.len), part});
}

/* What the seal is bound to: every part with its length before it, so that no two rows give the same bytes.
 */
static struct str row_identity(struct arena *arena, const struct vault_row *row, struct str key_id) {
    return arena_join(arena, 6,
                      (struct str[]){STR("chatelaine v1"), counted(arena, key_id), counted(arena, row->table),
                                     counted(arena, row->environment), counted(arena, row->id),
                                     counted(arena, row->purpose)});
}

static bool start(EVP_CIPHER_CTX *context, const struct vault_key *key, const unsigned char *nonce,
                  struct str identity, bool sealing) {
    int len;
    return EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, nonce, sealing) == 1 &&
           EVP_CipherUpdate(context, NULL, &len, (const unsigned char *)identity.at, (int)identity.len) == 1;
}

/* `out`: nonce, ciphertext as long as the secret, tag. */
static bool seal_into(EVP_CIPHER_CTX *context, const struct vault_key *key, struct str identity,
                      struct str secret, unsigned char *out) {
    int len, last;
    random_bytes(out, NONCE_LEN);
    return start(context, key, out, identity, true) &&
           EVP_CipherUpdate(context, out + NONCE_LEN, &len, (const unsigned char *)secret.at,
                            (int)secret.len) == 1 &&
           EVP_CipherFinal_ex(context, out + NONCE_LEN + len, &last) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + NONCE_LEN + len + last) == 1;
}

static bool open_into(EVP_CIPHER_CTX *context, const struct vault_key *key, struct str identity,
                      struct str blob, unsigned char *out) {
    const unsigned char *bytes = (const unsigned char *)blob.at;
    size_t secret_len = blob.len - NONCE_LEN - TAG_LEN;
    unsigned char tag[TAG_LEN];
    memcpy(tag, bytes + blob.len - TAG_LEN, TAG_LEN);
    int len, last;
    return start(context, key, bytes, identity, false) &&
           EVP_CipherUpdate(context, out, &len, bytes + NONCE_LEN, (int)secret_len) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1 &&
           EVP_CipherFinal_ex(context, out + len, &last) == 1;
}

enum status vault_seal(const struct vault *vault, struct arena *arena, const struct vault_row *row,
                       struct str secret, struct str *sealed) {
    if (secret.len > VAULT_SECRET_MAX)
        return TOO_LARGE;
    const struct vault_key *key = &vault->keys[vault->sealing];
    struct str id = vault_key_id(key);
    if (secret.at == NULL)
        secret = STR("");
    unsigned char *blob = arena_alloc(arena, NONCE_LEN + secret.len + TAG_LEN);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool is_sealed = context != NULL && seal_into(context, key, row_identity(arena, row, id), secret, blob);
    EVP_CIPHER_CTX_free(context);
    if (!is_sealed)
        return FAILED;
    struct str text = base64url_encode(arena, str_of(blob, NONCE_LEN + secret.len + TAG_LEN));
    *sealed = arena_join(arena, 4, (struct str[]){STR("v1."), id, STR("."), text});
    return OK;
}

/* "v1", key id, base64url. */
static enum status read_sealed(struct arena *arena, struct str sealed, struct str *key_id, struct str *blob) {
    struct str version;
    if (!str_cut(&sealed, '.', &version) || !str_equal(version, STR("v1")) ||
        !str_cut(&sealed, '.', key_id) || sealed.at == NULL || sealed.len > 2 * (size_t)VAULT_SECRET_MAX)
        return INVALID;
    TRY(base64url_decode(arena, sealed, blob));
    return blob->len >= NONCE_LEN + TAG_LEN ? OK : INVALID;
}

enum status vault_open(const struct vault *vault, struct arena *arena, const struct vault_row *row,
                       struct str sealed, struct str *secret) {
    struct str key_id, blob;
    TRY(read_sealed(arena, sealed, &key_id, &blob));
    const struct vault_key *key = NULL;
    for (size_t i = 0; i < vault->count && key == NULL; i++) {
        if (str_equal(vault_key_id(&vault->keys[i]), key_id))
            key = &vault->keys[i];
    }
    if (key == NULL)
        return NOT_FOUND;
    size_t len = blob.len - NONCE_LEN - TAG_LEN;
    unsigned char *opened = arena_alloc(arena, len + 1);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool is_open = context != NULL && open_into(context, key, row_identity(arena, row, key_id), blob, opened);
    EVP_CIPHER_CTX_free(context);
    if (!is_open) {
        mem_wipe(opened, len); /* what a forged blob decrypts to is nobody's business */
        return DENIED;
    }
    *secret = str_of(opened, len);
    return OK;
}

bool vault_is_current(const struct vault *vault, struct str sealed) {
    struct str version, key_id;
    return str_cut(&sealed, '.', &version) && str_cut(&sealed, '.', &key_id) &&
           str_equal(key_id, vault_key_id(&vault->keys[vault->sealing]));
}
