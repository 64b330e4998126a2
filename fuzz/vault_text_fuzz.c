/* SPDX-License-Identifier: Apache-2.0 */
/* The two texts that a vault reads: its master keys, and a sealed blob. The input is the one or the other.
 * Nothing but what was sealed opens, and an error never tells a key. */
#include "vault/vault.h"

#include <openssl/err.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static struct arena *forever;
static struct vault *vault;
static const struct vault_row row = {STR_STATIC("secrets"), STR_STATIC("env_1"), STR_STATIC("sec_1"),
                                     STR_STATIC("visitor-signing")};

static void prepare(void) {
    struct str message;
    if (forever != NULL)
        return;
    forever = arena_new();
    struct str keys = STR("one:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    require(vault_load_text(forever, keys, &vault, &message) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    prepare();
    AUTO_ARENA arena = arena_new();
    struct str text = str_of(data, size);
    struct vault *loaded = NULL;
    struct str message = STR_NONE;
    struct str secret = STR_NONE;
    struct str sealed;
    if (vault_load_text(arena, text, &loaded, &message) == OK) {
        require(vault_seal(loaded, arena, &row, STR("a secret"), &sealed) == OK);
        require(vault_open(loaded, arena, &row, sealed, &secret) == OK && str_equal(secret, STR("a secret")));
        require(vault_is_current(loaded, sealed));
    } else {
        require(message.len > 0 && str_is_utf8(message));
    }
    vault_free(loaded);
    require(vault_open(vault, arena, &row, text, &secret) != OK);
    (void)vault_is_current(vault, text);
    require(ERR_peek_error() == 0);
    return 0;
}
