/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as JSON Schema sees them: 1 and 1.0 are one number, the order of members says nothing. */
#pragma once

#include "base/arena.h"

#include <jansson.h>

enum { /* a set, as `type` has it; every integer is a number too */
       TYPE_NULL = 1,
       TYPE_BOOLEAN = 2,
       TYPE_OBJECT = 4,
       TYPE_ARRAY = 8,
       TYPE_NUMBER = 16,
       TYPE_STRING = 32,
       TYPE_INTEGER = 64,
};

unsigned value_types(const json_t *value);        /* what it is: for 1.0 TYPE_NUMBER | TYPE_INTEGER */
const char *value_type_name(const json_t *value); /* "an object", for sentences */
bool value_is_deeper_than(const json_t *value, unsigned depth);

/* Equality by the data model (JSON Schema core, 4.2.2). Takes one of `*steps_left` for each pair of values;
 * at 0 it stops and says false. */
bool value_equal(const json_t *a, const json_t *b, unsigned *steps_left);
/* Equal values have equal hashes. */
uint64_t value_hash(const json_t *value, unsigned *steps_left);

int number_compare(const json_t *a, const json_t *b); /* exact, also between integers and reals */
bool number_is_multiple_of(const json_t *number,
                           const json_t *of); /* exact, on the numbers' decimal spelling */

/* As JSON, cut after some 60 bytes: for sentences. */
struct str value_quote(struct arena *arena, struct str text);
struct str value_quote_json(struct arena *arena, const json_t *value);
size_t value_character_count(struct str utf8); /* code points */
