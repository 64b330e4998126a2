/* SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum { TEXT_BYTES_MAX = 512 };

/* The highest character there is: sorts behind whatever follows. */
#define BEHIND_ALL STR("\xF4\x8F\xBF\xBF")

static bool is_part_of_word(ucs4_t c) {
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
}

static struct str clip(struct str text, size_t bytes) {
    if (text.len <= bytes)
        return text;
    while (bytes > 0 && ((unsigned char)text.at[bytes] & 0xC0U) == 0x80U)
        bytes--;
    return str_slice(text, 0, bytes);
}

static struct str fold(struct arena *arena, struct str text) {
    size_t len = 0;
    text = clip(text, TEXT_BYTES_MAX);
    uint8_t *folded = u8_casefold((const uint8_t *)text.at, text.len, NULL, UNINORM_NFKD, NULL, &len);
    if (folded == NULL) /* no UTF-8 */
        return STR_NONE;
    char *kept = arena_alloc(arena, len + 1);
    size_t kept_len = 0;
    for (size_t i = 0; i < len;) {
        ucs4_t c = ' ';
        int taken = u8_mbtouc(&c, folded + i, len - i);
        size_t size = taken > 0 ? (size_t)taken : 1;
        bool is_blank = c <= ' ' || uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Z);
        if (is_blank && kept_len > 0 && kept[kept_len - 1] != ' ') {
            kept[kept_len++] = ' ';
        } else if (!is_blank && !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M)) {
            memcpy(kept + kept_len, folded + i, size);
            kept_len += size;
        }
        i += size;
    }
    free(folded); /* libunistring's own */
    return str_trim(str_of(kept, kept_len));
}

static void add(struct search_words *list, struct str word) {
    word = clip(word, SEARCH_WORD_BYTES);
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->at[i], word))
            return;
    }
    if (!str_is_empty(word) && list->count < sizeof list->at / sizeof *list->at)
        list->at[list->count++] = word;
}

void search_words_add(struct search_words *list, struct arena *arena, struct str text, bool words) {
    struct str folded = fold(arena, text);
    size_t found = 0;
    bool is_inside = true; /* the beginning is added whatever it is */
    add(list, folded);
    for (size_t i = 0; words && i < folded.len && found < SEARCH_WORDS_MAX;) {
        ucs4_t c = ' ';
        int taken = u8_mbtouc(&c, (const uint8_t *)folded.at + i, folded.len - i);
        bool is_word = is_part_of_word(c);
        if (is_word && !is_inside) {
            add(list, str_from_index(folded, i));
            found++;
        }
        is_inside = is_word;
        i += taken > 0 ? (size_t)taken : 1;
    }
}

struct str search_place(struct arena *arena, struct str word, struct str id) {
    return arena_join(arena, 3, (struct str[]){id, STR("/"), word});
}

enum status search_range_of(struct arena *arena, struct str text, struct str after,
                            struct search_range *range) {
    range->lowest = clip(fold(arena, text), SEARCH_WORD_BYTES);
    if (str_is_empty(range->lowest))
        return NOT_FOUND;
    range->end = arena_join(arena, 2, (struct str[]){range->lowest, BEHIND_ALL});
    range->before = range->end;
    range->before_id = STR("");
    if (str_is_empty(after))
        return OK;
    struct str rest = after;
    if (!str_cut(&rest, '/', &range->before_id) || rest.at == NULL)
        return INVALID;
    range->before = rest;
    return OK;
}
