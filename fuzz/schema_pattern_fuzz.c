/* SPDX-License-Identifier: Apache-2.0 */
/* A regular expression from a tool's schema, a line feed, a text from a model: compiling and matching come to
 * an end within their steps, and say the same twice. */
#include "schema/pattern.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str text;
    struct pattern *pattern = NULL;
    const char *what = NULL;
    if (size > 4096 || size == 0 || !str_cut(&rest, '\n', &text) || !str_is_utf8(text) || !str_is_utf8(rest))
        return 0;
    enum status status = pattern_compile(text, &pattern, &what);
    if (status != OK) {
        if (what == NULL || (status != INVALID && status != TOO_LARGE))
            abort();
        return 0;
    }
    struct pattern_run *run = pattern_run_new();
    struct str subject = rest.at != NULL ? rest : STR("");
    enum status first = pattern_match(pattern, run, subject);
    if (first != OK && first != NOT_FOUND && first != TOO_LARGE)
        abort();
    if (pattern_match(pattern, run, subject) != first || !str_equal(pattern_text(pattern), text))
        abort();
    pattern_run_free(run);
    pattern_free(pattern);
    return 0;
}
