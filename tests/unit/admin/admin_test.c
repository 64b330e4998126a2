/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/load.h"

#include "../store/fixture.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"

#define KEY_A "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_B "b:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

static struct vault *vault_with(struct arena *arena, const char *keys) {
    struct vault *vault = NULL;
    struct str message;
    assert_ok(vault_load_text(arena, str_from(keys), &vault, &message));
    return vault;
}

static struct admin admin_of(struct fixture *f, const struct vault *vault) {
    return (struct admin){.store = f->store, .vault = vault, .actor = STR("cli:ada")};
}

static json_t *json_of(const char *text) {
    json_t *json = NULL;
    assert_ok(json_read(str_from(text), JSON_DEPTH_DOCUMENT, &json, NULL));
    return json;
}

#define CONFIG                                                                                               \
    "{\"signIn\":{\"enforcement\":\"optional\",\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\"}]}}"

static FIBER struct store_environment environment_wait(const struct admin *admin, struct arena *arena) {
    struct store_product product;
    struct store_environment environment;
    struct store_key key;
    struct admin_error error = {0};
    json_auto_t *config = json_of(CONFIG);
    assert_ok(admin_product_create_wait(admin, arena, STR("acme"), &product, &error));
    assert_ok(admin_environment_create_wait(admin, arena, STR("acme"), STR("live"), config, &environment,
                                            &key, &error));
    assert_true(str_starts_with(key.text, STR("pk_")));
    return environment;
}

static void names_are_checked(struct fixture *f) {
    struct admin admin = admin_of(f, NULL);
    struct store_product product;
    static const char *const bad[] = {
        "",      "Acme", "-acme",
        "a b",   "a/b",  "prod_x",
        "env_x", "ä",    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct admin_error error = {0};
        assert_int_equal(admin_product_create_wait(&admin, f->arena, str_from(bad[i]), &product, &error),
                         INVALID);
        assert_true(error.sentence.len > 0);
    }
    struct admin_error error = {0};
    assert_ok(admin_product_create_wait(&admin, f->arena, STR("a.b_c-9"), &product, &error));
    assert_int_equal(admin_product_create_wait(&admin, f->arena, STR("a.b_c-9"), &product, &error), CONFLICT);
    assert_int_equal(admin_product_find_wait(&admin, f->arena, STR("none"), &product, &error), NOT_FOUND);
    assert_ok(admin_product_rename_wait(&admin, f->arena, STR("a.b_c-9"), STR("new"), &error));
    assert_int_equal(admin_product_rename_wait(&admin, f->arena, STR("a.b_c-9"), STR("new"), &error),
                     NOT_FOUND);
    assert_ok(admin_product_delete_wait(&admin, f->arena, STR("new"), &error));
}

static void configurations_are_checked_by_place(struct fixture *f) {
    struct admin admin = admin_of(f, NULL);
    struct store_environment environment = environment_wait(&admin, f->arena), found;
    struct admin_error error = {0};
    bool changed;
    json_auto_t *bad =
        json_of("{\"signIn\":{\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\",\"leewaySeconds\":3600}]}}");
    assert_int_equal(
        admin_environment_set_config_wait(&admin, f->arena, &environment, 0, bad, &changed, &error), INVALID);
    assert_text(error.pointer, STR("/signIn/issuers/0/leewaySeconds"));
    json_auto_t *unknown = json_of("{\"orgins\":[]}");
    assert_int_equal(
        admin_environment_set_config_wait(&admin, f->arena, &environment, 0, unknown, &changed, &error),
        INVALID);
    assert_text(error.pointer, STR("/orgins"));

    json_auto_t *good = json_of("{\"origins\":[\"https://acme.example\"]}");
    assert_ok(admin_environment_set_config_wait(&admin, f->arena, &environment, 1, good, &changed, &error));
    assert_true(changed);
    assert_int_equal(environment.version, 2);
    assert_ok(admin_environment_set_config_wait(&admin, f->arena, &environment, 0, good, &changed, &error));
    assert_false(changed);
    /* An administrator who read version 1 does not overwrite version 2. */
    json_auto_t *other = json_of("{}");
    assert_int_equal(
        admin_environment_set_config_wait(&admin, f->arena, &environment, 1, other, &changed, &error),
        CONFLICT);

    assert_ok(admin_environment_find_wait(&admin, f->arena, STR("acme"), STR("live"), &found, &error));
    assert_ok(admin_environment_find_wait(&admin, f->arena, STR_NONE, found.id, &found, &error));
    assert_int_equal(admin_environment_find_wait(&admin, f->arena, STR_NONE, STR("live"), &found, &error),
                     INVALID);
    assert_int_equal(admin_environment_find_wait(&admin, f->arena, STR("acme"), STR("x"), &found, &error),
                     NOT_FOUND);
    assert_int_equal(admin_environment_find_wait(&admin, f->arena, STR("x"), STR("live"), &found, &error),
                     NOT_FOUND);
    assert_true(str_find(error.sentence, STR("product")) != STR_NOT_FOUND);
    assert_ok(admin_environment_rename_wait(&admin, f->arena, &environment, STR("staging"), &error));
    assert_ok(admin_environment_delete_wait(&admin, f->arena, &environment, &error));
    assert_int_equal(admin_environment_delete_wait(&admin, f->arena, &environment, &error), NOT_FOUND);
}

