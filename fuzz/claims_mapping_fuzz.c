/* SPDX-License-Identifier: Apache-2.0 */
/* Settings and claims from anywhere: two JSON documents, a newline between them. The first is read as a
 * mapping and as sign-in settings, the second as the claims that the mapping's paths are looked for in. */
#include "base/json.h"
#include "identity/mapping.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_error(const struct identity_config_error *error) {
    require(error->message.len > 0 && str_is_utf8(error->message) && str_is_utf8(error->pointer));
    require(error->pointer.len == 0 || error->pointer.at[0] == '/');
}

static void require_same(const struct json_item *item, const json_t *value) {
    json_t *read = NULL;
    require((item == NULL) == (value == NULL));
    if (item != NULL)
        require(json_read(json_item_raw(item), JSON_DEPTH_DOCUMENT, &read, NULL) == OK);
    require(item == NULL || json_equal(read, value));
    json_decref(read);
}

/* Whatever a path finds must be part of the claims: looking it up twice gives the same value, and so does
 * looking where they stand. */
static void look_up(const json_t *claims, struct str text, const json_t *mapping) {
    AUTO_ARENA arena = arena_new();
    const struct json_item *items;
    const char *name;
    require(json_item_read(text, JSON_DEPTH_DOCUMENT, arena, &items, NULL) == OK);
    json_t *path;
    json_object_foreach((json_t *)mapping, name, path) {
        const json_t *first = identity_claim_at(claims, json_str(path));
        require(first == identity_claim_at(claims, json_str(path)));
        require_same(claim_at(items, json_str(path)), first);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str rest = str_of(data, size);
    struct str first;
    json_t *settings;
    json_t *claims;
    if (!str_cut(&rest, '\n', &first) || json_read(first, JSON_DEPTH_DOCUMENT, &settings, NULL) != OK)
        return 0;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    struct identity_mapping *mapping;
    struct identity_sign_in sign_in;
    if (identity_mapping_read(settings, arena, &mapping, &error) != OK)
        check_error(&error);
    else if (json_read(rest, JSON_DEPTH_TOKEN, &claims, NULL) == OK) {
        if (json_is_object(claims))
            look_up(claims, rest, settings);
        json_decref(claims);
    }
    if (identity_sign_in_read(settings, arena, &sign_in, &error) != OK)
        check_error(&error);
    else
        identity_sign_in_release(&sign_in);
    json_decref(settings);
    return 0;
}
