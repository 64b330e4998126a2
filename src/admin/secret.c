/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/memory.h"
#include "base/random.h"

enum { BYTES = 32, HINT_LEN = 4, HINT_WORTHY_LEN = 20, NAME_MAX_LEN = 64 };

/* ---- which issuer a signing secret is for ---- */

static enum status find_issuer(struct arena *arena, const struct store_environment *environment,
                               struct str name, struct str *issuer, struct admin_error *error) {
    json_auto_t *config = NULL;
    if (json_read(environment->config, JSON_DEPTH_DOCUMENT, &config, NULL) != OK)
        return admin_refuse(error, arena, INVALID, STR_NONE,
                            "The environment's stored configuration does not read.");
    const json_t *issuers = json_get_array(json_get_object(config, "signIn"), "issuers");
    size_t count = json_array_size(issuers);
    if (count == 0)
        return admin_refuse(
            error, arena, NOT_FOUND, STR_NONE,
            "The environment's configuration has no issuer to sign for: set signIn.issuers first.");
    if (count > 1 && str_is_empty(name))
        return admin_refuse(error, arena, INVALID, STR_NONE,
                            "The environment has %zu issuers: say which one.", count);
    for (size_t i = 0; i < count; i++) {
        struct str known = json_get_str(json_array_get(issuers, i), "name");
        if (str_is_empty(name) || str_equal(name, known)) {
            *issuer = arena_copy(arena, known);
            return OK;
        }
    }
    return admin_refuse(error, arena, NOT_FOUND, STR_NONE,
                        "The environment's configuration has no issuer '%.*s'.", STR_ARG(name));
}

/* ---- making and keeping ---- */

static FIBER enum status none_in_use_wait(const struct admin *admin, struct arena *arena,
                                          const struct store_secret *secret, struct admin_error *error) {
    struct store_secrets others;
    enum status status = store_secret_list_wait(admin->store, arena, secret->environment, secret->purpose,
                                                secret->name, true, &others);
    TRY(admin_store_error(error, arena, status, "the environment"));
    if (others.count == 0)
        return OK;
    return admin_refuse(
        error, arena, CONFLICT, STR_NONE,
        "There is a secret in use for this already (%.*s…). Rotate it instead: the old one goes on "
        "for a while, then the new one is alone.",
        STR_ARG(others.at[0].hint));
}

/* What the log says of it: never the secret. */
static json_t *state_of(struct arena *arena, const struct store_secret *secret) {
    json_t *state = admin_secret_json(secret);
    json_object_del(state, "lastUsedAt");
    json_object_del(state, "killedAt");
    return json_keep(arena, state);
}

/* What was there of the same purpose and name, or that one alone; NULL: nothing. */
static FIBER const json_t *find_states_wait(const struct admin *admin, struct arena *arena,
                                            const struct store_secret *like) {
    struct store_secrets secrets;
    json_t *states = json_keep(arena, json_array());
    if (store_secret_list_wait(admin->store, arena, like->environment, like->purpose, like->name, true,
                               &secrets) != OK)
        return NULL;
    for (size_t i = 0; i < secrets.count; i++) {
        if (str_is_empty(like->id) || str_equal(like->id, secrets.at[i].id))
            json_array_append(states, state_of(arena, &secrets.at[i]));
    }
    return json_array_size(states) == 0 ? NULL : states;
}

static FIBER enum status keep_wait(const struct admin *admin, struct arena *arena,
                                   struct store_secret *secret, struct str value, int64_t others_expire_at,
                                   struct str action, struct admin_error *error) {
    const struct vault_row row = {STR("secrets"), secret->environment, secret->id, secret->purpose};
    if (vault_seal(admin->vault, arena, &row, value, &secret->sealed) != OK)
        return admin_refuse(error, arena, TOO_LARGE, STR_NONE, "A secret is at most %d bytes.",
                            VAULT_SECRET_MAX);
    const struct store_secret like = {
        .environment = secret->environment, .purpose = secret->purpose, .name = secret->name};
    struct store_audit audit = admin_audit_change(
        admin, arena, secret->environment, action, admin_target(arena, "secret", secret->id),
        find_states_wait(admin, arena, &like), state_of(arena, secret));
    return admin_store_error(error, arena,
                             store_secret_put_wait(admin->store, arena, secret, others_expire_at, &audit),
                             "the environment");
}

