/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: one call under way, and what its handler answers with. By the time a handler runs,
 * the caller is known, the product or environment in the path is found, the right that the route asks for has
 * been checked, and every name in the query is one of the route's. A handler answers once and returns. */
#pragma once

#include "access/access.h"
#include "admin/admin.h"
#include "admin_api/admin_api.h"
#include "store/audit.h"

enum { CALL_PARAMETERS_MAX = 4 };

struct call {
    struct admin_api *api;
    const struct admin_request *request;
    struct admin_response *response;
    struct arena *arena;
    const struct access_principal *principal; /* NULL: nobody has signed in, and the route lets them */
    struct admin admin;                       /* store, vault and actor, for admin/'s functions */
    struct store_guard guard;                 /* what must still hold when it changes something */
    struct admin_error error;                 /* for the call of admin/'s under way */
    struct store_product product;             /* where the path has {product} or {environment} */
    struct store_environment environment;     /* where the path has {environment} */
    const struct route *route;
    struct admin_pair parameters[CALL_PARAMETERS_MAX]; /* of the path: "name", "get_balance" */
    size_t parameter_count;
    json_t *body; /* what call_read_body has read; goes with the arena */
    const char *hidden_on_replay;
};

/* ---- what was asked ---- */

bool call_is_unsafe(const struct call *call); /* it may change something */
/* The piece of the path that stands for {name}. */
struct str call_parameter(const struct call *call, const char *name);
/* STR_NONE where it was not given. */
struct str call_query(const struct call *call, const char *name);
/* "true" or "false"; false, where it has answered. Absent: `*value` stays. */
NODISCARD bool call_query_bool(struct call *call, const char *name, bool *value);
/* The same for a whole number from `lowest` to `highest`. */
NODISCARD bool call_query_number(struct call *call, const char *name, int64_t lowest, int64_t highest,
                                 int64_t *value);

/* What a body may hold. The kinds: a letter of jansson's types. */
enum member_kind {
    MEMBER_ANY,
    MEMBER_STRING,
    MEMBER_INTEGER,
    MEMBER_BOOLEAN,
    MEMBER_OBJECT,
    MEMBER_ARRAY,
};
struct member {
    const char *name; /* NULL ends the list */
    enum member_kind kind;
    bool is_required;
    bool may_be_null;
    size_t most; /* bytes of a string, or elements of an array; 0: no bound but the body's */
};

/* Reads the body as JSON object with those members alone, into call->body. False: it has answered 400, 415 or
 * 422 with the place. `members` NULL: any JSON value at all. */
NODISCARD bool call_read_body(struct call *call, const struct member *members);
/* For bodies that may be absent: call->body is then an empty object. */
NODISCARD bool call_read_optional_body(struct call *call, const struct member *members);
/* Those of an object within the body, at `pointer`. */
NODISCARD bool call_check_members(struct call *call, const json_t *object, struct str pointer,
                                  const struct member *members);

/* ---- answering ---- */

/* `json` is taken over. */
void call_answer(struct call *call, unsigned status, json_t *json);
void call_answer_created(struct call *call, struct str location /* below /admin/v1 */, json_t *json);
void call_answer_nothing(struct call *call); /* 204 */
void call_add_header(struct call *call, struct str name, struct str value);
/* A member of the answer ("secret", "invitation.token") that a repeated request must not be given again: it
 * is null there. Every handler that gives something away once must say so, before it answers. */
void call_hide_on_replay(struct call *call, const char *member);

/* RFC 9457. `code` is lower-case words with hyphens; the sentence says what happened, why, what to do. Gives
 * false, for `return call_problem(…)` in readers. */
__attribute__((format(printf, 4, 5))) bool call_problem(struct call *call, unsigned status, const char *code,
                                                        const char *format, ...);
/* 422 `invalid`, or what `code` says, with the place in the body ("" is the whole). */
__attribute__((format(printf, 4, 5))) bool call_problem_at(struct call *call, const char *code,
                                                           struct str pointer, const char *format, ...);
/* A problem with members of its own besides (`more` is taken over; may be NULL). */
bool call_problem_with(struct call *call, unsigned status, const char *code, struct str sentence,
                       json_t *more);
/* What admin/ refused, as it says in call->error: INVALID and TOO_LARGE 422, NOT_FOUND 404, CONFLICT 409,
 * DENIED 403, UNAVAILABLE 503, others 500. `prefix` is put before its pointer: where in the body the document
 * stands that was given to admin/. For statuses of the store's own leave call->error empty. */
bool call_refuse(struct call *call, enum status status, struct str prefix);
/* 403 `role-insufficient`, for handlers that learn only later what it takes. `product` empty: of all. */
NODISCARD bool call_check_right(struct call *call, struct str product, enum access_right right);
/* The caller's role over a product: "developer". */
struct str call_role(const struct call *call, struct str product);
/* 404 `not-found`: one sentence for "there is none" and "it is somebody else's". */
bool call_not_found(struct call *call);
/* 412 `changed-meanwhile`: the version that was seen is not the one that stands. */
bool call_changed_meanwhile(struct call *call);
/* 501 `not-here`: this process lacks what it takes (a running server's caches, the vault …). */
bool call_not_here(struct call *call);

/* ---- versions: RFC 9110 sections 8.8.3, 13.1 ---- */

void call_set_version(struct call *call, int64_t version); /* ETag: "7" */
/* True: it has answered 304, since the caller has this version already. */
NODISCARD bool call_is_unchanged(struct call *call, int64_t version);
/* What If-Match asks for; 0 for `*`. False: it has answered 428, 400 or 412 (no version of ours). The version
 * itself is compared where the row is changed, in the same transaction; call_changed_meanwhile answers 412.
 */
NODISCARD bool call_if_match(struct call *call, int64_t *version);

/* ---- lists ---- */

struct page {
    unsigned limit;   /* 1 to 200; 50 where the caller did not say */
    struct str after; /* what the page before gave call_answer_list as `next`; empty: the first page. Hostile
                         input all the same: compare with it, never trust it */
};
/* False: it has answered 400. The route's `query` must name limit and cursor. */
NODISCARD bool call_page(struct call *call, struct page *page);
/* {"items": […], "next": …}. `next` is any text by which the next page finds its place (it is told encoded,
 * bound to this route and environment); empty: this was the last page. `items` is taken over. */
void call_answer_list(struct call *call, json_t *items, struct str next);

/* ---- JSON that all resources write alike ---- */

void set_text(json_t *object, const char *name, struct str text);     /* "" where empty */
void set_optional(json_t *object, const char *name, struct str text); /* null where empty */
void set_number(json_t *object, const char *name, int64_t number);
void set_bool(json_t *object, const char *name, bool value);
void set_time(json_t *object, const char *name, int64_t ms);      /* RFC 3339, UTC; null where 0 */
void set_json(json_t *object, const char *name, struct str text); /* a stored document; null where empty */
struct str time_text(struct arena *arena, int64_t ms);            /* "2026-01-31T09:30:00.000Z" */
/* A time from a query or body: RFC 3339 with any offset. INVALID. */
NODISCARD enum status time_read(struct str text, int64_t *ms);
