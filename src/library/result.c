/* SPDX-License-Identifier: Apache-2.0 */
/* One verification, and what it came to. */
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "library/handles.h"
#include "library/words.h"

#include <stdlib.h>
#include <string.h>

static void clear(struct chatelaine_result *result) {
    identity_release(&result->identity);
    jose_key_set_release(result->keys);
    arena_reset(result->arena);
    *result = (struct chatelaine_result){.arena = result->arena, .kind = RESULT_NOTHING};
}

static void make_arena(void *argument) {
    struct chatelaine_result *result = argument;
    result->arena = arena_new();
}

struct chatelaine_result *chatelaine_result_new(void) {
    struct chatelaine_result *result = calloc(1, sizeof *result);
    if (result == NULL)
        return NULL;
    if (library_run(make_arena, result))
        return result;
    free(result);
    return NULL;
}

void chatelaine_result_free(struct chatelaine_result *result) {
    if (result == NULL)
        return;
    clear(result);
    arena_free(result->arena);
    free(result);
}

/* ---- verifying ---- */

struct verification {
    const struct chatelaine_verifier *verifier;
    struct str token;
    int64_t now_s;
    struct chatelaine_result *result;
};

static enum status verify(const struct verification *this) {
    struct chatelaine_result *result = this->result;
    const struct identity_sign_in *sign_in = &this->verifier->sign_in;
    const struct identity_issuer *issuer;
    struct str token = this->token;
    if (token.len <= JOSE_TOKEN_MAX)
        token = arena_copy(result->arena, token); /* what came out of it may point into it */
    TRY(identity_token_read(token, result->arena, &result->token, &result->failure));
    if (sign_in->enforcement == IDENTITY_OFF) {
        identity_fail(&result->failure, result->arena, IDENTITY_SIGN_IN_OFF, NULL);
        return INVALID;
    }
    TRY(identity_choose_issuer(sign_in, &result->token, result->arena, &issuer, &result->failure));
    result->issuer_name = arena_terminated(result->arena, issuer->name);
    result->keys = verifier_take_keys(this->verifier, issuer);
    return identity_verify(issuer, result->keys, &result->token, this->now_s, result->arena,
                           &result->identity, &result->failure);
}

static void run_verification(void *argument) {
    const struct verification *this = argument;
    this->result->kind = verify(this) == OK ? RESULT_IDENTITY : RESULT_REFUSAL;
}

enum chatelaine_status chatelaine_verify_at(const struct chatelaine_verifier *verifier, const char *token,
                                            size_t len, int64_t now, struct chatelaine_result *result) {
    struct verification this = {verifier, str_of(token, token == NULL ? 0 : len), now, result};
    clear(result);
    if (!library_run(run_verification, &this)) {
        clear(result);
        return CHATELAINE_NO_MEMORY;
    }
    jose_key_set_release(result->keys);
    result->keys = NULL;
    return result->kind == RESULT_IDENTITY ? CHATELAINE_OK : CHATELAINE_REFUSED;
}

enum chatelaine_status chatelaine_verify(const struct chatelaine_verifier *verifier, const char *token,
                                         size_t len, struct chatelaine_result *result) {
    return chatelaine_verify_at(verifier, token, len, clock_now_s(), result);
}

/* ---- text, made when it is asked for ---- */

struct asking {
    struct chatelaine_result *result;
    enum result_text which;
    struct str path;
    const char *text;
};

static struct str written(struct arena *arena, const json_t *value) {
    struct str text = json_write(arena, value);
    if (str_equal(text, STR("null")) && !json_is_null(value))
        mem_exhausted(); /* what jansson could not write */
    return text;
}

static struct str find_text(const struct chatelaine_result *result, enum result_text which) {
    const struct identity *identity = &result->identity;
    switch (which) {
    case TEXT_SUBJECT:
        return identity->subject;
    case TEXT_EMAIL:
        return identity->email;
    case TEXT_NAME:
        return identity->name;
    case TEXT_TOKEN_ID:
        return identity_token_name(result->arena, identity, result->token.text);
    case TEXT_SESSION_ID:
        return identity->session_id;
    case TEXT_KEY_ID:
        return identity->key_id;
    case TEXT_EXPLANATION:
        return result->failure.explanation;
    case TEXT_IDENTITY_JSON:
        return identity_user_json(identity);
    case TEXT_CLAIMS_JSON:
        return identity->claims_text;
    case RESULT_TEXTS:
        break;
    }
    return STR_NONE;
}

static const char *terminated(struct chatelaine_result *result, struct str text) {
    return text.at == NULL ? NULL : arena_terminated(result->arena, text);
}

static void make_text(void *argument) {
    struct asking *asking = argument;
    asking->text = terminated(asking->result, find_text(asking->result, asking->which));
}

static const char *text_of(struct chatelaine_result *result, enum result_text which) {
    struct asking asking = {.result = result, .which = which};
    enum result_kind kind = which == TEXT_EXPLANATION ? RESULT_REFUSAL : RESULT_IDENTITY;
    if (result->kind != kind)
        return NULL;
    if (result->texts[which] == NULL && library_run(make_text, &asking))
        result->texts[which] = asking.text;
    return result->texts[which];
}

const char *chatelaine_result_subject(struct chatelaine_result *result) {
    return text_of(result, TEXT_SUBJECT);
}

const char *chatelaine_result_email(struct chatelaine_result *result) {
    return text_of(result, TEXT_EMAIL);
}