static void a_secret_key_is_kept_as_its_hash(struct fixture *f) {
    struct admin admin = admin_of(f, NULL);
    struct store_environment environment = environment_wait(&admin, f->arena);
    struct admin_error error = {0};
    struct store_key key;
    struct str text;
    struct store_loaded loaded;
    assert_ok(admin_key_issue_wait(&admin, f->arena, &environment, true, &key, &text, &error));
    assert_true(str_starts_with(text, STR("sk_")));
    assert_int_equal(text.len, 3 + 43);
    assert_true(str_starts_with(text, key.text));
    assert_true(key.text.len < 12);
    assert_ok(store_load_by_key_wait(f->store, f->arena, digest_sha256_hex(f->arena, text), true, &loaded));
    assert_int_equal(store_load_by_key_wait(f->store, f->arena, text, true, &loaded), NOT_FOUND);
    assert_ok(admin_key_revoke_wait(&admin, f->arena, &environment, key.id, &error));
    assert_int_equal(admin_key_revoke_wait(&admin, f->arena, &environment, key.id, &error), NOT_FOUND);
}

static FIBER struct store_secrets usable_wait(struct fixture *f, struct str environment, struct str purpose) {
    struct store_secrets secrets;
    assert_ok(store_secret_list_wait(f->store, f->arena, environment, purpose, STR_NONE, true, &secrets));
    return secrets;
}

static void assert_opens(struct fixture *f, const struct vault *vault, const struct store_secret *secret,
                         struct str expected) {
    const struct vault_row row = {STR("secrets"), secret->environment, secret->id, secret->purpose};
    struct str opened;
    assert_ok(vault_open(vault, f->arena, &row, secret->sealed, &opened));
    assert_text(opened, expected);
}

static void signing_secrets_are_made_rotated_and_killed(struct fixture *f) {
    struct vault *vault = vault_with(f->arena, KEY_A);
    struct admin admin = admin_of(f, vault);
    struct store_environment environment = environment_wait(&admin, f->arena);
    struct admin_error error = {0};
    struct store_secret first, second, third;
    struct str one, two, three;
    int64_t now = 1700000000000;
    clock_hold_ms(now);
    struct admin_secret_request request = {.purpose = STORE_SECRET_VISITOR_SIGNING};
    assert_ok(admin_secret_generate_wait(&admin, f->arena, &environment, &request, &first, &one, &error));
    assert_true(str_starts_with(one, STR("cs_")));
    assert_int_equal(one.len, 3 + 43);
    assert_text(first.name, STR("acme")); /* the only issuer there is */
    assert_text(first.hint, str_slice(one, 0, 7));
    assert_opens(f, vault, &first, one);
    assert_int_equal(
        admin_secret_generate_wait(&admin, f->arena, &environment, &request, &second, &two, &error),
        CONFLICT);
    assert_true(str_find(error.sentence, STR("otate")) != STR_NOT_FOUND);

    request.succession = ADMIN_OVERLAP;
    request.overlap_ms = 60000;
    assert_ok(admin_secret_generate_wait(&admin, f->arena, &environment, &request, &second, &two, &error));
    assert_false(str_equal(one, two));
    assert_int_equal(usable_wait(f, environment.id, request.purpose).count, 2);
    clock_hold_ms(now + 60000);
    assert_int_equal(usable_wait(f, environment.id, request.purpose).count, 1);

    request.succession = ADMIN_REPLACE;
    assert_ok(admin_secret_generate_wait(&admin, f->arena, &environment, &request, &third, &three, &error));
    struct store_secrets usable = usable_wait(f, environment.id, request.purpose);
    assert_int_equal(usable.count, 1);
    assert_opens(f, vault, &usable.at[0], three);
    assert_ok(admin_secret_kill_wait(&admin, f->arena, &environment, third.id, &error));
    assert_int_equal(admin_secret_kill_wait(&admin, f->arena, &environment, third.id, &error), NOT_FOUND);
    assert_int_equal(usable_wait(f, environment.id, request.purpose).count, 0);
    clock_hold_ms(-1);

    request.name = STR("nobody");
    assert_int_equal(
        admin_secret_generate_wait(&admin, f->arena, &environment, &request, &third, &three, &error),
        NOT_FOUND);
    request.purpose = STORE_SECRET_NAMED;
    assert_int_equal(
        admin_secret_generate_wait(&admin, f->arena, &environment, &request, &third, &three, &error),
        INVALID);
    vault_free(vault);
}

