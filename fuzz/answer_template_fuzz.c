/* SPDX-License-Identifier: Apache-2.0 */
/* An administrator's template, a line feed, what a tool answered: filling in comes to an end, within bounds,
 * and well-formed text stays well-formed. */
#include "assistant/answer_template.h"
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str template;
    json_t *result = NULL;
    if (size > 16384 || size == 0 || !str_cut(&rest, '\n', &template) || !str_is_utf8(template))
        return 0;
    (void)!json_read(rest, JSON_DEPTH_TOKEN, &result, NULL); /* NULL where it is none: fine, too */
    AUTO_ARENA arena = arena_new();
    unsigned filled = 0;
    struct str text = answer_template_fill(arena, template, result, result, &filled);
    require(str_is_utf8(text));
    require(filled <= answer_template_holes(template));
    require(str_equal(text, answer_template_fill(arena, template, result, result, NULL)));
    /* Data that looks like a hole is none. */
    json_auto_t *hole = json_pack("{s:s, s:s}", "a", "{b}", "b", "secret");
    struct str once = answer_template_fill(arena, STR("{a}"), hole, NULL, NULL);
    require(str_find(once, STR("secret")) == STR_NOT_FOUND);
    json_decref(result);
    return 0;
}