/* The text itself, as bytes, is the key that everybody signs with. "whsec_" and base64 is how Standard
 * Webhooks writes it, whose libraries take the bytes behind it. */
static struct str make_text(struct arena *arena, bool signs_tools) {
    if (!signs_tools)
        return random_secret(arena, STR("cs_"));
    unsigned char bytes[BYTES];
    random_bytes(bytes, sizeof bytes);
    struct str text = arena_join(
        arena, 2, (struct str[]){STR("whsec_"), base64_encode(arena, str_of(bytes, sizeof bytes))});
    mem_wipe(bytes, sizeof bytes);
    return text;
}

static int64_t others_end(const struct admin_secret_request *request, int64_t now) {
    switch (request->succession) {
    case ADMIN_FIRST:
        return 0;
    case ADMIN_REPLACE:
        return now;
    case ADMIN_OVERLAP:
        break;
    }
    return now + (request->overlap_ms > 0 ? request->overlap_ms : 0);
}

enum status admin_secret_generate_wait(const struct admin *admin, struct arena *arena,
                                       const struct store_environment *environment,
                                       const struct admin_secret_request *request,
                                       struct store_secret *secret, struct str *text,
                                       struct admin_error *error) {
    bool signs_tools = str_equal(request->purpose, STORE_SECRET_TOOL_SIGNING);
    if (!signs_tools && !str_equal(request->purpose, STORE_SECRET_VISITOR_SIGNING))
        return admin_refuse(error, arena, INVALID, STR_NONE,
                            "What is generated is for 'visitor-signing' or 'tool-signing'.");
    struct str name = STR("");
    if (!signs_tools)
        TRY(find_issuer(arena, environment, request->name, &name, error));
    int64_t now = clock_now_ms();
    struct str made = make_text(arena, signs_tools);
    *secret = (struct store_secret){
        .id = id_new(arena, STR("sec")),
        .environment = environment->id,
        .purpose = request->purpose,
        .name = name,
        .hint = str_slice(made, 0, str_find_byte(made, '_') + 1 + HINT_LEN),
        .created_at = now,
        .expires_at = request->lifetime_ms > 0 ? now + request->lifetime_ms : 0,
    };
    if (request->succession == ADMIN_FIRST)
        TRY(none_in_use_wait(admin, arena, secret, error));
    struct str action = request->succession == ADMIN_FIRST ? STR("secret.generate") : STR("secret.rotate");
    TRY(keep_wait(admin, arena, secret, made, others_end(request, now), action, error));
    *text = made;
    return OK;
}

enum status admin_secret_find_same_wait(const struct admin *admin, struct arena *arena,
                                        const struct store_environment *environment, struct str name,
                                        struct str value, struct store_secret *secret,
                                        struct admin_error *error) {
    struct store_secrets kept;
    enum status status =
        store_secret_list_wait(admin->store, arena, environment->id, STORE_SECRET_NAMED, name, true, &kept);
    TRY(admin_store_error(error, arena, status, "the environment"));
    AUTO_ARENA opened = arena_new();
    arena_wipe_on_free(opened);
    for (size_t i = 0; i < kept.count; i++) {
        const struct store_secret *one = &kept.at[i];
        const struct vault_row row = {STR("secrets"), one->environment, one->id, one->purpose};
        struct str text;
        if (one->expires_at != 0 || !str_equal(one->name, name) ||
            vault_open(admin->vault, opened, &row, one->sealed, &text) != OK ||
            !str_equal_secret(text, value))
            continue;
        *secret = *one;
        return OK;
    }
    return NOT_FOUND;
}

