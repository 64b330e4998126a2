/* SPDX-License-Identifier: Apache-2.0 */
/* What a tool answers, as JSON and as text, through the rule assistant's templates: well-formed, and no line
 * of it can begin a link, a picture or HTML. */
#include "assistant/answer_template.h"
#include "assistant/markdown.h"
#include "assistant/phrase.h"
#include "tool_call/answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every "[" and "<" that came from the data must be escaped: an odd number of backslashes stands before it.
 */
static void expect_harmless(struct str text) {
    size_t backslashes = 0;
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] == '[' || text.at[i] == '<') && backslashes % 2 == 0)
            abort();
        backslashes = text.at[i] == '\\' ? backslashes + 1 : 0;
    }
    if (!str_is_utf8(text))
        abort();
}

static void use(struct arena *arena, const char *content_type, unsigned status, struct str body) {
    struct tool_outcome outcome = tool_answer_read(arena, status, str_from(content_type), body);
    if (!str_is_utf8(outcome.text) || !str_is_utf8(tool_outcome_for_model(arena, &outcome)))
        abort();
    static const char *const templates[] = {"{a} **{b}**, {c.d}.", "{0}\n{rows}\n", "{user.a}, {table}"};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
        expect_harmless(
            answer_template_fill(arena, str_from(templates[i]), outcome.result, outcome.result, NULL));
    AUTO_BUFFER out = BUFFER_EMPTY;
    if (outcome.result)
        markdown_add_block(&out, outcome.result);
    else
        markdown_add_lines(&out, outcome.text);
    expect_harmless(buffer_text(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 65536)
        return 0;
    AUTO_ARENA arena = arena_new();
    struct str body = str_of(data, size);
    use(arena, "application/json", 200, body);
    use(arena, "text/plain", 200, body);
    use(arena, "", 500, body);
    struct phrase phrase = phrase_read(arena, body);
    struct phrase_match match;
    struct phrase_trigger fixed = phrase_trigger_read(arena, STR("balance of {x}"));
    (void)phrase_match(&phrase, &fixed, &match);
    struct str rest = body;
    struct str trigger = STR("");
    if (str_cut(&rest, '\n', &trigger)) {
        struct phrase_trigger first = phrase_trigger_read(arena, str_slice(trigger, 0, 256));
        (void)phrase_match(&phrase, &first, &match);
    }
    return 0;
}