static void tool_secrets_have_the_form_of_standard_webhooks(struct fixture *f) {
    struct vault *vault = vault_with(f->arena, KEY_A);
    struct admin admin = admin_of(f, vault);
    struct store_environment environment = environment_wait(&admin, f->arena);
    struct admin_error error = {0};
    struct store_secret secret;
    struct str text, bytes;
    struct admin_secret_request request = {.purpose = STORE_SECRET_TOOL_SIGNING, .lifetime_ms = 1000};
    assert_ok(admin_secret_generate_wait(&admin, f->arena, &environment, &request, &secret, &text, &error));
    assert_true(str_starts_with(text, STR("whsec_")));
    assert_ok(base64_decode(f->arena, str_from_index(text, 6), &bytes));
    assert_int_equal(bytes.len, 32);
    assert_int_equal(secret.expires_at, secret.created_at + 1000);
    vault_free(vault);
}

static void the_master_key_changes_under_all_secrets(struct fixture *f) {
    struct vault *old = vault_with(f->arena, KEY_A), *both = vault_with(f->arena, KEY_B "," KEY_A),
                 *new = vault_with(f->arena, KEY_B);
    struct admin admin = admin_of(f, old);
    struct store_environment environment = environment_wait(&admin, f->arena);
    struct admin_error error = {0};
    struct store_secret secret;
    assert_ok(admin_secret_set_wait(&admin, f->arena, &environment, STR("openai"),
                                    STR("sk-0123456789abcdefghijkl"), &secret, &error));
    assert_text(secret.hint, STR("sk-0"));
    assert_ok(
        admin_secret_set_wait(&admin, f->arena, &environment, STR("openai"), STR("short"), &secret, &error));
    assert_int_equal(secret.hint.len, 0); /* four letters of five would say too much */
    assert_int_equal(usable_wait(f, environment.id, STORE_SECRET_NAMED).count,
                     1); /* the other one was replaced */
    assert_int_equal(
        admin_secret_set_wait(&admin, f->arena, &environment, STR(""), STR("x"), &secret, &error), INVALID);
    assert_int_equal(
        admin_secret_set_wait(&admin, f->arena, &environment, STR("x"), STR(""), &secret, &error), INVALID);

    size_t resealed, unopened;
    admin.vault = new;
    assert_ok(admin_secret_reseal_wait(&admin, f->arena, &resealed, &unopened, &error));
    assert_int_equal(resealed, 0);
    assert_int_equal(unopened, 1);
    admin.vault = both;
    assert_ok(admin_secret_reseal_wait(&admin, f->arena, &resealed, &unopened, &error));
    assert_int_equal(resealed, 1);
    assert_int_equal(unopened, 0);
    assert_ok(admin_secret_reseal_wait(&admin, f->arena, &resealed, &unopened, &error));
    assert_int_equal(resealed, 0);
    struct store_secrets usable = usable_wait(f, environment.id, STORE_SECRET_NAMED);
    assert_opens(f, new, &usable.at[0], STR("short"));
    vault_free(old);
    vault_free(both);
    vault_free(new);
}

