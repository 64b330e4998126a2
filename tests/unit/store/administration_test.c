/* SPDX-License-Identifier: Apache-2.0 */
/* Products, environments, keys, secrets, tools, knowledge, and an environment loaded whole. */
#include "base/clock.h"
#include "fixture.h"
#include "store/audit.h"
#include "store/conversation.h"
#include "store/document.h"
#include "store/environment.h"
#include "store/key.h"
#include "store/load.h"
#include "store/message.h"
#include "store/product.h"
#include "store/secret.h"

static void products(struct fixture *f) {
    struct store_product one, other;
    assert_ok(store_product_create_wait(f->store, f->arena, STR("acme"), NULL, &one));
    assert_true(str_starts_with(one.id, STR("prod_")));
    assert_true(one.created_at > 0);
    assert_int_equal(store_product_create_wait(f->store, f->arena, STR("acme"), NULL, &other), CONFLICT);
    assert_ok(store_product_create_wait(f->store, f->arena, STR("zeta"), NULL, &other));

    struct store_product found;
    assert_ok(store_product_find_wait(f->store, f->arena, STR("acme"), &found));
    assert_text(found.id, one.id);
    assert_ok(store_product_find_wait(f->store, f->arena, one.id, &found));
    assert_text(found.name, STR("acme"));
    assert_int_equal(store_product_find_wait(f->store, f->arena, STR("nobody"), &found), NOT_FOUND);

    struct store_products list;
    assert_ok(store_product_list_wait(f->store, f->arena, STR_NONE, 1, &list));
    assert_int_equal(list.count, 1);
    assert_ok(store_product_list_wait(f->store, f->arena, list.at[0].name, 0, &list));
    assert_int_equal(list.count, 1);
    assert_text(list.at[0].name, STR("zeta"));

    assert_int_equal(store_product_rename_wait(f->store, f->arena, other.id, 0, STR("acme"), NULL), CONFLICT);
    assert_int_equal(store_product_rename_wait(f->store, f->arena, STR("prod_none"), 0, STR("beta"), NULL),
                     NOT_FOUND);
    assert_ok(store_product_rename_wait(f->store, f->arena, other.id, 0, STR("beta"), NULL));
    assert_ok(store_product_find_wait(f->store, f->arena, STR("beta"), &found));

    struct store_environment environment;
    assert_ok(fixture_add_environment_wait(f, one.id, STR("live"), STR("{}"), &environment));
    assert_int_equal(store_product_delete_wait(f->store, f->arena, one.id, 0, NULL), CONFLICT);
    assert_ok(store_product_delete_wait(f->store, f->arena, other.id, 0, NULL));
    assert_int_equal(store_product_delete_wait(f->store, f->arena, other.id, 0, NULL), NOT_FOUND);
}

static void environments(struct fixture *f) {
    struct store_product product;
    struct store_environment made, found;
    assert_int_equal(fixture_add_environment_wait(f, STR("prod_none"), STR("live"), STR("{}"), &made),
                     NOT_FOUND);
    assert_ok(store_product_create_wait(f->store, f->arena, STR("acme"), NULL, &product));
    assert_ok(fixture_add_environment_wait(f, product.id, STR("live"), STR("{\"a\":1}"), &made));
    assert_int_equal(made.version, 1);
    assert_text(made.product_name, STR("acme"));
    assert_int_equal(fixture_add_environment_wait(f, product.id, STR("live"), STR("{}"), &found), CONFLICT);
    assert_ok(store_environment_find_wait(f->store, f->arena, made.id, &found));
    assert_text(found.config, STR("{\"a\":1}"));
    assert_ok(store_environment_find_named_wait(f->store, f->arena, product.id, STR("live"), &found));
    assert_text(found.id, made.id);
    assert_int_equal(store_environment_find_named_wait(f->store, f->arena, product.id, STR("test"), &found),
                     NOT_FOUND);

    int64_t version = 0;
    assert_ok(
        store_environment_set_config_wait(f->store, f->arena, made.id, 1, STR("{\"a\":2}"), NULL, &version));
    assert_int_equal(version, 2);
    assert_int_equal(
        store_environment_set_config_wait(f->store, f->arena, made.id, 1, STR("{}"), NULL, &version),
        CONFLICT);
    assert_int_equal(
        store_environment_set_config_wait(f->store, f->arena, STR("env_none"), 1, STR("{}"), NULL, &version),
        NOT_FOUND);
    assert_ok(store_environment_find_wait(f->store, f->arena, made.id, &found));
    assert_text(found.config, STR("{\"a\":2}"));

    struct store_environment second;
    assert_ok(fixture_add_environment_wait(f, product.id, STR("test"), STR("{}"), &second));
    assert_int_equal(store_environment_rename_wait(f->store, f->arena, second.id, 0, STR("live"), NULL),
                     CONFLICT);
    assert_int_equal(store_environment_rename_wait(f->store, f->arena, STR("env_none"), 0, STR("x"), NULL),
                     NOT_FOUND);
    assert_ok(store_environment_rename_wait(f->store, f->arena, second.id, 0, STR("staging"), NULL));

    struct store_environments list;
    assert_ok(store_environment_list_wait(f->store, f->arena, product.id, STR_NONE, 0, &list));
    assert_int_equal(list.count, 2);
    assert_text(list.at[1].name, STR("staging"));
    assert_ok(store_environment_list_wait(f->store, f->arena, product.id, STR("live"), 0, &list));
    assert_int_equal(list.count, 1);
    assert_ok(store_environment_list_wait(f->store, f->arena, STR_NONE, STR_NONE, 1, &list));
    assert_int_equal(list.count, 1);
    assert_ok(store_environment_list_wait(f->store, f->arena, STR_NONE, list.at[0].id, 0, &list));
    assert_int_equal(list.count, 1);
}

