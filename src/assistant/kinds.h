/* SPDX-License-Identifier: Apache-2.0 */
/* The two assistants behind assistant_ask_wait. */
#pragma once

#include "assistant/assistant.h"

FIBER NODISCARD enum status assistant_rules_ask_wait(const struct assistant_request *request,
                                                     struct assistant_reply *reply);
FIBER NODISCARD enum status assistant_openai_ask_wait(const struct assistant_request *request,
                                                      struct assistant_reply *reply);

/* What assistant_answer_at_once is for the rule assistant. */
bool assistant_rules_answer_at_once(const struct assistant_request *request, struct assistant_reply *reply);

/* Hands `text` to the sink, where there is one. */
FIBER NODISCARD enum status assistant_say_wait(const struct assistant_request *request, struct str text);
