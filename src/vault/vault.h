/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets at rest: AES-256-GCM under a master key. What is sealed is bound to the row that it stands in, so a
 * blob that was moved to another row, environment or purpose does not open. Nothing here waits; a vault may
 * be used from any thread. */
#pragma once

#include "base/arena.h"

struct vault;

/* ---- master keys (keys.c) ----
 * Their text: one key a line (or separated by commas), `<id>:<32 bytes in base64url>`; lines that begin with
 * `#` are comments. The first key seals, all of them open. Ids are 1 to 32 letters, digits and '-'. */

/* From the environment variable CHATELAINE_MASTER_KEY where it is set, else from the file `master.key` in
 * `directory`. NOT_FOUND: neither. DENIED: others may read the file. INVALID: not as above. `*message` is a
 * sentence for the operator, in `arena`; it never contains a key. */
NODISCARD enum status vault_load(struct arena *arena, struct str directory, struct vault **vault,
                                 struct str *message);
NODISCARD enum status vault_load_text(struct arena *arena, struct str text, struct vault **vault,
                                      struct str *message);
/* Makes `master.key` with a fresh key, mode 0600, on the disk when it returns. CONFLICT: there is one
 * already, which is left alone. */
NODISCARD enum status vault_create_file(struct arena *arena, struct str directory, struct str *message);
/* Puts a fresh key in front of those in the file: it seals from then on, the old ones still open. */
NODISCARD enum status vault_rotate_file(struct arena *arena, struct str directory, struct str *new_id,
                                        struct str *message);
/* Reads the file again, where the vault came from one: what is new in it opens from now on, and its first key
 * seals. What is gone from it goes on opening until the process ends. From one thread at a time, while others
 * use the vault. TOO_LARGE: more keys than there is room for; as vault_load. Where it fails, all is as
 * before. */
NODISCARD enum status vault_reload(struct arena *arena, struct str directory, struct vault *vault,
                                   struct str *message);
void vault_free(struct vault *vault); /* wipes the keys; NULL is fine */

/* ---- sealing (seal.c) ---- */

/* The identity of the row that holds the blob: the associated data. */
struct vault_row {
    struct str table;       /* "secrets" */
    struct str environment; /* id */
    struct str id;
    struct str purpose;
};

enum { VAULT_SECRET_MAX = 65536 };

/* Gives printable text: `v1.<key id>.<base64url of nonce, ciphertext and tag>`. TOO_LARGE over
 * VAULT_SECRET_MAX bytes. */
NODISCARD enum status vault_seal(const struct vault *vault, struct arena *arena, const struct vault_row *row,
                                 struct str secret, struct str *sealed);
/* The secret goes into `arena`: one that is wiped when freed (arena_wipe_on_free). INVALID: no such blob
 * form. NOT_FOUND: its master key is not loaded. DENIED: forged, damaged, or another row's. */
NODISCARD enum status vault_open(const struct vault *vault, struct arena *arena, const struct vault_row *row,
                                 struct str sealed, struct str *secret);
/* Whether it is sealed by the key that seals now: what is not, a reseal has yet to do. */
bool vault_is_current(const struct vault *vault, struct str sealed);