static void knowledge_is_checked_by_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *pointer;
    } bad[] = {
        {"[]", ""},
        {"{\"id\":\"a b\",\"title\":\"T\",\"triggers\":[\"x\"],\"text\":\"y\"}", "/id"},
        {"{\"title\":\"T\",\"triggers\":[\"x\"],\"text\":\"y\"}", "/id"},
        {"{\"id\":\"a\",\"title\":\" \",\"triggers\":[\"x\"],\"text\":\"y\"}", "/title"},
        {"{\"id\":\"a\",\"title\":\"T\",\"triggers\":[],\"text\":\"y\"}", "/triggers"},
        {"{\"id\":\"a\",\"title\":\"T\",\"triggers\":\"x\",\"text\":\"y\"}", "/triggers"},
        {"{\"id\":\"a\",\"title\":\"T\",\"triggers\":[\"x\",7],\"text\":\"y\"}", "/triggers/1"},
        {"{\"id\":\"a\",\"title\":\"T\",\"triggers\":[\"x\"]}", "/text"},
        {"{\"id\":\"a\",\"title\":\"T\",\"triggers\":[\"x\"],\"text\":\"y\",\"te~xt\":1}", "/te~0xt"},
    };
    AUTO_ARENA arena = arena_new();
    struct str name;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_auto_t *json = json_of(bad[i].text);
        struct admin_error error = {0};
        assert_int_equal(admin_knowledge_check(arena, json, &name, &error), INVALID);
        assert_text(error.pointer, str_from(bad[i].pointer));
        assert_true(error.sentence.len > 0);
    }
    json_auto_t *good = json_of("{\"id\":\"hours\",\"title\":\"T\",\"triggers\":[\"x\"],\"text\":\"y\"}");
    struct admin_error error = {0};
    assert_ok(admin_knowledge_check(arena, good, &name, &error));
    assert_text(name, STR("hours"));
}

#define TOOL(name)                                                                                           \
    "{\"name\":\"" name "\",\"description\":\"d\",\"url\":\"https://t.example/\",\"access\":\"public\","     \
    "\"parameters\":{\"type\":\"object\",\"properties\":{}}}"
#define SNIPPET(id) "{\"id\":\"" id "\",\"title\":\"T\",\"triggers\":[\"x\"],\"text\":\"y\"}"

static void a_document_is_applied_whole_or_not_at_all(struct fixture *f) {
    struct admin admin = admin_of(f, NULL);
    struct admin_applied applied, again;
    struct admin_error error = {0};
    json_auto_t *bad = json_of("{\"config\":" CONFIG ",\"tools\":[" TOOL("a") ",{\"name\":\"b\"}]}");
    assert_int_equal(admin_apply_wait(&admin, f->arena, STR("acme"), STR("live"), bad, &applied, &error),
                     INVALID);
    assert_true(str_starts_with(error.pointer, STR("/tools/1")));
    struct store_product product;
    assert_int_equal(store_product_find_wait(f->store, f->arena, STR("acme"), &product), NOT_FOUND);

    static const struct {
        const char *text, *pointer;
    } wrong[] = {
        {"[]", ""},
        {"{\"tool\":[]}", "/tool"},
        {"{\"tools\":{}}", "/tools"},
        {"{\"config\":7}", "/config"},
        {"{\"config\":{\"origins\":7}}", "/config/origins"},
        {"{\"knowledge\":[" SNIPPET("a") "," SNIPPET("a") "]}", "/knowledge/1"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_auto_t *json = json_of(wrong[i].text);
        assert_int_equal(admin_apply_wait(&admin, f->arena, STR("acme"), STR("live"), json, &applied, &error),
                         INVALID);
        assert_text(error.pointer, str_from(wrong[i].pointer));
    }

    json_auto_t *good = json_of("{\"config\":" CONFIG
                                ",\"tools\":[" TOOL("a") "," TOOL("b") "],\"knowledge\":[" SNIPPET("k") "]}");
    assert_ok(admin_apply_wait(&admin, f->arena, STR("acme"), STR("live"), good, &applied, &error));
    assert_true(applied.is_created);
    assert_true(str_starts_with(applied.publishable_key, STR("pk_")));
    assert_false(applied.signs_tool_calls);
    int64_t before, after;
    assert_ok(store_change_last_wait(f->store, f->arena, &before));
    assert_ok(admin_apply_wait(&admin, f->arena, STR("acme"), STR("live"), good, &again, &error));
    assert_false(again.is_created);
    assert_int_equal(again.changed + again.removed, 0);
    assert_text(again.publishable_key, applied.publishable_key);
    assert_text(again.environment.id, applied.environment.id);
    assert_ok(store_change_last_wait(f->store, f->arena, &after));
    assert_int_equal(before, after); /* nothing was written */

    json_auto_t *less = json_of("{\"tools\":[" TOOL("b") "]}");
    assert_ok(admin_apply_wait(&admin, f->arena, STR("acme"), STR("live"), less, &again, &error));
    assert_int_equal(again.removed, 1);
    assert_int_equal(again.changed, 0);
    struct store_loaded loaded;
    assert_ok(store_load_by_id_wait(f->store, f->arena, applied.environment.id, &loaded));
    assert_int_equal(loaded.tools.count, 1);
    assert_text(loaded.tools.at[0].name, STR("b"));
    assert_int_equal(loaded.knowledge.count, 1); /* not spoken of: left alone */
    assert_text(loaded.environment.config, json_write(f->arena, json_object_get(good, "config")));
}

/* What differs between two documents, in words: "change /a; add /b". */
static struct str differences(struct arena *arena, const char *before, const char *after) {
    json_auto_t *one = json_of(before), *other = json_of(after);
    json_t *changes = json_keep(arena, json_array());
    admin_diff(changes, STR("config"), STR("/config"), one, other);
    struct str text = STR("");
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        assert_text(json_get_str(change, "what"), STR("config"));
        text = arena_print(arena, "%.*s%s%s %s", STR_ARG(text), i == 0 ? "" : "; ",
                           json_string_value(json_object_get(change, "op")),
                           json_string_value(json_object_get(change, "pointer")));
    }
    return text;
}

