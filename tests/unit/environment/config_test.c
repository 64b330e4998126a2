/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration document: what is taken, what is refused, and where the error points. */
#include "environment/environment.h"
#include "unit/unit.h"

static json_t *parse(const char *text) {
    json_t *json = NULL;
    assert_int_equal(json_read(str_from(text), JSON_DEPTH_DOCUMENT, &json, NULL), OK);
    return json;
}

static void expect_refused(const char *text, const char *pointer) {
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = parse(text);
    struct environment_config config;
    struct environment_error error = {STR_NONE, STR_NONE};
    assert_int_equal(environment_config_read(arena, json, &config, &error), INVALID);
    if (!str_equal(error.pointer, str_from(pointer)))
        fail_msg("%s: the error points to %.*s, not to %s", text, STR_ARG(error.pointer), pointer);
    assert_true(error.sentence.len > 0);
    environment_config_release(&config);
}

static void empty_document_gives_safe_defaults(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = parse("{}");
    struct environment_config config;
    struct environment_error error;
    assert_int_equal(environment_config_read(arena, json, &config, &error), OK);
    assert_int_equal(config.origins.count, 0);
    assert_false(environment_allows_origin(&config, STR("https://acme.example")));
    assert_int_equal(config.sign_in->enforcement, IDENTITY_OFF);
    assert_int_equal(config.sign_in->issuer_count, 0);
    assert_int_equal(config.assistant.kind, ASSISTANT_RULES);
    assert_int_equal(config.limits.message_characters, 4000);
    assert_int_equal(config.limits.visitor_messages_per_minute, 60);
    assert_int_equal(config.limits.messages_per_minute, 6000);
    assert_int_equal(config.limits.requests_per_second, 0);
    assert_null(config.appearance);
    environment_config_release(&config);
}

/* Clerk binds a token to a page: to one of the environment's own, unless the provider's settings name others.
 */
static void providers_know_the_origins(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = parse(
        "{\"origins\":[\"https://acme.example\"],\"signIn\":{\"issuers\":["
        "{\"name\":\"a\",\"mode\":\"key-set\",\"provider\":{\"id\":\"clerk\",\"fields\":{\"instanceUrl\":"
        "\"https://a.example\",\"clientId\":\"c\"}}},"
        "{\"name\":\"b\",\"mode\":\"key-set\",\"provider\":{\"id\":\"clerk\",\"fields\":{\"instanceUrl\":"
        "\"https://b.example\",\"clientId\":\"c\"},\"origins\":[\"https://own.example\"]}}]}}");
    struct environment_config config;
    struct environment_error error = {STR_NONE, STR_NONE};
    assert_int_equal(environment_config_read(arena, json, &config, &error), OK);
    const struct identity_provided *first = config.sign_in->issuers[0].provided;
    const struct identity_provided *second = config.sign_in->issuers[1].provided;
    assert_int_equal(first->origin_count, 1);
    assert_true(str_equal(first->origins[0], STR("https://acme.example")));
    assert_int_equal(second->origin_count, 1);
    assert_true(str_equal(second->origins[0], STR("https://own.example")));
    environment_config_release(&config);
    expect_refused(
        "{\"signIn\":{\"issuers\":[{\"name\":\"a\",\"mode\":\"key-set\",\"provider\":{\"id\":\"workos\","
        "\"fields\":{\"clientId\":\"c\"}}}]}}",
        "/signIn/issuers/0/provider/fields/organizationId");
}

static void full_document_is_read(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = parse(
        "{\"origins\":[\"https://acme.example\",\"http://localhost:3000\"],"
        "\"signIn\":{\"enforcement\":\"required\",\"signInUrl\":\"https://acme.example/login\","
        "\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\",\"audiences\":[\"chat\"]}]},"
        "\"assistant\":{\"kind\":\"openai\",\"url\":\"https://models.example/"
        "v1\",\"model\":\"m\",\"apiKeySecret\":\"key\","
        "\"instructions\":\"Be "
        "brief.\",\"maxTokens\":256,\"timeoutSeconds\":20,\"greeting\":\"Hello\",\"suggestions\":[\"A\"]},"
        "\"appearance\":{\"title\":\"Acme\"},\"limits\":{\"messageCharacters\":100,"
        "\"visitorMessagesPerMinute\":5,"
        "\"messagesPerMinute\":0,\"requestsPerSecond\":50}}");
    struct environment_config config;
    struct environment_error error = {STR_NONE, STR_NONE};
    enum status status = environment_config_read(arena, json, &config, &error);
    if (status != OK)
        fail_msg("%.*s: %.*s", STR_ARG(error.pointer), STR_ARG(error.sentence));
    assert_true(environment_allows_origin(&config, STR("https://acme.example")));
    assert_true(environment_allows_origin(&config, STR("http://localhost:3000")));
    assert_int_equal(config.sign_in->enforcement, IDENTITY_REQUIRED);
    assert_int_equal(config.assistant.kind, ASSISTANT_OPENAI);
    assert_int_equal(config.assistant.max_tokens, 256);
    assert_int_equal(config.assistant.timeout_s, 20);
    assert_true(str_equal(config.assistant.api_key_secret, STR("key")));
    assert_int_equal(config.limits.message_characters, 100);
    assert_int_equal(config.limits.visitor_messages_per_minute, 5);
    assert_int_equal(config.limits.messages_per_minute, 0);
    assert_int_equal(config.limits.requests_per_second, 50);
    environment_config_release(&config);
}

