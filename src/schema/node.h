/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled schema from the inside: nodes (subschemas), each a list of rules (keywords), in the order of the
 * table of keywords. */
#pragma once

#include "schema/schema.h"

#include "schema/pattern.h"

enum keyword_id {
    KEYWORD_TYPE,
    KEYWORD_ENUM,
    KEYWORD_CONST,
    KEYWORD_REQUIRED,
    KEYWORD_MULTIPLE_OF,
    KEYWORD_MINIMUM,
    KEYWORD_EXCLUSIVE_MINIMUM,
    KEYWORD_MAXIMUM,
    KEYWORD_EXCLUSIVE_MAXIMUM,
    KEYWORD_MIN_LENGTH,
    KEYWORD_MAX_LENGTH,
    KEYWORD_PATTERN,
    KEYWORD_MIN_ITEMS,
    KEYWORD_MAX_ITEMS,
    KEYWORD_UNIQUE_ITEMS,
    KEYWORD_MIN_CONTAINS,
    KEYWORD_MAX_CONTAINS,
    KEYWORD_MIN_PROPERTIES,
    KEYWORD_MAX_PROPERTIES,
    KEYWORD_DEPENDENT_REQUIRED,
    KEYWORD_PROPERTY_NAMES,
    KEYWORD_PROPERTIES,
    KEYWORD_PATTERN_PROPERTIES,
    KEYWORD_ADDITIONAL_PROPERTIES,
    KEYWORD_PREFIX_ITEMS,
    KEYWORD_ITEMS,
    KEYWORD_CONTAINS,
    KEYWORD_DEPENDENT_SCHEMAS,
    KEYWORD_REF,
    KEYWORD_ALL_OF,
    KEYWORD_ANY_OF,
    KEYWORD_ONE_OF,
    KEYWORD_NOT,
    KEYWORD_IF,
    KEYWORD_THEN,
    KEYWORD_ELSE,
    KEYWORD_DEFS,
    KEYWORD_COUNT
};

struct node;
struct rule;
struct compiler;
struct check;

/* Where in the value a check is: a list on the stack, from the leaf to the root. */
struct place {
    const struct place *parent; /* NULL: the root */
    struct str name;            /* member; at NULL: an index */
    size_t index;
};

/* One row a keyword: its name, how it is read, how it is checked (NULL: by a sibling keyword), and whether
 * its subschemas apply to the same value as the schema that they stand in. */
struct keyword {
    struct str name;
    enum status (*compile)(struct compiler *compiler, struct rule *rule);
    enum status (*check)(struct check *check, const struct rule *rule, const json_t *value,
                         const struct place *place);
    bool applies_in_place;
};
extern const struct keyword schema_keywords[KEYWORD_COUNT];

struct rule {
    enum keyword_id id;
    const struct node *owner;
    const json_t *json;        /* the keyword's value, in the schema's own copy */
    unsigned types;            /* type: a set of TYPE_… */
    size_t count;              /* min…, max…: the bound; uniqueItems: 0 or 1 */
    struct pattern *pattern;   /* pattern */
    size_t member_count;       /* of the three below */
    struct str *names;         /* properties, required…: names of the members */
    struct pattern **patterns; /* patternProperties */
    const struct node **nodes; /* subschemas; one for items, not, $ref… */
};

struct node {
    struct str pointer; /* where it stands in the schema document */
    size_t index;       /* among the schema's nodes */
    bool is_boolean;    /* the schema `true` or `false` */
    bool allows;        /* where it is */
    const struct rule *rules;
    size_t rule_count;
};

struct schema {
    struct arena *arena;
    json_t *json;
    const struct node *root;
    struct pattern *first_pattern; /* all of them, to be freed */
};

/* The rule of a node for a keyword, or NULL. */
const struct rule *node_rule(const struct node *node, enum keyword_id id);

/* ---- compile.c: for the keywords' compile functions ---- */
struct compiler {
    struct schema *schema;
    struct arena *arena; /* for the error */
    struct schema_error *error;
    struct str pointer; /* of the keyword that is being read */
    unsigned depth;
    struct node **nodes; /* in the order in which they begin; SCHEMA_NODES_MAX */
    size_t node_count;
    json_t *locations; /* pointer → index in nodes */
};

NODISCARD enum status compile_refuse(struct compiler *compiler, enum status status, const char *sentence);
/* Compiles the subschema at `json`; `segment` is what its pointer adds to the keyword's: STR_NONE adds
 * nothing. */
NODISCARD enum status compile_subschema(struct compiler *compiler, struct str segment, const json_t *json,
                                        const struct node **node);

/* ---- check.c: for the keywords' check functions ---- */
struct check {
    struct arena *arena;
    struct schema_violation *violation; /* NULL: only the verdict is asked for */
    unsigned steps_left;
    unsigned depth;
    struct pattern_run *pattern_run; /* made when first needed */
};

NODISCARD enum status check_node(struct check *check, const struct node *node, const json_t *value,
                                 const struct place *place);
/* The same, with only the verdict: OK, INVALID or TOO_LARGE. */
NODISCARD enum status check_node_quietly(struct check *check, const struct node *node, const json_t *value,
                                         const struct place *place);
NODISCARD enum status check_spend(struct check *check, size_t steps, const struct place *place);
NODISCARD enum status check_pattern(struct check *check, const struct pattern *pattern, struct str text,
                                    const struct place *place);
/* INVALID, with the violation filled in where it is asked for. */
__attribute__((format(printf, 4, 5))) NODISCARD enum status
check_fail(struct check *check, const struct rule *rule, const struct place *place, const char *format, ...);
struct str place_pointer(struct arena *arena, const struct place *place);
