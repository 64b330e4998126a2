/* SPDX-License-Identifier: Apache-2.0 */
/* What a browser gives of a passkey: the first byte says as what it is read, the rest is clientDataJSON, a
 * credential as JSON, or bare authenticator data within one that is right otherwise. Nothing that comes from
 * here can verify: no key of it signed. */
#include "access/webauthn.h"
#include "base/encode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct webauthn_expected expected = {
    STR_STATIC("webauthn.get"), STR_STATIC("https://chat.acme.example"), STR_STATIC("chat.acme.example")};

static void read_client_data(struct arena *arena, struct str input) {
    struct str challenge = STR_NONE;
    const char *why = NULL;
    enum status status = webauthn_client_data_read(arena, input, &expected, &challenge, &why);
    if (status != OK && why == NULL)
        abort();
    if (status == OK && challenge.len > input.len)
        abort();
}

static void read_credential(struct arena *arena, const json_t *credential) {
    struct str challenge;
    struct webauthn_key key = {.algorithm = 0};
    struct webauthn_shown shown = {.credential = STR_NONE};
    const char *why = NULL;
    int64_t count = 0;
    if (webauthn_created_read(arena, credential, &expected, &challenge, &key, &why) == OK &&
        (key.credential.len == 0 || key.public_key.len == 0))
        abort();
    if (webauthn_shown_read(arena, credential, &expected, &challenge, &shown, &why) == OK &&
        webauthn_verify(&shown, &key, expected.rp_id, &count, &why) == OK && key.public_key.len == 0)
        abort();
}

static void read_authenticator_data(struct arena *arena, struct str input) {
    static const char client_data[] = "{\"type\":\"webauthn.get\",\"challenge\":\"YWJj\","
                                      "\"origin\":\"https://chat.acme.example\"}";
    json_t *response = json_object();
    json_object_set_new(response, "clientDataJSON",
                        json_from_str(base64url_encode(arena, str_from(client_data))));
    json_object_set_new(response, "authenticatorData", json_from_str(base64url_encode(arena, input)));
    json_object_set_new(response, "signature", json_string("AAAA"));
    json_t *credential = json_object();
    json_object_set_new(
        credential, "id",
        json_from_str(base64url_encode(arena, input.len > 71 ? str_slice(input, 55, 71) : input)));
    json_object_set_new(credential, "type", json_string("public-key"));
    json_object_set_new(credential, "response", response);
    read_credential(arena, json_keep(arena, credential));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    AUTO_ARENA arena = arena_new();
    struct str input = str_of(data + 1, size - 1);
    json_t *json = NULL;
    switch (data[0] % 3) {
    case 0:
        read_client_data(arena, input);
        break;
    case 1:
        if (json_read(input, JSON_DEPTH_TOKEN, &json, NULL) == OK)
            read_credential(arena, json_keep(arena, json));
        break;
    default:
        read_authenticator_data(arena, input);
    }
    return 0;
}
