/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions as ECMA-262 has them with its `u` flag, run by PCRE2. What PCRE2 reads in its own way
 * is translated, or refused where ECMA-262 would refuse it: recursion, call-outs, conditions, verbs, POSIX
 * classes, possessive quantifiers. Two differences remain: \s is ASCII white space, and \w \d \b never know
 * more than ASCII (as ECMA-262 has it, too). */
#pragma once

#include "base/arena.h"

struct pattern;

/* INVALID, `*what` says why (static), or TOO_LARGE. */
NODISCARD enum status pattern_compile(struct str text, struct pattern **pattern, const char **what);
void pattern_free(struct pattern *pattern);
struct pattern *pattern_chain(struct pattern *pattern,
                              struct pattern *next); /* to keep them in a list; gives `pattern` */
struct pattern *pattern_next(const struct pattern *pattern);
struct str pattern_text(const struct pattern *pattern);

/* What a match needs of its own; one per check, so that a pattern can be used by several threads. */
struct pattern_run;
struct pattern_run *pattern_run_new(void);
void pattern_run_free(struct pattern_run *run); /* NULL is fine */

/* How many of a check's steps a match over that many bytes costs: it bounds what all matches of a check may
 * cost together. */
size_t pattern_cost(size_t length);

/* OK: found somewhere in `text`. NOT_FOUND. TOO_LARGE: it took more steps than the text's length allows. */
NODISCARD enum status pattern_match(const struct pattern *pattern, struct pattern_run *run, struct str text);
