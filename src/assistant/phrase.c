/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/phrase.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum {
    TEXT_BYTES_MAX = 32 * 1024, /* of what is looked at; a message is shorter */
    LITERAL_SCORE = 2,
    SLOT_SCORE = 1,
};

/* ---- characters ---- */
/* The character at the front of `rest`, and its length; a byte that begins none counts as a space. */
static ucs4_t first_character(struct str rest, size_t *length) {
    ucs4_t character = ' ';
    int taken = u8_mbtouc(&character, (const uint8_t *)rest.at, rest.len);
    *length = taken > 0 ? (size_t)taken : 1;
    return character == 0xFFFD ? ' ' : character;
}

static bool is_word_character(ucs4_t c) {
    return uc_is_property_alphabetic(c) ||
           uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N);
}

/* Scripts written without spaces: every character is a word. */
static bool is_word_of_its_own(ucs4_t c) {
    return uc_is_property_ideographic(c) || (c >= 0x3040 && c <= 0x30FF);
}

/* Case folded, decomposed, and the marks left out (Unicode 3.13 and annex 15). */
static struct str fold(struct arena *arena, struct str text) {
    size_t len = 0;
    uint8_t *folded = u8_casefold((const uint8_t *)text.at, text.len, NULL, UNINORM_NFKD, NULL, &len);
    if (!folded)
        return text;
    char *kept = arena_alloc(arena, len + 1);
    size_t kept_len = 0;
    struct str rest = str_of(folded, len);
    while (rest.len > 0) {
        size_t length = 0;
        ucs4_t c = first_character(rest, &length);
        if (!uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M)) {
            memcpy(kept + kept_len, rest.at, length);
            kept_len += length;
        }
        rest = str_from_index(rest, length);
    }
    free(folded); /* libunistring's own */
    return str_of(kept, kept_len);
}

static bool is_among(struct str word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(word, str_from(words[i])))
            return true;
    return false;
}

static bool is_filler(struct str folded) {
    static const char *const fillers[] = {"is", "are", "am", "s", "re", "the", "a", "an", "please"};
    return is_among(folded, fillers, sizeof fillers / sizeof *fillers);
}

/* Words that say nothing about a subject. */
static bool is_common(struct str folded) {
    static const char *const common[] = {
        "i",     "me",   "my",    "you",   "your",  "we",    "us",   "our",   "it",    "its",  "he",
        "she",   "they", "of",    "in",    "on",    "at",    "to",   "for",   "from",  "with", "by",
        "and",   "or",   "not",   "no",    "do",    "does",  "did",  "have",  "has",   "had",  "can",
        "could", "will", "would", "may",   "must",  "be",    "was",  "were",  "what",  "when", "where",
        "who",   "why",  "how",   "which", "there", "that",  "this", "these", "those", "any",  "some",
        "so",    "if",   "as",    "than",  "then",  "about", "tell", "show",  "give",  "know", "want",
        "need",  "get",  "much",  "many",  "t",     "ll",    "ve",   "d",     "m",     "hi",   "hello",
    };
    return is_filler(folded) || is_among(folded, common, sizeof common / sizeof *common);
}

static struct str stem(struct str folded) {
    bool is_plural = folded.len > 3 && str_ends_with(folded, STR("s")) && !str_ends_with(folded, STR("ss"));
    return is_plural ? str_slice(folded, 0, folded.len - 1) : folded;
}

/* ---- reading ---- */
struct reading {
    struct arena *arena;
    struct phrase_token *tokens;
    struct phrase_word *words;
    struct phrase phrase;
};

static void add_word(struct reading *reading, struct str word) {
    static const struct {
        const char *together, *apart;
    } contractions[] = {
        {"whats", "what"}, {"wheres", "where"}, {"hows", "how"}, {"whos", "who"}, {"whens", "when"}};
    struct str folded = fold(reading->arena, word);
    for (size_t i = 0; i < sizeof contractions / sizeof *contractions; i++)
        if (str_equal(folded, str_from(contractions[i].together)))
            folded = str_from(contractions[i].apart);
    reading->words[reading->phrase.word_count++] = (struct phrase_word){.folded = folded,
                                                                        .token = reading->phrase.token_count,
                                                                        .stem = stem(folded),
                                                                        .is_filler = is_filler(folded),
                                                                        .is_common = is_common(folded)};
}

