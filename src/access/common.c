/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of leaked passwords hold little of twelve characters and more, and what they hold is put together
 * from the same few pieces: well-known words, years, rows of keys, repetitions. So the pieces are the list.
 * What is left of a password when they are taken out must be enough by itself. */
#include "access/access_internal.h"
#include "base/memory.h"

enum { LEFT_AT_LEAST = 6, DISTINCT_AT_LEAST = 5, ROW_AT_LEAST = 4, LOOKED_AT_MAX = 128 };

/* Lower case; a figure or sign that stands for a letter is turned into it before. Longer ones first. */
static const char *const words[] = {
    "administrator", "chatelaine", "changeme", "computer", "football", "password", "passwort",
    "princess",      "sunshine",   "superman", "iloveyou", "baseball", "starwars", "trustno",
    "whatever",      "michelle",   "passwd",   "welcome",  "letmein",  "default",  "dashboard",
    "freedom",       "charlie",    "company",  "internet", "secret",   "dragon",   "monkey",
    "master",        "shadow",     "access",   "summer",   "winter",   "spring",   "autumn",
    "flower",        "hello",      "admin",    "login",    "chat",     "owner",    "root",
    "user",          "test",       "guest",    "temp",     "word",     "pass",     "love",
    "qwerty",        "qwertz",     "azerty",   "abc",      "xyz",      "mypass",   "server",
    "january",       "february",   "march",    "april",    "june",     "july",     "august",
    "september",     "october",    "november", "december", "monday",   "friday",   "sunday",
    "motdepasse",    "contrasena",
};

static const char *const rows[] = {
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
};

struct text {
    char at[LOOKED_AT_MAX];
    size_t len;
};

static char letter_for(char c) {
    static const char from[] = "01345789@$!|+";
    static const char to[] = "oieastbgasiit";
    for (size_t i = 0; i < sizeof from - 1; i++)
        if (from[i] == c)
            return to[i];
    return c;
}

static struct str view(const struct text *text) {
    return (struct str){text->at, text->len};
}

static void take_out(struct text *text, size_t from, size_t len) {
    for (size_t i = from; i + len < text->len; i++)
        text->at[i] = text->at[i + len];
    text->len -= len;
}

static bool is_figure_or_sign(char c) {
    return c >= 0 && !(c >= 'a' && c <= 'z');
}

static bool take_word(struct text *text, bool spelled) {
    struct text read = *text;
    for (size_t i = 0; spelled && i < read.len; i++)
        read.at[i] = letter_for(read.at[i]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct str word = str_from(words[i]);
        size_t at = str_find(view(&read), word);
        if (at == STR_NOT_FOUND)
            continue;
        take_out(text, at, word.len);
        return true;
    }
    return false;
}

/* The longest piece of a row of keys, or of the alphabet, that begins at `from`. */
static size_t row_at(struct str text, size_t from) {
    size_t longest = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str row = str_from(rows[i]);
        size_t start = str_find_byte(row, text.at[from]);
        for (size_t len = 1; start != STR_NOT_FOUND; len++) {
            bool goes_on =
                from + len < text.len && start + len < row.len && row.at[start + len] == text.at[from + len];
            longest = len > longest ? len : longest;
            if (!goes_on)
                break;
        }
    }
    return longest;
}

static size_t same_at(struct str text, size_t from) {
    size_t len = 1;
    while (from + len < text.len && text.at[from + len] == text.at[from])
        len++;
    return len;
}

static bool take_row(struct text *text) {
    for (size_t i = 0; i < text->len; i++) {
        size_t row = row_at(view(text), i);
        size_t same = same_at(view(text), i);
        size_t len = row > same ? row : same;
        if (len >= ROW_AT_LEAST || same >= 3) {
            take_out(text, i, len);
            return true;
        }
    }
    return false;
}

/* "abcabcabcabc" has the three characters of its unit. */
static bool is_repetition(struct str text) {
    for (size_t unit = 1; unit <= text.len / 2; unit++) {
        size_t i = unit;
        while (i < text.len && text.at[i] == text.at[i - unit])
            i++;
        if (i == text.len)
            return unit < LEFT_AT_LEAST + 2;
    }
    return false;
}

static unsigned count_distinct(struct str text) {
    bool seen[256] = {false};
    unsigned count = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        count += seen[c] ? 0 : 1;
        seen[c] = true;
    }
    return count;
}

bool access_password_is_common(struct str folded) {
    if (folded.len > LOOKED_AT_MAX) /* then only a repetition is bad */
        return count_distinct(folded) < DISTINCT_AT_LEAST || is_repetition(folded);
    if (count_distinct(folded) < DISTINCT_AT_LEAST || is_repetition(folded))
        return true;
    struct text text = {.len = folded.len};
    for (size_t i = 0; i < folded.len; i++)
        text.at[i] = folded.at[i];
    size_t taken = text.len;
    while (take_word(&text, false) || take_word(&text, true) || take_row(&text)) {
    }
    bool is_touched = text.len < taken;
    unsigned letters = 0;
    for (size_t i = 0; i < text.len; i++)
        letters += is_figure_or_sign(text.at[i]) ? 0 : 1;
    /* Years, dates and exclamation marks behind a word add nothing: of what is left, letters count. */
    bool is_common = is_touched && (text.len < LEFT_AT_LEAST || letters < 3);
    mem_wipe(&text, sizeof text);
    return is_common;
}
