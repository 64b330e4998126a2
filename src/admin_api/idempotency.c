/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/idempotency.h"
#include "store/idempotency.h"

#include "admin_api/routes.h"
#include "base/digest.h"

enum { KEY_MOST = 128 };

static bool is_printable(struct str key) {
    for (size_t i = 0; i < key.len; i++) {
        if (key.at[i] <= ' ' || key.at[i] > '~')
            return false;
    }
    return key.len >= 1 && key.len <= KEY_MOST;
}

/* What makes two requests the same. */
static struct str fingerprint_of(struct arena *arena, const struct admin_request *request) {
    return digest_sha256_hex(arena, arena_join(arena, 5,
                                               (struct str[]){request->method, STR(" "), request->path,
                                                              STR("\n"), request->body}));
}

/* The answer's text with its secret taken out; "invitation.token" is a member's member. */
static struct str without_secret(const struct call *call) {
    json_t *answer = NULL;
    struct str path = str_from(call->hidden_on_replay);
    struct str name;
    if (path.at == NULL || json_read(call->response->body, JSON_DEPTH_DOCUMENT, &answer, NULL) != OK)
        return call->response->body;
    json_keep(call->arena, answer);
    json_t *holder = answer;
    while (str_cut(&path, '.', &name) && path.at != NULL)
        holder = json_member(holder, name);
    if (json_is_object(holder))
        json_set(holder, name, json_null());
    return json_write(call->arena, answer);
}

static void answer_again(struct call *call, const struct store_idempotency *known) {
    struct admin_response *response = call->response;
    response->status = (unsigned)known->status;
    response->content_type = STR("application/json");
    response->body = known->body;
    response->etag = known->etag;
    response->location = known->location;
    call_add_header(call, STR("Idempotency-Replayed"), STR("true"));
}

/* Kept where something was made; else the key is free again, since nothing has happened. */
static FIBER void settle_wait(struct call *call, struct store_idempotency *claim) {
    const struct admin_response *response = call->response;
    bool is_made = response->status >= 200 && response->status < 300;
    enum status status;
    if (is_made) {
        claim->status = (int64_t)response->status;
        claim->body = without_secret(call);
        claim->etag = response->etag;
        claim->location = response->location;
        status = store_idempotency_settle_wait(call->api->store, claim);
    } else {
        status = store_idempotency_release_wait(call->api->store, claim);
    }
    (void)status; /* what was made is made: an answer that is not kept is only not given again */
}

static FIBER void claim_and_handle_wait(struct call *call) {
    struct str key = call->request->idempotency_key;
    bool is_mine = false;
    if (!is_printable(key)) {
        call_problem(call, 400, "idempotency-key-invalid",
                     "An Idempotency-Key is 1 to %d printable characters without spaces.", KEY_MOST);
        return;
    }
    struct store_idempotency claim = {.actor = call->principal->actor,
                                      .key = key,
                                      .fingerprint = fingerprint_of(call->arena, call->request)};
    struct store_idempotency known;
    enum status status =
        store_idempotency_claim_wait(call->api->store, call->arena, &claim, &known, &is_mine);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
    } else if (is_mine) {
        call->guard.claim_actor = known.actor;
        call->guard.claim_key = known.key;
        call->guard.claim = known.claim;
        call->route->handle(call);
        settle_wait(call, &known);
    } else if (!str_equal(known.fingerprint, claim.fingerprint)) {
        call_problem(call, 422, "idempotency-key-reused",
                     "This Idempotency-Key was used for another request within the last 24 hours. Take a new "
                     "one.");
    } else if (known.status == STORE_IDEMPOTENCY_MADE && known.is_dead) {
        call_problem(
            call, 409, "idempotency-answer-lost",
            "What this asked for was made, but the server ended before the answer was kept. Look for it in "
            "the list. What is shown once, such as a secret, is lost with the answer: make another one with "
            "a new Idempotency-Key and end this one.");
    } else if (known.status == 0 || known.status == STORE_IDEMPOTENCY_MADE) {
        call_add_header(call, STR("Retry-After"), STR("1"));
        call_problem(call, 409, "idempotency-key-in-use",
                     "The first request with this Idempotency-Key is still being answered. Try again in a "
                     "moment.");
    } else {
        answer_again(call, &known);
    }
}

/* From the claim to its end in one go, whether or not somebody still waits for the answer: who lost the
 * connection sends it again, and must find what was made, not a key that is free or in use. */
void idempotency_handle_wait(struct call *call) {
    fiber_shield();
    claim_and_handle_wait(call);
    fiber_unshield();
}
