/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/keyword.h"

#include "base/json.h"

enum { NODES_DEEP_MAX = 96 }; /* schemas applied within one another, references included: bounds the stack */

/* ---- violations ---- */
static enum status violate(struct check *check, enum status status, const struct place *place,
                           struct str keyword, struct str sentence) {
    if (check->violation)
        *check->violation = (struct schema_violation){place_pointer(check->arena, place), keyword, sentence};
    return status;
}

enum status check_fail(struct check *check, const struct rule *rule, const struct place *place,
                       const char *format, ...) {
    if (!check->violation)
        return INVALID;
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = arena_print_list(check->arena, format, arguments);
    va_end(arguments);
    return violate(check, INVALID, place, schema_keywords[rule->id].name, sentence);
}

enum status check_spend(struct check *check, size_t steps, const struct place *place) {
    if (steps <= check->steps_left) {
        check->steps_left -= (unsigned)steps;
        return OK;
    }
    check->steps_left = 0;
    return violate(check, TOO_LARGE, place, STR(""), STR("is too large to be checked"));
}

enum status check_pattern(struct check *check, const struct pattern *pattern, struct str text,
                          const struct place *place) {
    TRY(check_spend(check, pattern_cost(text.len), place));
    if (!check->pattern_run)
        check->pattern_run = pattern_run_new();
    enum status status = pattern_match(pattern, check->pattern_run, text);
    if (status == TOO_LARGE)
        return violate(
            check, TOO_LARGE, place, STR("pattern"),
            STR("takes too long to compare with the pattern; something shorter or plainer is needed"));
    return status;
}

/* ---- nodes ---- */
enum status check_node(struct check *check, const struct node *node, const json_t *value,
                       const struct place *place) {
    TRY(check_spend(check, 1, place));
    if (node->is_boolean)
        return node->allows ? OK : violate(check, INVALID, place, STR("false"), STR("is not allowed here"));
    if (check->depth >= NODES_DEEP_MAX)
        return violate(check, TOO_LARGE, place, STR(""), STR("is nested too deep to be checked"));
    check->depth++;
    enum status status = OK;
    for (size_t i = 0; i < node->rule_count && status == OK; i++) {
        const struct rule *rule = &node->rules[i];
        if (schema_keywords[rule->id].check)
            status = schema_keywords[rule->id].check(check, rule, value, place);
    }
    check->depth--;
    return status;
}

enum status check_node_quietly(struct check *check, const struct node *node, const json_t *value,
                               const struct place *place) {
    struct schema_violation *violation = check->violation;
    check->violation = NULL;
    enum status status = check_node(check, node, value, place);
    check->violation = violation;
    if (status == TOO_LARGE) /* this one ends the whole check, so it has to be said */
        return violate(check, TOO_LARGE, place, STR(""), STR("is too large or too deep to be checked"));
    return status;
}

enum status schema_check(const struct schema *schema, const json_t *value, struct arena *arena,
                         struct schema_violation *violation) {
    *violation = (struct schema_violation){STR(""), STR(""), STR("")};
    struct check check = {.arena = arena, .violation = violation, .steps_left = SCHEMA_STEPS_MAX};
    if (value_is_deeper_than(value, SCHEMA_DEPTH_MAX))
        return violate(&check, TOO_LARGE, NULL, STR(""), STR("is nested too deep to be checked"));
    enum status status = check_node(&check, schema->root, value, NULL);
    pattern_run_free(check.pattern_run);
    return status;
}

/* ---- keywords of any type ---- */
KEYWORD_CHECK(type) {
    if (value_types(value) & rule->types)
        return OK;
    struct str allowed = json_write(check->arena, rule->json);
    return check_fail(check, rule, place, "must be of type %.*s, and is %s", STR_ARG(allowed),
                      value_type_name(value));
}

static enum status check_equal(struct check *check, const json_t *a, const json_t *b,
                               const struct place *place, bool *is_equal) {
    *is_equal = value_equal(a, b, &check->steps_left);
    return check_spend(check, 1, place);
}

/* The allowed values are the schema's own, so they may be told; so many that a reader can follow. */
static enum status fail_enum(struct check *check, const struct rule *rule, const struct place *place) {
    enum { SHOWN_BYTES_MAX = 400 };
    if (!check->violation)
        return INVALID;
    struct str allowed = STR("");
    size_t i = 0;
    for (; i < json_array_size(rule->json) && allowed.len < SHOWN_BYTES_MAX; i++) {
        struct str one = value_quote_json(check->arena, json_array_get(rule->json, i));
        allowed = arena_join(check->arena, 3, (const struct str[]){allowed, i ? STR(", ") : STR(""), one});
    }
    const char *more = i < json_array_size(rule->json) ? ", …" : "";
    return check_fail(check, rule, place, "must be one of these: %.*s%s", STR_ARG(allowed), more);
}

KEYWORD_CHECK(enum) {
    for (size_t i = 0; i < json_array_size(rule->json); i++) {
        bool is_equal = false;
        TRY(check_equal(check, json_array_get(rule->json, i), value, place, &is_equal));
        if (is_equal)
            return OK;
    }
    return fail_enum(check, rule, place);
}

KEYWORD_CHECK(const) {
    bool is_equal = false;
    TRY(check_equal(check, rule->json, value, place, &is_equal));
    if (is_equal)
        return OK;
    struct str wanted = value_quote_json(check->arena, rule->json);
    return check_fail(check, rule, place, "must be %.*s", STR_ARG(wanted));
}

/* ---- numbers ---- */
KEYWORD_CHECK(multiple_of) {
    if (!json_is_number(value) || number_is_multiple_of(value, rule->json))
        return OK;
    struct str of = json_write(check->arena, rule->json);
    return check_fail(check, rule, place, "must be a multiple of %.*s", STR_ARG(of));
}

KEYWORD_CHECK(bound) {
    if (!json_is_number(value))
        return OK;
    int order = number_compare(value, rule->json);
    struct str bound = json_write(check->arena, rule->json);
    if (rule->id == KEYWORD_MINIMUM && order < 0)
        return check_fail(check, rule, place, "must be at least %.*s", STR_ARG(bound));
    if (rule->id == KEYWORD_EXCLUSIVE_MINIMUM && order <= 0)
        return check_fail(check, rule, place, "must be greater than %.*s", STR_ARG(bound));
    if (rule->id == KEYWORD_MAXIMUM && order > 0)
        return check_fail(check, rule, place, "must be at most %.*s", STR_ARG(bound));
    if (rule->id == KEYWORD_EXCLUSIVE_MAXIMUM && order >= 0)
        return check_fail(check, rule, place, "must be less than %.*s", STR_ARG(bound));
    return OK;
}

/* ---- strings ---- */
KEYWORD_CHECK(length) {
    if (!json_is_string(value))
        return OK;
    size_t length = value_character_count(json_str(value));
    if (rule->id == KEYWORD_MIN_LENGTH && length < rule->count)
        return check_fail(check, rule, place, "must have at least %zu characters, and has %zu", rule->count,
                          length);
    if (rule->id == KEYWORD_MAX_LENGTH && length > rule->count)
        return check_fail(check, rule, place, "must have at most %zu characters, and has %zu", rule->count,
                          length);
    return OK;
}

KEYWORD_CHECK(pattern_rule) {
    if (!json_is_string(value))
        return OK;
    enum status status = check_pattern(check, rule->pattern, json_str(value), place);
    if (status != NOT_FOUND)
        return status;
    struct str text = pattern_text(rule->pattern);
    return check_fail(check, rule, place, "must match the regular expression %.*s", STR_ARG(text));
}
