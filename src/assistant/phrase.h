/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody wrote, as words that can be compared: without case, diacritics and punctuation, in any
 * script. Pure. */
#pragma once

#include "base/arena.h"

/* A piece of the text that stands by itself, as it was written: "2002", "AB-17", "1,204.50", or what stands
 * in quotation marks. */
struct phrase_token {
    struct str text;
};

struct phrase_word {
    struct str folded; /* "Cafés" is "cafes" */
    size_t token;      /* it is a part of that one */
    struct str stem;   /* "hours" and "hour" are one word where what is spoken of is compared */
    bool is_filler;    /* "is", "the": says nothing where words are compared */
    bool is_common;    /* says nothing about a subject either: "what", "my" */
};

struct phrase {
    const struct phrase_token *tokens;
    size_t token_count;
    const struct phrase_word *words;
    size_t word_count;
};

enum { PHRASE_SLOTS_MAX = 8 };

struct phrase_slot {
    struct str name;  /* of the trigger, "account" */
    struct str value; /* of the text, "2002" */
};

struct phrase_match {
    unsigned score; /* more words matched is more; 0: none */
    struct phrase_slot slots[PHRASE_SLOTS_MAX];
    size_t slot_count;
};

struct phrase phrase_read(struct arena *arena, struct str text);

/* A trigger ("balance of account {account}"), read once and compared with many phrases. */
struct phrase_trigger {
    const struct phrase_element *elements;
    size_t count;
};

/* Nothing of `trigger` need outlive the call. */
struct phrase_trigger phrase_trigger_read(struct arena *arena, struct str trigger);

/* Does the trigger stand anywhere in the phrase, its words one after the other? `match` is filled in. */
bool phrase_match(const struct phrase *phrase, const struct phrase_trigger *trigger,
                  struct phrase_match *match);

/* What some texts speak of: their words, read once. */
struct phrase_subject {
    const struct str *stems; /* sorted */
    size_t count;
};

/* Nothing of the texts need outlive the call. */
struct phrase_subject phrase_subject_read(struct arena *arena, const struct str *texts, size_t count);

/* How much of what the phrase asks about (its words but for the most common ones) the texts speak of: 0 to
 * 1000. `shared` gets the number of these words. */
unsigned phrase_overlap(const struct phrase *phrase, const struct phrase_subject *subject, unsigned *shared);
