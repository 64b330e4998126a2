/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with an identity once there is one. */
#include "identity/identity.h"

#include "base/json.h"

void identity_release(struct identity *identity) {
    json_decref(identity->user);
    json_decref(identity->claims);
    identity->user = NULL;
    identity->claims = NULL;
}

static struct str copy(struct arena *arena, struct str text) {
    return text.at == NULL ? STR_NONE : arena_copy(arena, text);
}

void identity_copy(const struct identity *from, struct arena *arena, struct identity *to) {
    *to = *from;
    to->subject = copy(arena, from->subject);
    to->issuer_name = copy(arena, from->issuer_name);
    to->email = copy(arena, from->email);
    to->name = copy(arena, from->name);
    to->token_id = copy(arena, from->token_id);
    to->session_id = copy(arena, from->session_id);
    to->key_id = copy(arena, from->key_id);
    to->user_text = copy(arena, from->user_text);
    to->permissions = arena_alloc_array(arena, from->permission_count, sizeof *to->permissions);
    for (size_t i = 0; i < from->permission_count; i++)
        to->permissions[i] = copy(arena, from->permissions[i]);
    to->user = json_incref(from->user);
    to->claims = json_incref(from->claims);
}

struct str identity_user_json(const struct identity *identity) {
    return identity->user_text;
}

bool identity_has_permission(const struct identity *identity, struct str permission) {
    for (size_t i = 0; i < identity->permission_count; i++) {
        if (str_equal(identity->permissions[i], permission))
            return true;
    }
    return false;
}

/* ---- good, but ---- */

enum { HOUR_S = 3600 };

static bool lives_long(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)issuer;
    return identity->issued_at > 0 && identity->expires_at - identity->issued_at > HOUR_S;
}

static bool has_no_issue_time(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)issuer;
    return identity->issued_at == 0;
}

static bool has_no_id(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)issuer;
    return !identity->has_jti;
}

static bool goes_to_anybody(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)identity;
    return issuer->mode == IDENTITY_KEY_SET && issuer->audience_count == 0;
}

static bool comes_from_anybody(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)identity;
    return issuer->mode == IDENTITY_KEY_SET && issuer->issuer.at == NULL;
}

static bool has_plain_url(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)identity;
    return str_starts_with(issuer->key_set_url, STR("http://"));
}

static bool misses_mapped_claims(const struct identity *identity, const struct identity_issuer *issuer) {
    return issuer->mapping != NULL && json_object_size(identity->user) <= 1 &&
           json_object_size(identity->claims) > 0;
}

struct warning_rule {
    bool (*applies)(const struct identity *identity, const struct identity_issuer *issuer);
    struct identity_warning warning;
};

static const struct warning_rule rules[] = {
    {lives_long,
     {"lifetime-over-an-hour",
      "The token lives longer than an hour. Who steals it can use it until it ends: let it end sooner."}},
    {has_no_issue_time,
     {"iat-missing",
      "The token does not say when it was issued, so its lifetime cannot be judged. Set iat."}},
    {has_no_id,
     {"jti-missing",
      "The token has no jti, so the audit log names it by its hash. Set jti to name tokens yourself."}},
    {goes_to_anybody,
     {"audience-unchecked",
      "No audience is configured: a token that the issuer made for another service is accepted too."}},
    {comes_from_anybody,
     {"issuer-unchecked", "No issuer is configured: any token that these keys signed is accepted."}},
    {has_plain_url,
     {"key-set-url-not-secure",
      "The key-set URL begins with http: who can change it on the way can sign in as anybody."}},
    {misses_mapped_claims,
     {"mapping-found-nothing", "None of the mapped claims is in this token: tools will see sub alone."}},
};

size_t identity_warnings(const struct identity *identity, const struct identity_issuer *issuer,
                         struct identity_warning *warnings, size_t max) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && count < max; i++) {
        if (rules[i].applies(identity, issuer))
            warnings[count++] = rules[i].warning;
    }
    return count;
}