static void origins_are_compared_letter_for_letter(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = parse("{\"origins\":[\"https://acme.example\"]}");
    struct environment_config config;
    assert_int_equal(environment_config_read(arena, json, &config, NULL), OK);
    static const char *const others[] = {
        "http://acme.example",
        "https://acme.example:8443",
        "https://ACME.example",
        "https://acme.example.evil.io",
        "https://evil.io/acme.example",
        "https://sub.acme.example",
        "https://acme.example/",
        "null",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(environment_allows_origin(&config, str_from(others[i])));
    environment_config_release(&config);
}

static void any_origin_only_when_it_stands_alone(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = parse("{\"origins\":[\"*\"]}");
    struct environment_config config;
    assert_int_equal(environment_config_read(arena, json, &config, NULL), OK);
    assert_true(environment_allows_origin(&config, STR("https://anything.example")));
    environment_config_release(&config);
    expect_refused("{\"origins\":[\"https://a.example\",\"*\"]}", "/origins/1");
}

static void faults_are_named_by_their_place(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"[]", ""},
        {"{\"origin\":[]}", "/origin"},
        {"{\"a/b~c\":1}", "/a~1b~0c"},
        {"{\"origins\":\"https://acme.example\"}", "/origins"},
        {"{\"origins\":[1]}", "/origins/0"},
        {"{\"origins\":[\"acme.example\"]}", "/origins/0"},
        {"{\"origins\":[\"https://acme.example/path\"]}", "/origins/0"},
        {"{\"origins\":[\"https://Acme.example\"]}", "/origins/0"},
        {"{\"origins\":[\"http://acme.example:80\"]}", "/origins/0"},
        {"{\"origins\":[\"https://\"]}", "/origins/0"},
        {"{\"assistant\":{\"kind\":\"oracle\"}}", "/assistant/kind"},
        {"{\"assistant\":{\"kind\":\"rules\",\"url\":\"https://x.example\"}}", "/assistant/url"},
        {"{\"assistant\":{\"kind\":\"openai\",\"model\":\"m\"}}", "/assistant/url"},
        {"{\"assistant\":{\"kind\":\"openai\",\"url\":\"file:///etc/passwd\",\"model\":\"m\"}}",
         "/assistant/url"},
        {"{\"assistant\":{\"kind\":\"openai\",\"url\":\"https://x.example\"}}", "/assistant/model"},
        {"{\"assistant\":{\"kind\":\"openai\",\"url\":\"https://"
         "x.example\",\"model\":\"m\",\"maxTokens\":0}}",
         "/assistant/maxTokens"},
        {"{\"assistant\":{\"kind\":\"openai\",\"url\":\"https://"
         "x.example\",\"model\":\"m\",\"timeoutSeconds\":1.5}}",
         "/assistant/timeoutSeconds"},
        {"{\"assistant\":{\"suggestions\":[\"\"]}}", "/assistant/suggestions/0"},
        {"{\"assistant\":7}", "/assistant"},
        {"{\"appearance\":[]}", "/appearance"},
        {"{\"limits\":{\"messageCharacters\":0}}", "/limits/messageCharacters"},
        {"{\"limits\":{\"messages\":1}}", "/limits/messages"},
        {"{\"limits\":{\"visitorMessagesPerMinute\":-1}}", "/limits/visitorMessagesPerMinute"},
        {"{\"limits\":{\"visitorMessagesPerMinute\":1.5}}", "/limits/visitorMessagesPerMinute"},
        {"{\"limits\":{\"messagesPerMinute\":3000001}}", "/limits/messagesPerMinute"},
        {"{\"limits\":{\"requestsPerSecond\":\"9\"}}", "/limits/requestsPerSecond"},
        {"{\"signIn\":{\"issuers\":[{\"name\":\"a\",\"mode\":\"hmac\",\"leewaySeconds\":3600}]}}",
         "/signIn/issuers/0/leewaySeconds"},
        {"{\"signIn\":{\"enforcement\":\"perhaps\"}}", "/signIn/enforcement"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(cases[i][0], cases[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_document_gives_safe_defaults),
        cmocka_unit_test(providers_know_the_origins),
        cmocka_unit_test(full_document_is_read),
        cmocka_unit_test(origins_are_compared_letter_for_letter),
        cmocka_unit_test(any_origin_only_when_it_stands_alone),
        cmocka_unit_test(faults_are_named_by_their_place),
    };
    return cmocka_run_group_tests_name("environment/config", tests, NULL, NULL);
}