static void an_environment_goes_with_all_that_it_holds(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_key key;
    assert_ok(store_key_create_wait(f->store, f->arena, f->environment, false, STR("pk_1"), STR("pk_1"), NULL,
                                    &key));
    assert_ok(fixture_put_document_wait(f, STORE_TOOL, STR("t"), STR("{}"), 0));
    struct store_message_draft first = {.text = STR("Hello")};
    struct store_conversation_draft draft = {.resume_hash = STR("h"), .first = &first};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    struct store_audit gone = {
        .environment = f->environment, .action = STR("environment.delete"), .outcome = STR("allowed")};

    assert_ok(store_environment_delete_wait(f->store, f->arena, f->environment, 0, &gone));
    assert_int_equal(store_environment_delete_wait(f->store, f->arena, f->environment, 0, &gone), NOT_FOUND);

    struct store_loaded loaded;
    assert_int_equal(store_load_by_key_wait(f->store, f->arena, STR("pk_1"), false, &loaded), NOT_FOUND);
    struct store_conversation conversation;
    assert_int_equal(store_conversation_find_wait(f->store, f->arena, f->environment, begun.conversation.id,
                                                  STR_NONE, &conversation),
                     NOT_FOUND);
    struct store_messages messages;
    assert_ok(store_message_list_after_wait(f->store, f->arena, f->environment, begun.conversation.id, 0, 0,
                                            &messages));
    assert_int_equal(messages.count, 0);
    struct store_audits audits; /* what was done in it stays known; once, since the second time was undone */
    assert_ok(store_audit_list_wait(f->store, f->arena,
                                    &(struct store_audit_filter){.environment = f->environment}, &audits));
    assert_int_equal(audits.count, 1);
}

static void keys(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_key publishable, secret, again;
    assert_ok(store_key_create_wait(f->store, f->arena, f->environment, false, STR("pk_1"), STR("pk_1"), NULL,
                                    &publishable));
    assert_ok(store_key_create_wait(f->store, f->arena, f->environment, true, STR("0123"), STR("sk_ab…"),
                                    NULL, &secret));
    assert_int_equal(store_key_create_wait(f->store, f->arena, f->environment, false, STR("pk_1"),
                                           STR("pk_1"), NULL, &again),
                     CONFLICT);
    assert_int_equal(store_key_create_wait(f->store, f->arena, STR("env_none"), false, STR("pk_2"),
                                           STR("pk_2"), NULL, &again),
                     NOT_FOUND);

    struct store_loaded loaded;
    assert_ok(store_load_by_key_wait(f->store, f->arena, STR("pk_1"), false, &loaded));
    assert_text(loaded.environment.id, f->environment);
    assert_text(loaded.key.id, publishable.id);
    assert_false(loaded.key.is_secret);
    assert_ok(store_load_by_key_wait(f->store, f->arena, STR("0123"), true, &loaded));
    assert_true(loaded.key.is_secret);
    /* A secret key's hash is no publishable key, and the other way round. */
    assert_int_equal(store_load_by_key_wait(f->store, f->arena, STR("0123"), false, &loaded), NOT_FOUND);
    assert_int_equal(store_load_by_key_wait(f->store, f->arena, STR("pk_1"), true, &loaded), NOT_FOUND);

    assert_ok(store_key_used_wait(f->store, f->arena, f->environment, secret.id));
    assert_ok(store_key_revoke_wait(f->store, f->arena, f->environment, publishable.id, NULL));
    assert_int_equal(store_key_revoke_wait(f->store, f->arena, f->environment, publishable.id, NULL),
                     NOT_FOUND);
    assert_int_equal(store_key_revoke_wait(f->store, f->arena, STR("env_other"), secret.id, NULL), NOT_FOUND);
    assert_int_equal(store_load_by_key_wait(f->store, f->arena, STR("pk_1"), false, &loaded), NOT_FOUND);
    struct store_keys list;
    assert_ok(store_key_list_wait(f->store, f->arena, f->environment, &list));
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.at[i].revoked_at != 0, str_equal(list.at[i].id, publishable.id));
        assert_int_equal(list.at[i].last_used_at != 0, str_equal(list.at[i].id, secret.id));
    }
}