/* The words within a token: "e-mail's" is "e", "mail", "s". */
static void add_words(struct reading *reading, struct str token) {
    size_t begin = 0;
    size_t at = 0;
    while (at < token.len) {
        size_t length = 0;
        ucs4_t c = first_character(str_from_index(token, at), &length);
        bool is_alone = is_word_of_its_own(c);
        if (!is_word_character(c) || is_alone) {
            if (at > begin)
                add_word(reading, str_slice(token, begin, at));
            if (is_alone)
                add_word(reading, str_slice(token, at, at + length));
            begin = at + length;
        }
        at += length;
    }
    if (token.len > begin)
        add_word(reading, str_slice(token, begin, token.len));
}

static void add_token(struct reading *reading, struct str text) {
    size_t words_before = reading->phrase.word_count;
    add_words(reading, text);
    if (reading->phrase.word_count > words_before)
        reading->tokens[reading->phrase.token_count++] = (struct phrase_token){text};
}

/* Punctuation around a token is not part of it; within it ("1,204.50", "ada@acme.example") it is. */
static struct str without_punctuation(struct str token) {
    size_t begin = STR_NOT_FOUND;
    size_t end = 0;
    for (size_t at = 0; at < token.len;) {
        size_t length = 0;
        if (is_word_character(first_character(str_from_index(token, at), &length))) {
            if (begin == STR_NOT_FOUND)
                begin = at;
            end = at + length;
        }
        at += length;
    }
    return begin == STR_NOT_FOUND ? STR("") : str_slice(token, begin, end);
}

static bool is_quotation_mark(ucs4_t c) {
    return c == '"' || c == 0x201C || c == 0x201D || c == 0x201E || c == 0xAB || c == 0xBB;
}

/* Where the next quotation mark stands, or STR_NOT_FOUND. */
static size_t find_quotation_mark(struct str text, size_t *mark_length) {
    for (size_t at = 0; at < text.len;) {
        size_t length = 0;
        if (is_quotation_mark(first_character(str_from_index(text, at), &length))) {
            *mark_length = length;
            return at;
        }
        at += length;
    }
    return STR_NOT_FOUND;
}

/* One token off the front of `rest`: what stands in quotation marks, or what stands up to white space. */
static struct str take_token(struct str *rest, struct str *token) {
    size_t length = 0;
    ucs4_t c = first_character(*rest, &length);
    size_t closing_length = 0;
    size_t closing = is_quotation_mark(c)
                         ? find_quotation_mark(str_from_index(*rest, length), &closing_length)
                         : STR_NOT_FOUND;
    if (closing != STR_NOT_FOUND) {
        *token = str_trim(str_slice(*rest, length, length + closing));
        *rest = str_from_index(*rest, length + closing + closing_length);
        return *token;
    }
    size_t end = length;
    while (end < rest->len) {
        ucs4_t next = first_character(str_from_index(*rest, end), &length);
        if (uc_is_property_white_space(next) || is_quotation_mark(next))
            break;
        end += length;
    }
    *token = without_punctuation(str_slice(*rest, 0, end));
    *rest = str_from_index(*rest, end);
    return *token;
}

struct phrase phrase_read(struct arena *arena, struct str text) {
    struct str rest = str_slice(text, 0, TEXT_BYTES_MAX);
    size_t most =
        rest.len / 2 + 1; /* a word has a byte at least, and one between it and the next, or is of three */
    struct reading reading = {
        .arena = arena,
        .tokens = arena_alloc_array(arena, most, sizeof(struct phrase_token)),
        .words = arena_alloc_array(arena, most, sizeof(struct phrase_word)),
    };
    while (rest.len > 0) {
        struct str token = STR("");
        if (take_token(&rest, &token).len > 0)
            add_token(&reading, token);
    }
    reading.phrase.tokens = reading.tokens;
    reading.phrase.words = reading.words;
    return reading.phrase;
}

/* ---- triggers ---- */
struct phrase_element {
    struct str literal; /* folded */
    struct str slot;    /* name; where at is not NULL it is a slot */
};

/* "balance of account {account}" as elements; fillers are left out, unless there is nothing else. */
static size_t read_elements(struct arena *arena, struct str trigger, struct phrase_element *elements,
                            size_t max) {
    size_t count = 0;
    struct str rest = trigger;
    while (rest.len > 0 && count < max) {
        size_t open = str_find_byte(rest, '{');
        struct phrase words = phrase_read(arena, str_slice(rest, 0, open));
        for (size_t i = 0; i < words.word_count && count < max; i++)
            if (!words.words[i].is_filler)
                elements[count++] = (struct phrase_element){.literal = words.words[i].folded};
        size_t close = open == STR_NOT_FOUND ? STR_NOT_FOUND : str_find_byte(str_from_index(rest, open), '}');
        if (close == STR_NOT_FOUND)
            break;
        if (count < max)
            elements[count++] = (struct phrase_element){.slot = str_slice(rest, open + 1, open + close)};
        rest = str_from_index(rest, open + close + 1);
    }
    return count;
}

