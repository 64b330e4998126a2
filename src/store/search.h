/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: by what visitors and conversations are found. A text is found by how it, or a later word
 * of it, begins: for each word the folded text from there on is a row, so that one range of an index answers,
 * on every engine. Folded: without case and without accents (Unicode 3.13 and annex 15), blanks as one. */
#pragma once

#include "store/unit.h"

enum { SEARCH_WORDS_MAX = 6, SEARCH_WORD_BYTES = 64 };

struct search_words {
    struct str at[2 + SEARCH_WORDS_MAX * 2];
    size_t count;
};

/* Adds `text`, from its beginning and, with `words`, from each of its first words on. */
void search_words_add(struct search_words *list, struct arena *arena, struct str text, bool words);

/* Where a page of what begins with a text is to be found: a range of words, and how far it was told. */
struct search_range {
    struct str lowest;            /* the folded text */
    struct str end;               /* behind all that begins with it */
    struct str before, before_id; /* what is told next is before these */
};
/* NOT_FOUND: nothing can be found by that text. INVALID: `after` is none that search_place made. */
NODISCARD enum status search_range_of(struct arena *arena, struct str text, struct str after,
                                      struct search_range *range);
struct str search_place(struct arena *arena, struct str word, struct str id);