static FIBER void put_secret_wait(struct fixture *f, struct str id, int64_t others_expire_at) {
    struct store_secret secret = {.id = id,
                                  .environment = f->environment,
                                  .purpose = STORE_SECRET_VISITOR_SIGNING,
                                  .name = STR("acme"),
                                  .hint = STR("cs_ab"),
                                  .sealed = id};
    assert_ok(store_secret_put_wait(f->store, f->arena, &secret, others_expire_at, NULL));
}

static FIBER size_t count_secrets_wait(struct fixture *f, bool only_usable) {
    struct store_secrets list;
    assert_ok(store_secret_list_wait(f->store, f->arena, f->environment, STORE_SECRET_VISITOR_SIGNING,
                                     STR("acme"), only_usable, &list));
    return list.count;
}

static void secrets(struct fixture *f) {
    fixture_environment_wait(f);
    int64_t now = 1700000000000;
    clock_hold_ms(now);
    put_secret_wait(f, STR("sec_1"), 0);
    struct store_secret other = {.id = STR("sec_other"),
                                 .environment = f->environment,
                                 .purpose = STORE_SECRET_NAMED,
                                 .name = STR("acme"),
                                 .sealed = STR("x")};
    assert_ok(store_secret_put_wait(f->store, f->arena, &other, 0, NULL));
    struct store_secret nowhere = other;
    nowhere.environment = STR("env_none");
    assert_int_equal(store_secret_put_wait(f->store, f->arena, &nowhere, 0, NULL), NOT_FOUND);

    /* Rotation: for a minute both verify, then the new one alone. */
    put_secret_wait(f, STR("sec_2"), now + 60000);
    assert_int_equal(count_secrets_wait(f, true), 2);
    clock_hold_ms(now + 60000);
    assert_int_equal(count_secrets_wait(f, true), 1);
    assert_int_equal(count_secrets_wait(f, false), 2);

    /* Rotation that kills at once: nothing sealed is left of the old one. */
    put_secret_wait(f, STR("sec_3"), now);
    struct store_secrets list;
    assert_ok(store_secret_list_wait(f->store, f->arena, f->environment, STORE_SECRET_VISITOR_SIGNING,
                                     STR_NONE, false, &list));
    assert_int_equal(list.count, 3);
    for (size_t i = 0; i < list.count; i++) {
        bool is_new = str_equal(list.at[i].id, STR("sec_3"));
        assert_int_equal(list.at[i].sealed.len > 0, is_new);
        assert_int_equal(list.at[i].revoked_at == 0, is_new);
    }

    assert_ok(store_secret_used_wait(f->store, f->arena, f->environment, STR("sec_3")));
    clock_hold_ms(now + 61000);
    assert_ok(store_secret_used_wait(f->store, f->arena, f->environment, STR("sec_3")));
    assert_ok(store_secret_list_wait(f->store, f->arena, f->environment, STORE_SECRET_VISITOR_SIGNING,
                                     STR("acme"), true, &list));
    assert_int_equal(list.at[0].last_used_at, now + 60000); /* to the minute */

    assert_ok(store_secret_scan_wait(f->store, f->arena, STR_NONE, STR_NONE, 1, &list));
    assert_int_equal(list.count, 1);
    assert_text(list.at[0].id, STR("sec_3"));
    assert_ok(store_secret_scan_wait(f->store, f->arena, list.at[0].environment, list.at[0].id, 0, &list));
    assert_int_equal(list.count, 1);
    assert_text(list.at[0].id, STR("sec_other"));
    assert_ok(
        store_secret_reseal_wait(f->store, f->arena, f->environment, STR("sec_other"), STR("x"), STR("y")));
    assert_int_equal(
        store_secret_reseal_wait(f->store, f->arena, f->environment, STR("sec_other"), STR("x"), STR("z")),
        CONFLICT);

    assert_ok(store_secret_kill_wait(f->store, f->arena, f->environment, STR("sec_3"), NULL));
    assert_int_equal(store_secret_kill_wait(f->store, f->arena, f->environment, STR("sec_3"), NULL),
                     NOT_FOUND);
    assert_int_equal(count_secrets_wait(f, true), 0);
    clock_hold_ms(-1);
}