struct phrase_trigger phrase_trigger_read(struct arena *arena, struct str trigger) {
    enum { ELEMENTS_MAX = 64 };
    AUTO_ARENA scratch = arena_new();
    struct phrase_element found[ELEMENTS_MAX];
    size_t count = read_elements(scratch, trigger, found, ELEMENTS_MAX);
    struct phrase_element *elements = arena_alloc_array(arena, count, sizeof *elements);
    for (size_t i = 0; i < count; i++) {
        if (found[i].slot.at)
            elements[i].slot = arena_copy(arena, found[i].slot);
        else
            elements[i].literal = arena_copy(arena, found[i].literal);
    }
    return (struct phrase_trigger){elements, count};
}

/* A slot takes the whole token that begins here; gives the index of the word behind it, 0 where none begins.
 */
static size_t take_slot(const struct phrase *phrase, size_t word, struct str name,
                        struct phrase_match *match) {
    size_t token = phrase->words[word].token;
    if ((word > 0 && phrase->words[word - 1].token == token) || match->slot_count == PHRASE_SLOTS_MAX)
        return 0;
    match->slots[match->slot_count++] = (struct phrase_slot){name, phrase->tokens[token].text};
    match->score += SLOT_SCORE;
    while (word < phrase->word_count && phrase->words[word].token == token)
        word++;
    return word;
}

static bool match_at(const struct phrase *phrase, size_t word, const struct phrase_element *elements,
                     size_t count, struct phrase_match *match) {
    *match = (struct phrase_match){.score = 0};
    for (size_t i = 0; i < count; i++) {
        while (word < phrase->word_count && phrase->words[word].is_filler)
            word++;
        if (word == phrase->word_count)
            return false;
        if (elements[i].slot.at) {
            word = take_slot(phrase, word, elements[i].slot, match);
            if (word == 0)
                return false;
        } else if (str_equal(phrase->words[word].folded, elements[i].literal)) {
            match->score += LITERAL_SCORE;
            word++;
        } else {
            return false;
        }
    }
    return count > 0;
}

/* Most words begin nothing, which is quickly seen. What would begin with a filler begins behind it as well: a
 * thousand of them in a row must not be gone through a thousand times. */
static bool may_begin(const struct phrase_word *word, const struct phrase_trigger *trigger) {
    if (word->is_filler || trigger->count == 0)
        return false;
    const struct phrase_element *first = &trigger->elements[0];
    return first->slot.at != NULL || str_equal(word->folded, first->literal);
}

bool phrase_match(const struct phrase *phrase, const struct phrase_trigger *trigger,
                  struct phrase_match *match) {
    for (size_t word = 0; word < phrase->word_count; word++)
        if (may_begin(&phrase->words[word], trigger) &&
            match_at(phrase, word, trigger->elements, trigger->count, match))
            return true;
    *match = (struct phrase_match){.score = 0};
    return false;
}

/* ---- overlap ---- */
static int compare_stems(const void *a, const void *b) {
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static bool speaks_of(const struct phrase_subject *subject, struct str wanted) {
    return subject->count > 0 &&
           bsearch(&wanted, subject->stems, subject->count, sizeof wanted, compare_stems) != NULL;
}

struct phrase_subject phrase_subject_read(struct arena *arena, const struct str *texts, size_t count) {
    AUTO_ARENA scratch = arena_new();
    struct phrase *read = arena_alloc_array(scratch, count, sizeof *read);
    size_t words = 0;
    for (size_t i = 0; i < count; i++) {
        read[i] = phrase_read(scratch, texts[i]);
        words += read[i].word_count;
    }
    struct str *stems = arena_alloc_array(arena, words, sizeof *stems);
    struct phrase_subject subject = {stems, 0};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < read[i].word_count; k++)
            stems[subject.count++] = arena_copy(arena, read[i].words[k].stem);
    qsort(stems, subject.count, sizeof *stems, compare_stems);
    return subject;
}

unsigned phrase_overlap(const struct phrase *phrase, const struct phrase_subject *subject, unsigned *shared) {
    unsigned asked = 0;
    *shared = 0;
    for (size_t i = 0; i < phrase->word_count; i++) {
        if (phrase->words[i].is_common)
            continue;
        asked++;
        *shared += speaks_of(subject, phrase->words[i].stem);
    }
    return asked > 0 ? *shared * 1000 / asked : 0;
}
