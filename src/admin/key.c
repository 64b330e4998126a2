/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"
#include "base/digest.h"
#include "base/random.h"

enum {
    HINT_LEN = 9
}; /* "sk_" and six more: enough to tell keys apart, no help in guessing one of 256 bits */

static json_t *state_of(struct arena *arena, bool is_secret, struct str shown) {
    json_t *state = json_object();
    json_object_set_new(state, "kind", json_string(is_secret ? "secret" : "publishable"));
    json_object_set_new(state, is_secret ? "hint" : "key", json_from_str(shown));
    return json_keep(arena, state);
}

void admin_batch_key(const struct admin *admin, struct arena *arena, struct store_batch *batch,
                     const struct store_key *publishable) {
    struct store_audit audit = admin_audit_change(admin, arena, publishable->environment, STR("key.issue"),
                                                  admin_target(arena, "key", STR("publishable")), NULL,
                                                  state_of(arena, false, publishable->text));
    store_batch_add_key(batch, publishable, publishable->text, &audit);
}

enum status admin_key_issue_wait(const struct admin *admin, struct arena *arena,
                                 const struct store_environment *environment, bool is_secret,
                                 struct store_key *key, struct str *text, struct admin_error *error) {
    *text = random_secret(arena, is_secret ? STR("sk_") : STR("pk_"));
    struct str lookup = is_secret ? digest_sha256_hex(arena, *text) : *text;
    struct str shown = is_secret ? str_slice(*text, 0, HINT_LEN) : *text;
    struct store_audit audit =
        admin_audit_change(admin, arena, environment->id, STR("key.issue"),
                           admin_target(arena, "key", is_secret ? STR("secret") : STR("publishable")), NULL,
                           state_of(arena, is_secret, shown));
    enum status status =
        store_key_create_wait(admin->store, arena, environment->id, is_secret, lookup, shown, &audit, key);
    return admin_store_error(error, arena, status, "the environment");
}

/* What the log says that it was; NULL where it is not there. */
static FIBER const json_t *find_state_wait(const struct admin *admin, struct arena *arena,
                                           struct str environment, struct str id) {
    struct store_keys keys;
    if (store_key_list_wait(admin->store, arena, environment, &keys) != OK)
        return NULL;
    for (size_t i = 0; i < keys.count; i++) {
        if (str_equal(keys.at[i].id, id))
            return state_of(arena, keys.at[i].is_secret, keys.at[i].text);
    }
    return NULL;
}

enum status admin_key_revoke_wait(const struct admin *admin, struct arena *arena,
                                  const struct store_environment *environment, struct str id,
                                  struct admin_error *error) {
    struct store_audit audit =
        admin_audit_change(admin, arena, environment->id, STR("key.revoke"), admin_target(arena, "key", id),
                           find_state_wait(admin, arena, environment->id, id), NULL);
    enum status status = store_key_revoke_wait(admin->store, arena, environment->id, id, &audit);
    if (status == NOT_FOUND)
        return admin_refuse(error, arena, status, STR_NONE, "There is no key '%.*s' here that is still good.",
                            STR_ARG(id));
    return admin_store_error(error, arena, status, "the key");
}
