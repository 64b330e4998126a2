/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/keyword.h"

#include "base/memory.h"

#include <stdlib.h>

KEYWORD_CHECK(item_count) {
    size_t count = json_array_size(value);
    if (!json_is_array(value))
        return OK;
    if (rule->id == KEYWORD_MIN_ITEMS && count < rule->count)
        return check_fail(check, rule, place, "must have at least %zu items, and has %zu", rule->count,
                          count);
    if (rule->id == KEYWORD_MAX_ITEMS && count > rule->count)
        return check_fail(check, rule, place, "must have at most %zu items, and has %zu", rule->count, count);
    return OK;
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int compare_hashed(const void *left, const void *right) {
    const struct hashed *a = left;
    const struct hashed *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Only items with the same hash are compared, so a long array costs no more than its sorting; where somebody
 * makes the hashes collide, the steps run out. */
static enum status find_twin(struct check *check, const json_t *array, const struct hashed *items,
                             size_t count, const struct place *place, size_t *first, size_t *second) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count && items[k].hash == items[i].hash; k++) {
            bool is_equal = value_equal(json_array_get(array, items[i].index),
                                        json_array_get(array, items[k].index), &check->steps_left);
            TRY(check_spend(check, 1, place));
            if (!is_equal)
                continue;
            *first = items[i].index;
            *second = items[k].index;
            return INVALID;
        }
    return OK;
}

KEYWORD_CHECK(unique_items) {
    size_t count = json_array_size(value);
    if (!json_is_array(value) || rule->count == 0 || count < 2)
        return OK;
    struct hashed *items = mem_alloc_array(count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct hashed){value_hash(json_array_get(value, i), &check->steps_left), i};
    qsort(items, count, sizeof *items, compare_hashed);
    size_t first = 0;
    size_t second = 0;
    enum status status = check_spend(check, 1, place);
    if (status == OK)
        status = find_twin(check, value, items, count, place, &first, &second);
    mem_free(items);
    if (status == INVALID)
        return check_fail(check, rule, place, "must not have an item twice: items %zu and %zu are equal",
                          first, second);
    return status;
}

static enum status check_item(struct check *check, const struct node *node, const json_t *array, size_t index,
                              const struct place *place) {
    const struct place at = {place, STR_NONE, index};
    return check_node(check, node, json_array_get(array, index), &at);
}

KEYWORD_CHECK(prefix_items) {
    if (!json_is_array(value))
        return OK;
    for (size_t i = 0; i < rule->member_count && i < json_array_size(value); i++)
        TRY(check_item(check, rule->nodes[i], value, i, place));
    return OK;
}

KEYWORD_CHECK(items) {
    if (!json_is_array(value))
        return OK;
    const struct rule *prefix = node_rule(rule->owner, KEYWORD_PREFIX_ITEMS);
    for (size_t i = prefix ? prefix->member_count : 0; i < json_array_size(value); i++)
        TRY(check_item(check, rule->nodes[0], value, i, place));
    return OK;
}

KEYWORD_CHECK(contains) {
    if (!json_is_array(value))
        return OK;
    const struct rule *at_least = node_rule(rule->owner, KEYWORD_MIN_CONTAINS);
    const struct rule *at_most = node_rule(rule->owner, KEYWORD_MAX_CONTAINS);
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        enum status status = check_node_quietly(check, rule->nodes[0], json_array_get(value, i), place);
        if (status == TOO_LARGE)
            return status;
        count += status == OK;
    }
    size_t wanted = at_least ? at_least->count : 1;
    if (count < wanted)
        return check_fail(check, at_least ? at_least : rule, place,
                          "must contain at least %zu items of the kind that is asked for, and has %zu",
                          wanted, count);
    if (at_most && count > at_most->count)
        return check_fail(check, at_most, place, "must contain at most %zu items of that kind, and has %zu",
                          at_most->count, count);
    return OK;
}
