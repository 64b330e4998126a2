/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with an identity once there is one. */
#include "identity/identity.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>

void identity_release(struct identity *identity) {
    json_decref(identity->user);
    json_decref(identity->claims);
    identity->user = NULL;
    identity->claims = NULL;
}

/* ---- its JSON, read ---- */

/* The text was read before, by the same rules; a mapping may have put a value one deeper. So what fails here
 * is memory. */
static const json_t *read_once(json_t **json, struct str text) {
    if (*json == NULL && json_read(text, JSON_DEPTH_TOKEN + 1, json, NULL) != OK)
        mem_exhausted();
    return *json;
}

const json_t *identity_user(struct identity *identity) {
    return read_once(&identity->user, identity->user_text);
}

const json_t *identity_claims(struct identity *identity) {
    return read_once(&identity->claims, identity->claims_text);
}

struct str identity_user_json(const struct identity *identity) {
    return identity->user_text;
}

/* ---- a copy ---- */

/* Most of an identity's text stands in its claims: a copy takes those once, and the rest of what there is
 * points into them again. */
static bool is_inside(struct str text, struct str whole) {
    uintptr_t offset = (uintptr_t)text.at - (uintptr_t)whole.at;
    return whole.at != NULL && text.at != NULL && offset <= whole.len && text.len <= whole.len - offset;
}

static size_t room_for(const struct identity *from, struct str text) {
    return is_inside(text, from->claims_text) ? 0 : text.len;
}

size_t identity_copy_size(const struct identity *from) {
    size_t size = from->permission_count * sizeof *from->permissions + from->claims_text.len +
                  from->user_text.len + room_for(from, from->subject) + room_for(from, from->issuer_name) +
                  room_for(from, from->email) + room_for(from, from->name) + room_for(from, from->token_id) +
                  room_for(from, from->session_id) + room_for(from, from->key_id);
    for (size_t i = 0; i < from->permission_count; i++)
        size += room_for(from, from->permissions[i]);
    return size;
}

struct copying {
    struct str from, to; /* the claims */
    char *room;
};

static struct str put(struct copying *copying, struct str text) {
    if (text.at == NULL)
        return STR_NONE;
    char *at = copying->room;
    copying->room += text.len;
    memcpy(at, text.at, text.len);
    return str_of(at, text.len);
}

static struct str copy(struct copying *copying, struct str text) {
    if (is_inside(text, copying->from))
        return str_of(copying->to.at + (text.at - copying->from.at), text.len);
    return put(copying, text);
}

void identity_copy(const struct identity *from, void *room, struct identity *to) {
    struct str *permissions = room;
    struct copying copying = {.from = from->claims_text,
                              .room = (char *)(permissions + from->permission_count)};
    *to = *from;
    to->claims_text = copying.to = put(&copying, from->claims_text);
    to->user_text = put(&copying, from->user_text);
    to->subject = copy(&copying, from->subject);
    to->issuer_name = copy(&copying, from->issuer_name);
    to->email = copy(&copying, from->email);
    to->name = copy(&copying, from->name);
    to->token_id = copy(&copying, from->token_id);
    to->session_id = copy(&copying, from->session_id);
    to->key_id = copy(&copying, from->key_id);
    for (size_t i = 0; i < from->permission_count; i++)
        permissions[i] = copy(&copying, from->permissions[i]);
    to->permissions = permissions;
    to->user = json_incref(from->user);
    to->claims = json_incref(from->claims);
}

/* What the signature is over. The token's whole text will not do: of an ECDSA signature (r, s) anybody can
 * make (r, n - s), which is as good. */
static struct str signed_part(struct str token) {
    const char *dot = token.len > 0 ? memrchr(token.at, '.', token.len) : NULL;
    return dot == NULL ? token : str_slice(token, 0, (size_t)(dot - token.at));
}

struct str identity_token_name(struct arena *arena, const struct identity *identity, struct str token) {
    enum { DIGEST_SHOWN = 16 };
    if (identity->token_id.at != NULL)
        return identity->token_id;
    return str_slice(digest_sha256_hex(arena, signed_part(token)), 0, DIGEST_SHOWN);
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
    return identity->token_id.at == NULL;
}

static bool goes_to_anybody(const struct identity *identity, const struct identity_issuer *issuer) {
    (void)identity; /* a provider's own rules bind a token to its client */
    return issuer->mode == IDENTITY_KEY_SET && issuer->audience_count == 0 && issuer->provided == NULL;
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
    return issuer->mapping != NULL && identity->member_count <= 1;
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
