/* SPDX-License-Identifier: Apache-2.0 */
#include "server/answer.h"

#include <pthread.h>
#include <string.h>

enum { HEADERS_MAX = 8, OWN_HEADERS = 4 };

static void answer(struct exchange *exchange, unsigned status, struct str content_type, struct str body,
                   const struct http_header *more, size_t more_count) {
    struct http_header headers[HEADERS_MAX + OWN_HEADERS] = {
        {STR("Content-Type"), content_type},
        {STR("Cache-Control"), STR("no-store")},
        {STR("X-Content-Type-Options"), STR("nosniff")},
    };
    size_t count = 3;
    for (size_t i = 0; i < more_count && i < HEADERS_MAX; i++)
        headers[count++] = more[i];
    exchange_answer(exchange, &(struct http_response){
                                  .status = status, .headers = headers, .header_count = count, .body = body});
}

static void append_member(struct buffer *text, struct str name, struct str value) {
    buffer_append(text, STR(",\""));
    buffer_append(text, name);
    buffer_append(text, STR("\":"));
    json_append_str(text, value);
}

static void append_problem(struct buffer *text, const struct problem *problem) {
    buffer_reserve(text, 1024);
    buffer_append(text, STR("{\"type\":\"urn:chatelaine:problem:"));
    buffer_append(text, problem->code);
    buffer_append_byte(text, '"');
    append_member(text, STR("title"), problem->code);
    buffer_print(text, ",\"status\":%u", problem->status);
    append_member(text, STR("detail"), problem->sentence);
    if (problem->failure != NULL) {
        const struct identity_words *words = identity_words(problem->failure->detail);
        append_member(text, STR("reason"), str_from(identity_reason_name(words->reason)));
        append_member(text, STR("reasonDetail"), str_from(words->detail));
        append_member(text, STR("fix"), str_from(words->fix));
        if (problem->for_administrator && !str_is_empty(problem->failure->explanation))
            append_member(text, STR("explanation"), problem->failure->explanation);
    }
    buffer_append_byte(text, '}');
}

void answer_problem_with(struct exchange *exchange, const struct problem *problem,
                         const struct http_header *headers, size_t header_count) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    append_problem(&text, problem);
    answer(exchange, problem->status, STR("application/problem+json"), buffer_text(&text), headers,
           header_count);
}

void answer_problem(struct exchange *exchange, const struct problem *problem) {
    answer_problem_with(exchange, problem, NULL, 0);
}

void answer_json(struct exchange *exchange, unsigned status, struct str json) {
    answer(exchange, status, STR("application/json"), json, NULL, 0);
}

void answer_json_to_origin(struct exchange *exchange, unsigned status, struct str json, struct str origin) {
    const struct http_header headers[] = {{STR("Vary"), STR("Origin")},
                                          {STR("Access-Control-Allow-Origin"), origin}};
    answer(exchange, status, STR("application/json"), json, headers, str_is_empty(origin) ? 1 : 2);
}

void answer_not_found(struct exchange *exchange) {
    const struct problem problem = {
        .status = 404, .code = STR("not-found"), .sentence = STR("There is nothing at this address.")};
    answer_problem(exchange, &problem);
}

void answer_unavailable(struct exchange *exchange) {
    const struct http_header headers[] = {{STR("Retry-After"), STR("2")}};
    const struct problem problem = {.status = 503,
                                    .code = STR("unavailable"),
                                    .sentence =
                                        STR("The server cannot do this right now. Try again in a moment.")};
    answer_problem_with(exchange, &problem, headers, 1);
}

/* What is said of a token that did not verify depends on its failure's detail alone. So it is written once:
 * who floods the server with tokens that are none gets it told at no cost. */
static struct buffer unauthorized_texts[IDENTITY_DETAILS];
static pthread_once_t unauthorized_written = PTHREAD_ONCE_INIT;

static void write_unauthorized(void) {
    for (unsigned detail = 0; detail < IDENTITY_DETAILS; detail++) {
        const struct identity_failure failure = {.detail = detail};
        const struct identity_words *words = identity_words(failure.detail);
        const struct problem problem = {.status = 401,
                                        .code = str_from(identity_reason_name(words->reason)),
                                        .sentence = str_from(words->sentence),
                                        .failure = &failure};
        append_problem(&unauthorized_texts[detail], &problem);
    }
}

static struct str unauthorized_text(enum identity_detail detail) {
    pthread_once(&unauthorized_written, write_unauthorized);
    return buffer_text(&unauthorized_texts[detail]);
}

void answer_unauthorized(struct exchange *exchange, const struct identity_failure *failure) {
    const struct identity_words *words = identity_words(failure->detail);
    bool is_missing = words->reason == IDENTITY_MISSING_TOKEN;
    struct str challenge = STR("Bearer realm=\"chatelaine\"");
    if (!is_missing)
        challenge =
            arena_join(exchange_arena(exchange), 6,
                       (struct str[]){challenge, STR(", error=\"invalid_token\", error_description=\""),
                                      str_from(identity_reason_name(words->reason)), STR(": "),
                                      str_from(words->detail), STR("\"")});
    const struct http_header headers[] = {{STR("WWW-Authenticate"), challenge}};
    answer(exchange, 401, STR("application/problem+json"), unauthorized_text(failure->detail), headers, 1);
}
