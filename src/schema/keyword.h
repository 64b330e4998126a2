/* SPDX-License-Identifier: Apache-2.0 */
/* What each keyword does: how it is read (keyword_compile.c), how it is checked (check_*.c). The table is in
 * keyword.c. */
#pragma once

#include "schema/node.h"

#include "schema/value.h"

#define KEYWORD_COMPILE(name) enum status compile_##name(struct compiler *compiler, struct rule *rule)
#define KEYWORD_CHECK(name)                                                                                  \
    enum status check_##name(struct check *check, const struct rule *rule, const json_t *value,              \
                             const struct place *place)

KEYWORD_COMPILE(type);
KEYWORD_COMPILE(any);
KEYWORD_COMPILE(array);
KEYWORD_COMPILE(number);
KEYWORD_COMPILE(positive_number);
KEYWORD_COMPILE(count);
KEYWORD_COMPILE(boolean);
KEYWORD_COMPILE(pattern);
KEYWORD_COMPILE(names);
KEYWORD_COMPILE(names_by_name);
KEYWORD_COMPILE(schema);
KEYWORD_COMPILE(schemas);
KEYWORD_COMPILE(schemas_by_name);
KEYWORD_COMPILE(schemas_by_pattern);
KEYWORD_COMPILE(reference);

KEYWORD_CHECK(type);
KEYWORD_CHECK(enum);
KEYWORD_CHECK(const);
KEYWORD_CHECK(multiple_of);
KEYWORD_CHECK(bound);
KEYWORD_CHECK(length);
KEYWORD_CHECK(pattern_rule);
KEYWORD_CHECK(item_count);
KEYWORD_CHECK(unique_items);
KEYWORD_CHECK(prefix_items);
KEYWORD_CHECK(items);
KEYWORD_CHECK(contains);
KEYWORD_CHECK(property_count);
KEYWORD_CHECK(required);
KEYWORD_CHECK(dependent_required);
KEYWORD_CHECK(property_names);
KEYWORD_CHECK(properties);
KEYWORD_CHECK(pattern_properties);
KEYWORD_CHECK(additional_properties);
KEYWORD_CHECK(dependent_schemas);
KEYWORD_CHECK(reference);
KEYWORD_CHECK(all_of);
KEYWORD_CHECK(any_of);
KEYWORD_CHECK(one_of);
KEYWORD_CHECK(not );
KEYWORD_CHECK(if);