enum status admin_secret_set_wait(const struct admin *admin, struct arena *arena,
                                  const struct store_environment *environment, struct str name,
                                  struct str value, struct store_secret *secret, struct admin_error *error) {
    if (str_is_empty(name) || name.len > NAME_MAX_LEN)
        return admin_refuse(error, arena, INVALID, STR_NONE, "A secret's name is 1 to %d bytes.",
                            NAME_MAX_LEN);
    if (str_is_empty(value))
        return admin_refuse(error, arena, INVALID, STR_NONE, "The secret is empty.");
    int64_t now = clock_now_ms();
    *secret = (struct store_secret){
        .id = id_new(arena, STR("sec")),
        .environment = environment->id,
        .purpose = STORE_SECRET_NAMED,
        .name = arena_copy(arena, name),
        .hint = value.len >= HINT_WORTHY_LEN ? arena_copy(arena, str_slice(value, 0, HINT_LEN)) : STR(""),
        .created_at = now,
    };
    return keep_wait(admin, arena, secret, value, now, STR("secret.set"), error);
}

enum status admin_secret_kill_wait(const struct admin *admin, struct arena *arena,
                                   const struct store_environment *environment, struct str id,
                                   struct admin_error *error) {
    const struct store_secret like = {.id = id, .environment = environment->id};
    struct store_audit audit =
        admin_audit_change(admin, arena, environment->id, STR("secret.kill"),
                           admin_target(arena, "secret", id), find_states_wait(admin, arena, &like), NULL);
    enum status status = store_secret_kill_wait(admin->store, arena, environment->id, id, &audit);
    if (status == NOT_FOUND)
        return admin_refuse(error, arena, status, STR_NONE,
                            "There is no secret '%.*s' here that is still alive.", STR_ARG(id));
    return admin_store_error(error, arena, status, "the secret");
}

/* ---- a new master key ---- */

static FIBER enum status reseal_one_wait(const struct admin *admin, const struct store_secret *secret,
                                         size_t *resealed, size_t *unopened) {
    if (vault_is_current(admin->vault, secret->sealed))
        return OK;
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena);
    const struct vault_row row = {STR("secrets"), secret->environment, secret->id, secret->purpose};
    struct str value, sealed;
    if (vault_open(admin->vault, arena, &row, secret->sealed, &value) != OK) {
        ++*unopened;
        return OK;
    }
    TRY(vault_seal(admin->vault, arena, &row, value, &sealed));
    enum status status = store_secret_reseal_wait(admin->store, arena, secret->environment, secret->id,
                                                  secret->sealed, sealed);
    if (status == CONFLICT)
        return OK; /* killed or resealed by somebody else meanwhile */
    TRY(status);
    ++*resealed;
    return OK;
}

static FIBER enum status reseal_all_wait(const struct admin *admin, size_t *resealed, size_t *unopened) {
    AUTO_ARENA places = arena_new();
    struct str environment = STR_NONE, id = STR_NONE;
    for (;;) {
        AUTO_ARENA arena = arena_new();
        struct store_secrets page;
        TRY(store_secret_scan_wait(admin->store, arena, environment, id, 0, &page));
        if (page.count == 0)
            return OK;
        for (size_t i = 0; i < page.count; i++)
            TRY(reseal_one_wait(admin, &page.at[i], resealed, unopened));
        environment = arena_copy(places, page.at[page.count - 1].environment);
        id = arena_copy(places, page.at[page.count - 1].id);
    }
}

enum status admin_secret_reseal_wait(const struct admin *admin, struct arena *arena, size_t *resealed,
                                     size_t *unopened, struct admin_error *error) {
    *resealed = *unopened = 0;
    struct store_audit audit = admin_audit(admin, STR_NONE, STR("secret.reseal"), STR("master-key"));
    enum status status = reseal_all_wait(admin, resealed, unopened);
    if (status == OK)
        status = store_audit_append_wait(admin->store, arena, &audit);
    return admin_store_error(error, arena, status, "the secrets");
}
