/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"
#include "base/digest.h"
#include "base/random.h"

enum {
    HINT_LEN = 9
}; /* "sk_" and six more: enough to tell keys apart, no help in guessing one of 256 bits */

enum status admin_key_issue_wait(const struct admin *admin, struct arena *arena,
                                 const struct store_environment *environment, bool is_secret,
                                 struct store_key *key, struct str *text, struct admin_error *error) {
    *text = random_secret(arena, is_secret ? STR("sk_") : STR("pk_"));
    struct str lookup = is_secret ? digest_sha256_hex(arena, *text) : *text;
    struct str shown = is_secret ? str_slice(*text, 0, HINT_LEN) : *text;
    struct store_audit audit =
        admin_audit(admin, environment->id, STR("key.issue"),
                    admin_target(arena, "key", is_secret ? STR("secret") : STR("publishable")));
    enum status status =
        store_key_create_wait(admin->store, arena, environment->id, is_secret, lookup, shown, &audit, key);
    return admin_store_error(error, arena, status, "the environment");
}

enum status admin_key_revoke_wait(const struct admin *admin, struct arena *arena,
                                  const struct store_environment *environment, struct str id,
                                  struct admin_error *error) {
    struct store_audit audit =
        admin_audit(admin, environment->id, STR("key.revoke"), admin_target(arena, "key", id));
    enum status status = store_key_revoke_wait(admin->store, arena, environment->id, id, &audit);
    if (status == NOT_FOUND)
        return admin_refuse(error, arena, status, STR_NONE, "There is no key '%.*s' here that is still good.",
                            STR_ARG(id));
    return admin_store_error(error, arena, status, "the key");
}
