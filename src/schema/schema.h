/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schema, draft 2020-12 (validation and applicator vocabularies), for the parameters of tools. Pure: no
 * I/O, no clock. A schema is compiled once; a compiled one never changes and may be used by several threads
 * at a time.
 *
 * Every keyword of a schema is either understood or the schema is refused: a rule that is silently ignored is
 * a hole.
 *  - understood: type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength
 * minLength pattern maxItems minItems uniqueItems maxContains minContains contains prefixItems items
 * maxProperties minProperties required dependentRequired dependentSchemas properties patternProperties
 * additionalProperties propertyNames allOf anyOf oneOf not if then else $ref $defs, and true/false as
 * schemas;
 *  - annotations, which say nothing about validity: title description default examples deprecated readOnly
 * writeOnly format contentEncoding contentMediaType $comment, $schema (of this draft only), $id (at the root
 * only) and every name that begins with "x-";
 *  - refused: everything else; and `$ref` to anything but a place in the same document ("#" or "#/…").
 * `pattern` is a regular expression in ECMA-262's spirit, with Unicode, run by PCRE2 under a step limit. */
#pragma once

#include "base/arena.h"

#include <jansson.h>

struct schema;

enum {
    SCHEMA_DEPTH_MAX = 32,   /* of the schema document, and of a value under check */
    SCHEMA_NODES_MAX = 1024, /* subschemas in one schema */
    SCHEMA_PATTERN_BYTES_MAX = 512,
    SCHEMA_STEPS_MAX = 200000, /* subschemas applied (and values compared) in one check: bounds what `anyOf`
                                  in `$ref` can multiply to */
};

/* What is wrong with a schema; the texts live in the arena that was handed in. */
struct schema_error {
    struct str pointer;  /* JSON pointer (RFC 6901) to the keyword in the schema; "" is the root */
    struct str sentence; /* for the administrator */
};

/* Compiles; `json` is copied, the caller keeps its own. The schema is the caller's to schema_free. `error` is
 * filled in on failure. INVALID, or TOO_LARGE for a schema over the bounds. */
NODISCARD enum status schema_compile(struct arena *arena, const json_t *json, struct schema **schema,
                                     struct schema_error *error);
void schema_free(struct schema *schema); /* NULL is fine */

/* The first rule that a value breaks; the texts live in the arena that was handed in. */
struct schema_violation {
    struct str pointer; /* into the value; "" is the whole value */
    struct str keyword; /* "required", "maximum"…; "false" where a schema `false` forbids the value, "" where
                           a bound of ours does */
    struct str sentence; /* names the rule, and what would satisfy it; of the value only its type and the
                            names of its members, clipped: good enough for a model to correct itself */
};

/* Checks `value`. OK: it is valid. INVALID: it is not, see `violation`. TOO_LARGE: the check would take too
 * many steps or goes too deep, or a pattern ran into its step limit; the value counts as not valid and
 * `violation` says which. */
NODISCARD enum status schema_check(const struct schema *schema, const json_t *value, struct arena *arena,
                                   struct schema_violation *violation);