static FIBER enum status drop_document_wait(struct fixture *f, enum store_document_kind kind, struct str name,
                                            int64_t version) {
    struct store_batch *batch = store_batch_new(f->store, f->environment);
    store_batch_drop_document(batch, kind, name, version, NULL);
    return store_batch_write_wait(batch);
}

static void check_documents_wait(struct fixture *f, enum store_document_kind kind) {
    struct store_document first, stored;
    assert_ok(fixture_put_document_wait(f, kind, STR("b"), STR("{\"v\":1}"), 0));
    assert_int_equal(fixture_put_document_wait(f, kind, STR("b"), STR("{}"), 0), CONFLICT);
    assert_ok(store_document_find_wait(f->store, f->arena, kind, f->environment, STR("b"), &first));
    assert_int_equal(first.version, 1);
    assert_ok(fixture_put_document_wait(f, kind, STR("b"), STR("{\"v\":2}"), 1));
    assert_int_equal(fixture_put_document_wait(f, kind, STR("b"), STR("{\"v\":3}"), 1), CONFLICT);
    assert_ok(store_document_find_wait(f->store, f->arena, kind, f->environment, STR("b"), &stored));
    assert_int_equal(stored.version, 2);
    assert_text(stored.id, first.id);
    assert_text(stored.document, STR("{\"v\":2}"));
    assert_ok(fixture_put_document_wait(f, kind, STR("a"), STR("{}"), 0));

    struct store_documents list;
    assert_ok(store_document_list_wait(f->store, f->arena, kind, f->environment, &list));
    assert_int_equal(list.count, 2);
    assert_text(list.at[0].name, STR("a"));
    assert_int_equal(drop_document_wait(f, kind, STR("a"), 2), CONFLICT);
    assert_ok(drop_document_wait(f, kind, STR("a"), 1));
    assert_int_equal(drop_document_wait(f, kind, STR("a"), 1), CONFLICT);
    assert_int_equal(store_document_find_wait(f->store, f->arena, kind, f->environment, STR("a"), &stored),
                     NOT_FOUND);
}

static void tools_and_knowledge(struct fixture *f) {
    fixture_environment_wait(f);
    check_documents_wait(f, STORE_TOOL);
    check_documents_wait(f, STORE_KNOWLEDGE);
    put_secret_wait(f, STR("sec_1"), 0);
    struct store_loaded loaded;
    assert_ok(store_load_by_id_wait(f->store, f->arena, f->environment, &loaded));
    assert_int_equal(loaded.tools.count, 1);
    assert_int_equal(loaded.knowledge.count, 1);
    assert_int_equal(loaded.secrets.count, 1);
    assert_text(loaded.environment.product_name, STR("acme"));
    assert_int_equal(loaded.key.id.len, 0);
    assert_int_equal(store_load_by_id_wait(f->store, f->arena, STR("env_none"), &loaded), NOT_FOUND);
}

/* Text is data, whatever it looks like. */
static void no_text_is_ever_sql(struct fixture *f) {
    struct store_product product, found;
    struct str name = STR("'); DROP TABLE products; --\x01\xC3\xA9");
    assert_ok(store_product_create_wait(f->store, f->arena, name, NULL, &product));
    assert_ok(store_product_find_wait(f->store, f->arena, name, &found));
    assert_text(found.name, name);
    assert_int_equal(store_product_find_wait(f->store, f->arena, STR("' OR 1=1 --"), &found), NOT_FOUND);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(products)
TEST(environments)
TEST(an_environment_goes_with_all_that_it_holds)
TEST(keys)
TEST(secrets)
TEST(tools_and_knowledge)
TEST(no_text_is_ever_sql)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_environments),
        cmocka_unit_test(test_an_environment_goes_with_all_that_it_holds),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_tools_and_knowledge),
        cmocka_unit_test(test_no_text_is_ever_sql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
