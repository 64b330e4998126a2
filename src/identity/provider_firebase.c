/* SPDX-License-Identifier: Apache-2.0 */
/* Firebase Authentication and Identity Platform: ID tokens, verified by a map of X.509 certificates. */
#include "identity/provider.h"

#include "base/json.h"

static const struct identity_provider_field fields[] = {
    {"projectId", "Project ID", "Project settings → General → Project ID.", "acme-prod",
     "^[a-z0-9][a-z0-9.:-]*$", true},
};

static const char *const notes[] = {
    "Send the ID token (getIdToken), which Firebase renews by itself; custom claims stand at its top level.",
    NULL};
static const char *const rules[] = {"`sub` has at most 128 characters.",
                                    "`auth_time` is there, and in the past.", NULL};
static const char *const options[] = {NULL};

static jose_algorithms algorithms(void) {
    return jose_algorithm_bit(jose_algorithm_find(STR("RS256")));
}

/* A project of a Google Workspace domain is named "acme.example:chat". */
static bool is_project(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && (i == 0 || (c != '-' && c != '.' && c != ':')))
            return false;
    }
    return true;
}

static enum status expand(struct provider_reading *reading) {
    struct arena *arena = reading->fields.arena;
    struct identity_issuer *issuer = reading->issuer;
    struct str project = STR_NONE;
    TRY(provider_field(reading, "projectId", is_project,
                       "A project ID has lower-case letters, digits and hyphens.", &project));
    issuer->issuer = arena_print(arena, "https://securetoken.google.com/%.*s", STR_ARG(project));
    if (issuer->key_set_url.at == NULL && issuer->pasted_keys == NULL)
        issuer->key_set_url = STR("https://www.googleapis.com/robot/v1/metadata/x509/"
                                  "securetoken@system.gserviceaccount.com");
    issuer->audiences = arena_alloc_array(arena, 1, sizeof *issuer->audiences);
    issuer->audiences[issuer->audience_count++] = project;
    reading->provided->is_confirmed = true;
    return OK;
}

static size_t count_characters(struct str text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xC0U) != 0x80U;
    return count;
}

static enum status check_all(const struct claim_check *check) {
    enum { SUBJECT_CHARACTERS_MAX = 128 };
    const struct json_item *auth_time = json_item_member(check->claims, STR("auth_time"));
    int64_t seconds = -1;
    if (count_characters(json_item_get_str(check->claims, STR("sub"))) > SUBJECT_CHARACTERS_MAX) {
        identity_fail(check->failure, check->arena, IDENTITY_PROVIDER_RULE,
                      "`sub` has more than 128 characters.");
        return INVALID;
    }
    if (auth_time == NULL || claim_time(auth_time, &seconds) != OK) {
        identity_fail(check->failure, check->arena, IDENTITY_PROVIDER_RULE,
                      "`auth_time` is missing, or not a time.");
        return INVALID;
    }
    if (seconds <= check->now_s + (int64_t)check->issuer->leeway_s)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_PROVIDER_RULE, "`auth_time` is in the future.");
    return INVALID;
}

const struct provider provider_firebase = {
    .facts = {.id = "firebase",
              .name = "Firebase",
              .fields = fields,
              .field_count = sizeof fields / sizeof *fields,
              .need = IDENTITY_NEEDS_NOTHING,
              .offers_offline_access = false,
              .lifetime = "60 minutes.",
              .notes = notes,
              .rules = rules,
              .options = options},
    .algorithms = algorithms,
    .expand = expand,
    .check = check_all,
};
