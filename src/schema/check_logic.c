/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/keyword.h"

KEYWORD_CHECK(reference) {
    return check_node(check, rule->nodes[0], value, place);
}

KEYWORD_CHECK(all_of) {
    for (size_t i = 0; i < rule->member_count; i++)
        TRY(check_node(check, rule->nodes[i], value, place));
    return OK;
}

/* What the first alternative has against the value: where only one of them was meant, it is most often the
 * first. */
static enum status fail_alternatives(struct check *check, const struct rule *rule, const json_t *value,
                                     const struct place *place) {
    if (!check->violation)
        return INVALID;
    enum status status = check_node(check, rule->nodes[0], value, place);
    if (status == TOO_LARGE)
        return status;
    struct schema_violation first = *check->violation;
    return check_fail(check, rule, place, "fits none of %zu alternatives; the first says that \"%.*s\" %.*s",
                      rule->member_count, STR_ARG(first.pointer), STR_ARG(first.sentence));
}

KEYWORD_CHECK(any_of) {
    for (size_t i = 0; i < rule->member_count; i++) {
        enum status status = check_node_quietly(check, rule->nodes[i], value, place);
        if (status != INVALID)
            return status;
    }
    return fail_alternatives(check, rule, value, place);
}

KEYWORD_CHECK(one_of) {
    size_t fitting = 0;
    for (size_t i = 0; i < rule->member_count && fitting < 2; i++) {
        enum status status = check_node_quietly(check, rule->nodes[i], value, place);
        if (status == TOO_LARGE)
            return status;
        fitting += status == OK;
    }
    if (fitting == 0)
        return fail_alternatives(check, rule, value, place);
    if (fitting > 1)
        return check_fail(check, rule, place, "must fit exactly one of %zu alternatives, and fits more",
                          rule->member_count);
    return OK;
}

KEYWORD_CHECK(not ) {
    enum status status = check_node_quietly(check, rule->nodes[0], value, place);
    if (status == OK)
        return check_fail(check, rule, place, "is of a kind that is ruled out here");
    return status == INVALID ? OK : status;
}

KEYWORD_CHECK(if) {
    enum status status = check_node_quietly(check, rule->nodes[0], value, place);
    if (status == TOO_LARGE)
        return status;
    const struct rule *branch = node_rule(rule->owner, status == OK ? KEYWORD_THEN : KEYWORD_ELSE);
    return branch ? check_node(check, branch->nodes[0], value, place) : OK;
}