const char *chatelaine_result_name(struct chatelaine_result *result) {
    return text_of(result, TEXT_NAME);
}

const char *chatelaine_result_issuer_name(struct chatelaine_result *result) {
    return result->issuer_name;
}

const char *chatelaine_result_token_id(struct chatelaine_result *result) {
    return text_of(result, TEXT_TOKEN_ID);
}

const char *chatelaine_result_session_id(struct chatelaine_result *result) {
    return text_of(result, TEXT_SESSION_ID);
}

const char *chatelaine_result_key_id(struct chatelaine_result *result) {
    return text_of(result, TEXT_KEY_ID);
}

const char *chatelaine_result_identity_json(struct chatelaine_result *result) {
    return text_of(result, TEXT_IDENTITY_JSON);
}

const char *chatelaine_result_claims_json(struct chatelaine_result *result) {
    return text_of(result, TEXT_CLAIMS_JSON);
}

const char *chatelaine_result_explanation(struct chatelaine_result *result) {
    return text_of(result, TEXT_EXPLANATION);
}

/* ---- members by path ---- */

static void find_member_text(void *argument) {
    struct asking *asking = argument;
    const json_t *member = identity_claim_at(identity_user(&asking->result->identity), asking->path);
    asking->text = terminated(asking->result, json_str(member));
}

static void find_member_json(void *argument) {
    struct asking *asking = argument;
    const json_t *member = identity_claim_at(identity_user(&asking->result->identity), asking->path);
    if (member != NULL)
        asking->text = terminated(asking->result, written(asking->result->arena, member));
}

static const char *find_member(struct chatelaine_result *result, const char *path, void (*find)(void *)) {
    struct asking asking = {.result = result, .path = str_from(path), .text = NULL};
    if (result->kind != RESULT_IDENTITY || !library_run(find, &asking))
        return NULL;
    return asking.text;
}

const char *chatelaine_result_text(struct chatelaine_result *result, const char *path) {
    return find_member(result, path, find_member_text);
}

const char *chatelaine_result_json(struct chatelaine_result *result, const char *path) {
    return find_member(result, path, find_member_json);
}

/* ---- permissions ---- */

size_t chatelaine_result_permission_count(const struct chatelaine_result *result) {
    return result->kind == RESULT_IDENTITY ? result->identity.permission_count : 0;
}

struct permission_asking {
    struct chatelaine_result *result;
    size_t index;
    const char *text;
};

static void make_permission(void *argument) {
    struct permission_asking *asking = argument;
    asking->text = terminated(asking->result, asking->result->identity.permissions[asking->index]);
}

const char *chatelaine_result_permission_at(struct chatelaine_result *result, size_t index) {
    struct permission_asking asking = {result, index, NULL};
    if (index >= chatelaine_result_permission_count(result) || !library_run(make_permission, &asking))
        return NULL;
    return asking.text;
}

bool chatelaine_result_has_permission(const struct chatelaine_result *result, const char *permission) {
    return result->kind == RESULT_IDENTITY &&
           identity_has_permission(&result->identity, str_from(permission));
}

/* ---- times ---- */

static int64_t of_identity(const struct chatelaine_result *result, int64_t time) {
    return result->kind == RESULT_IDENTITY ? time : 0;
}

int64_t chatelaine_result_issued_at(const struct chatelaine_result *result) {
    return of_identity(result, result->identity.issued_at);
}

int64_t chatelaine_result_expires_at(const struct chatelaine_result *result) {
    return of_identity(result, result->identity.expires_at);
}

int64_t chatelaine_result_authenticated_at(const struct chatelaine_result *result) {
    return of_identity(result, result->identity.auth_time);
}

int64_t chatelaine_result_usable_until(const struct chatelaine_result *result) {
    return of_identity(result, result->identity.usable_until);
}

/* ---- refusals ---- */

enum chatelaine_detail chatelaine_result_detail(const struct chatelaine_result *result) {
    return result->kind == RESULT_REFUSAL ? words_detail(result->failure.detail) : CHATELAINE_NO_DETAIL;
}

enum chatelaine_reason chatelaine_result_reason(const struct chatelaine_result *result) {
    return chatelaine_detail_reason(chatelaine_result_detail(result));
}

bool chatelaine_result_keys_may_be_stale(const struct chatelaine_result *result) {
    return result->kind == RESULT_REFUSAL && result->failure.keys_may_be_stale;
}

struct refusal {
    struct chatelaine_result *result;
    struct str explanation;
};

static void copy_refusal(void *argument) {
    struct refusal *refusal = argument;
    if (refusal->explanation.at != NULL)
        refusal->explanation = arena_copy(refusal->result->arena, refusal->explanation);
}

enum chatelaine_status chatelaine_result_refuse(struct chatelaine_result *result,
                                                enum chatelaine_detail detail, const char *explanation) {
    struct refusal refusal = {result, str_from(explanation)};
    enum identity_detail internal;
    if (!words_find(detail, &internal))
        return CHATELAINE_INVALID;
    identity_release(&result->identity);
    result->kind = RESULT_NOTHING; /* whatever comes, it is no identity any more */
    memset(result->texts, 0, sizeof result->texts);
    if (!library_run(copy_refusal, &refusal))
        return CHATELAINE_NO_MEMORY;
    result->failure = (struct identity_failure){.detail = internal, .explanation = refusal.explanation};
    result->kind = RESULT_REFUSAL;
    return CHATELAINE_REFUSED;
}