static void differences_are_told_where_they_are(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct {
        const char *before, *after, *told;
    } cases[] = {
        {"{}", "{}", ""},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", ""},
        {"{\"a\":1}", "{\"a\":2}", "change /config/a"},
        {"{\"a\":1}", "{\"b\":1}", "remove /config/a; add /config/b"},
        {"{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":{\"b\":{\"c\":2}}}", "change /config/a/b/c"},
        {"{\"a/b\":{\"~\":1}}", "{\"a/b\":{\"~\":2}}", "change /config/a~1b/~0"},
        {"{\"a\":[1,2]}", "{\"a\":[2]}", "change /config/a"},
        {"{\"a\":[{\"name\":\"x\",\"v\":1},{\"name\":\"y\"}]}",
         "{\"a\":[{\"name\":\"y\"},{\"name\":\"x\",\"v\":1}]}", "change /config/a"},
        {"{\"a\":[{\"name\":\"x\",\"v\":1},{\"name\":\"y\"}]}",
         "{\"a\":[{\"name\":\"x\",\"v\":2},{\"name\":\"z\"}]}",
         "remove /config/a/1; change /config/a/0/v; add /config/a/1"},
        {"{\"a\":[{\"id\":\"x\"},{\"id\":\"y\"}]}", "{\"a\":[{\"id\":\"y\"}]}", "remove /config/a/0"},
        {"{\"a\":[{\"name\":\"x\",\"v\":1}]}", "{\"a\":[{\"name\":\"x\",\"v\":2},{\"name\":\"z\"}]}",
         "change /config/a/0/v; add /config/a/1"},
        {"{\"a\":[{\"name\":\"x\"},{\"name\":\"x\"}]}", "{\"a\":[{\"name\":\"x\"}]}", "change /config/a"},
        {"{\"a\":1}", "{\"a\":[1]}", "change /config/a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(differences(arena, cases[i].before, cases[i].after), str_from(cases[i].told));
}

/* Whoever has seen another version is told so; whoever makes something new finds nothing there. */
static void versions_are_compared_where_the_row_is(struct fixture *f) {
    struct admin admin = admin_of(f, NULL);
    struct store_environment environment = environment_wait(&admin, f->arena);
    struct admin_error error = {0};
    struct store_document stored;
    bool changed;
    json_auto_t *tool = json_of(TOOL("a"));
    json_auto_t *other = json_of("{\"name\":\"a\",\"description\":\"e\",\"url\":\"https://t.example/\","
                                 "\"access\":\"public\",\"parameters\":{\"type\":\"object\"}}");
    admin.version = 1;
    assert_int_equal(admin_tool_put_wait(&admin, f->arena, &environment, tool, &stored, &changed, &error),
                     CONFLICT);
    assert_true(error.is_changed_meanwhile);
    admin.version = ADMIN_NEW;
    assert_ok(admin_tool_put_wait(&admin, f->arena, &environment, tool, &stored, &changed, &error));
    assert_int_equal(stored.version, 1);
    assert_int_equal(admin_tool_put_wait(&admin, f->arena, &environment, other, &stored, &changed, &error),
                     CONFLICT);
    assert_false(error.is_changed_meanwhile);
    admin.version = 1;
    assert_ok(admin_tool_put_wait(&admin, f->arena, &environment, other, &stored, &changed, &error));
    assert_int_equal(stored.version, 2);
    assert_int_equal(admin_document_remove_wait(&admin, f->arena, STORE_TOOL, &environment, STR("a"), &error),
                     CONFLICT);
    admin.version = 2;
    assert_ok(admin_document_remove_wait(&admin, f->arena, STORE_TOOL, &environment, STR("a"), &error));

    admin.version = environment.version;
    assert_ok(admin_environment_rename_wait(&admin, f->arena, &environment, STR("other"), &error));
    assert_int_equal(admin_environment_rename_wait(&admin, f->arena, &environment, STR("third"), &error),
                     CONFLICT);
    assert_true(error.is_changed_meanwhile);
    assert_int_equal(admin_environment_delete_wait(&admin, f->arena, &environment, &error), CONFLICT);
    admin.version = 0;
    assert_ok(admin_environment_delete_wait(&admin, f->arena, &environment, &error));
}

/* What is exported makes the same again; trying it out changes nothing. */
static void an_export_makes_the_same_again(struct fixture *f) {
    struct admin admin = admin_of(f, NULL);
    struct admin_error error = {0};
    struct admin_applied applied, tried;
    int64_t version, again;
    json_t *exported, *second;
    json_auto_t *document =
        json_of("{\"config\":{\"limits\":null,\"origins\":[\"https://a.example\"]},\"tools\":[" TOOL(
            "a") "],\"knowledge\":[" SNIPPET("k") "]}");
    assert_ok(
        admin_apply_or_try_wait(&admin, f->arena, STR("acme"), STR("live"), document, true, &tried, &error));
    assert_true(str_is_empty(tried.product.id) && str_is_empty(tried.environment.id));
    struct store_product product;
    assert_int_equal(store_product_find_wait(f->store, f->arena, STR("acme"), &product), NOT_FOUND);
    assert_ok(admin_apply_wait(&admin, f->arena, STR("acme"), STR("live"), document, &applied, &error));
    assert_int_equal(json_array_size(applied.changes), json_array_size(tried.changes));
    assert_ok(admin_export_wait(&admin, f->arena, &applied.environment, &exported, &version, &error));
    json_keep(f->arena, exported);
    assert_null(json_object_get(json_object_get(exported, "config"), "limits")); /* null is absent */
    assert_ok(admin_apply_wait(&admin, f->arena, STR("twin"), STR("live"), exported, &applied, &error));
    assert_ok(admin_export_wait(&admin, f->arena, &applied.environment, &second, &again, &error));
    json_keep(f->arena, second);
    assert_true(json_equal(exported, second));
    assert_int_not_equal(version, again); /* versions are each environment's own */
    admin.version = version;
    assert_int_equal(admin_apply_wait(&admin, f->arena, STR("twin"), STR("live"), exported, &applied, &error),
                     CONFLICT);
    assert_true(error.is_changed_meanwhile);
    admin.version = ADMIN_NEW;
    assert_int_equal(admin_apply_wait(&admin, f->arena, STR("twin"), STR("live"), exported, &applied, &error),
                     CONFLICT);
    assert_false(error.is_changed_meanwhile);
}

/* Each change has its line in the audit log, and no line holds a secret. */
/* All that a row of the audit log says. */
static struct str said_in(struct arena *arena, const struct store_audit *row) {
    struct str texts[] = {row->id,      row->environment, row->action,  row->actor,      row->visitor,
                          row->subject, row->issuer,      row->session, row->acting_for, row->conversation,
                          row->tool,    row->parameters,  row->values,  row->token,      row->target,
                          row->outcome, row->reason,      row->detail,  row->before,     row->after};
    return arena_join(arena, sizeof texts / sizeof texts[0], texts);
}

static void every_change_is_in_the_audit_log(struct fixture *f) {
    struct vault *vault = vault_with(f->arena, KEY_A);
    struct admin admin = admin_of(f, vault);
    struct store_environment environment = environment_wait(&admin, f->arena);
    struct admin_error error = {0};
    struct store_secret secret;
    struct store_key key;
    struct store_document stored;
    struct str text, key_text;
    bool changed;
    json_auto_t *tool = json_of(TOOL("a")), *snippet = json_of(SNIPPET("k")), *config = json_of("{}");
    struct admin_secret_request request = {.purpose = STORE_SECRET_VISITOR_SIGNING};
    assert_ok(admin_secret_generate_wait(&admin, f->arena, &environment, &request, &secret, &text, &error));
    assert_ok(admin_key_issue_wait(&admin, f->arena, &environment, true, &key, &key_text, &error));
    assert_ok(admin_tool_put_wait(&admin, f->arena, &environment, tool, &stored, &changed, &error));
    assert_ok(admin_knowledge_put_wait(&admin, f->arena, &environment, snippet, &stored, &changed, &error));
    assert_ok(admin_document_remove_wait(&admin, f->arena, STORE_TOOL, &environment, STR("a"), &error));
    assert_int_equal(admin_document_remove_wait(&admin, f->arena, STORE_TOOL, &environment, STR("a"), &error),
                     NOT_FOUND);
    assert_ok(admin_environment_set_config_wait(&admin, f->arena, &environment, 0, config, &changed, &error));

    struct store_audits audits;
    struct store_audit_filter filter = {.environment = environment.id, .actor = STR("cli:ada")};
    assert_ok(store_audit_list_wait(f->store, f->arena, &filter, &audits));
    static const char *const expected[] = {
        "key.issue",   "secret.generate",       "key.issue", "tool.put", "knowledge.put",
        "tool.remove", "environment.set-config"};
    size_t count = sizeof expected / sizeof expected[0];
    assert_int_equal(audits.count, count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        struct str row = said_in(f->arena, &audits.at[i]);
        assert_int_equal(str_find(row, str_from_index(text, 7)), STR_NOT_FOUND);
        assert_int_equal(str_find(row, str_from_index(key_text, 9)), STR_NOT_FOUND);
        for (size_t other = 0; other < count; other++)
            found = found || str_equal(audits.at[other].action, str_from(expected[i]));
        assert_true(found);
    }
    json_auto_t *shown = admin_secret_json(&secret);
    struct str row = json_write(f->arena, shown);
    assert_int_equal(str_find(row, str_from_index(text, 7)), STR_NOT_FOUND);
    assert_int_equal(str_find(row, secret.sealed), STR_NOT_FOUND);
    vault_free(vault);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(names_are_checked)
TEST(configurations_are_checked_by_place)
TEST(a_secret_key_is_kept_as_its_hash)
TEST(signing_secrets_are_made_rotated_and_killed)
TEST(tool_secrets_have_the_form_of_standard_webhooks)
TEST(the_master_key_changes_under_all_secrets)
TEST(a_document_is_applied_whole_or_not_at_all)
TEST(every_change_is_in_the_audit_log)
TEST(versions_are_compared_where_the_row_is)
TEST(an_export_makes_the_same_again)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_checked),
        cmocka_unit_test(test_configurations_are_checked_by_place),
        cmocka_unit_test(test_a_secret_key_is_kept_as_its_hash),
        cmocka_unit_test(test_signing_secrets_are_made_rotated_and_killed),
        cmocka_unit_test(test_tool_secrets_have_the_form_of_standard_webhooks),
        cmocka_unit_test(test_the_master_key_changes_under_all_secrets),
        cmocka_unit_test(knowledge_is_checked_by_place),
        cmocka_unit_test(test_a_document_is_applied_whole_or_not_at_all),
        cmocka_unit_test(test_every_change_is_in_the_audit_log),
        cmocka_unit_test(test_versions_are_compared_where_the_row_is),
        cmocka_unit_test(test_an_export_makes_the_same_again),
        cmocka_unit_test(differences_are_told_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
