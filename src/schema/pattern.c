/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/pattern.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "schema/pattern_translate.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct pattern {
    pcre2_code *code;
    struct buffer text; /* as it was given, for sentences */
    struct pattern *next;
};

struct pattern_run {
    pcre2_match_context *context;
    pcre2_match_data *data;
};

enum {
    NESTING_MAX = 32, /* of parentheses: bounds the compiler's and the matcher's recursion */
    HEAP_KIBIBYTES_MAX = 16384,
    MATCH_STEPS_BASE = 5000,
    MATCH_STEPS_PER_BYTE = 16,
    MATCH_STEPS_PER_CHECK_STEP = 50,
};

static void *pcre_alloc(PCRE2_SIZE size, void *data) {
    (void)data;
    return mem_alloc(size);
}

static void pcre_free(void *memory, void *data) {
    (void)data;
    mem_free(memory);
}

enum status pattern_compile(struct str text, struct pattern **pattern, const char **what) {
    AUTO_BUFFER translated = BUFFER_EMPTY;
    TRY(pattern_translate(text, &translated, what));
    pcre2_general_context *general = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    pcre2_set_parens_nest_limit(context, NESTING_MAX);
    int code_of_error = 0;
    PCRE2_SIZE offset = 0;
    /* DOLLAR_ENDONLY, ALLOW_EMPTY_CLASS, MATCH_UNSET_BACKREF: as ECMA-262 has it. */
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)translated.at, translated.len,
                                     PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                                         PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C,
                                     &code_of_error, &offset, context);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
    if (!code) {
        *what = "is not a regular expression that we can read";
        return INVALID;
    }
    struct pattern *made = mem_alloc_zero(sizeof *made);
    made->code = code;
    buffer_append(&made->text, text);
    *pattern = made;
    return OK;
}

void pattern_free(struct pattern *pattern) {
    if (!pattern)
        return;
    pcre2_code_free(pattern->code);
    buffer_free(&pattern->text);
    mem_free(pattern);
}

struct pattern *pattern_chain(struct pattern *pattern, struct pattern *next) {
    pattern->next = next;
    return pattern;
}

struct pattern *pattern_next(const struct pattern *pattern) {
    return pattern->next;
}

struct str pattern_text(const struct pattern *pattern) {
    return buffer_text(&pattern->text);
}

struct pattern_run *pattern_run_new(void) {
    struct pattern_run *run = mem_alloc_zero(sizeof *run);
    pcre2_general_context *general = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
    run->context = pcre2_match_context_create(general);
    pcre2_set_heap_limit(run->context, HEAP_KIBIBYTES_MAX);
    run->data = pcre2_match_data_create(1, general); /* we ask whether, not where */
    pcre2_general_context_free(general);
    return run;
}

void pattern_run_free(struct pattern_run *run) {
    if (!run)
        return;
    pcre2_match_data_free(run->data);
    pcre2_match_context_free(run->context);
    mem_free(run);
}

static size_t match_steps(size_t length) {
    return MATCH_STEPS_BASE + MATCH_STEPS_PER_BYTE * (length < 1024U * 1024 ? length : 1024U * 1024);
}

size_t pattern_cost(size_t length) {
    return match_steps(length) / MATCH_STEPS_PER_CHECK_STEP;
}

enum status pattern_match(const struct pattern *pattern, struct pattern_run *run, struct str text) {
    pcre2_set_match_limit(run->context, (uint32_t)match_steps(text.len));
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0, run->data,
                            run->context);
    if (found >= 0)
        return OK;
    return found == PCRE2_ERROR_NOMATCH ? NOT_FOUND : TOO_LARGE;
}
