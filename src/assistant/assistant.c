/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/kinds.h"

#include "assistant/answer_template.h"
#include "environment/environment.h"

const char *assistant_failure_name(enum assistant_failure failure) {
    static const char *const names[] = {
        [ASSISTANT_FAILURE_NONE] = "none",
        [ASSISTANT_UNAVAILABLE] = "model-unavailable",
        [ASSISTANT_TIMED_OUT] = "model-timed-out",
        [ASSISTANT_MALFORMED] = "model-malformed",
        [ASSISTANT_TOO_LONG] = "model-too-long",
        [ASSISTANT_REFUSED] = "model-refused",
        [ASSISTANT_MISCONFIGURED] = "model-misconfigured",
    };
    return names[failure];
}

enum status assistant_say_wait(const struct assistant_request *request, struct str text) {
    if (text.len == 0 || !request->sink.delta_wait)
        return OK;
    return request->sink.delta_wait(request->sink.argument, text);
}

enum status assistant_ask_wait(const struct assistant_request *request, struct assistant_reply *reply) {
    if (request->config->kind == ASSISTANT_OPENAI)
        return assistant_openai_ask_wait(request, reply);
    return assistant_rules_ask_wait(request, reply);
}

bool assistant_reads_history(const struct environment_assistant *config) {
    return config->kind == ASSISTANT_OPENAI;
}

bool assistant_answer_at_once(const struct assistant_request *request, struct assistant_reply *reply) {
    return request->config->kind == ASSISTANT_RULES && assistant_rules_answer_at_once(request, reply);
}

struct str assistant_greeting(struct arena *arena, const struct environment_assistant *config,
                              const json_t *user) {
    return answer_template_fill(arena, config->greeting, NULL, user, NULL);
}
