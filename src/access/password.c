/* SPDX-License-Identifier: Apache-2.0 */
/* What may be a password (NIST SP 800-63B section 5.1.1.2): long, not guessable, and nothing else is asked.
 */
#include "access/access_internal.h"
#include "base/memory.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

enum status access_password_normal(struct arena *arena, struct str password, struct str *normal) {
    if (password.len > PASSWORD_MAX_BYTES || !str_is_utf8(password) ||
        str_find_byte(password, '\0') != STR_NOT_FOUND)
        return INVALID;
    *normal = STR("");
    if (str_is_empty(password))
        return OK;
    size_t len = 0;
    uint8_t *text = u8_normalize(UNINORM_NFC, (const uint8_t *)password.at, password.len, NULL, &len);
    if (text == NULL)
        return INVALID;
    *normal = arena_copy(arena, str_of(text, len));
    mem_wipe(text, len);
    free(text);
    return OK;
}

/* What is left of `text` when `word` is taken out of it, wherever it stands. */
static struct str without(struct arena *arena, struct str text, struct str word) {
    size_t at = word.len < 3 ? STR_NOT_FOUND : str_find(text, word);
    if (at == STR_NOT_FOUND)
        return text;
    struct str pieces[] = {str_slice(text, 0, at), str_from_index(text, at + word.len)};
    return without(arena, arena_join(arena, 2, pieces), word);
}

/* Their own name and address are the first that anybody tries. */
static bool is_made_of_themselves(struct arena *arena, struct str folded, struct str email_key,
                                  struct str name) {
    struct str rest = folded;
    struct str word;
    struct str pieces = str_slice(email_key, 0, str_find_byte(email_key, '@'));
    rest = without(arena, rest, email_key);
    while (str_cut(&pieces, '.', &word))
        rest = without(arena, rest, word);
    struct str domain = access_email_domain(email_key);
    while (str_cut(&domain, '.', &word))
        rest = without(arena, rest, word);
    while (str_cut(&name, ' ', &word)) {
        size_t len = 0;
        uint8_t *lower = u8_casefold((const uint8_t *)word.at, word.len, NULL, UNINORM_NFC, NULL, &len);
        if (lower == NULL)
            continue;
        rest = without(arena, rest, arena_copy(arena, str_of(lower, len)));
        free(lower);
    }
    return rest.len < folded.len && (rest.len < 6 || access_password_is_common(rest));
}

enum status access_password_check(struct arena *arena, struct str password, struct str email_key,
                                  struct str name, struct str *normal, const char **why) {
    *why = "A password is text of at most 1,024 bytes.";
    TRY(access_password_normal(arena, password, normal));
    *why = "A password has at least 12 characters. A few words that nobody else would put together do well.";
    if (u8_mbsnlen((const uint8_t *)normal->at, normal->len) < PASSWORD_MIN_CHARACTERS)
        return INVALID;
    AUTO_ARENA scratch = arena_new();
    arena_wipe_on_free(scratch);
    size_t len = 0;
    uint8_t *folded = u8_casefold((const uint8_t *)normal->at, normal->len, NULL, UNINORM_NFC, NULL, &len);
    if (folded == NULL)
        return INVALID;
    struct str lower = arena_copy(scratch, str_of(folded, len));
    mem_wipe(folded, len);
    free(folded);
    *why = "This password is among the first that are tried. Choose one without common words, rows of keys "
           "and repetitions.";
    if (access_password_is_common(lower))
        return INVALID;
    *why = "This password is made of your own name or address. Choose another.";
    if (is_made_of_themselves(scratch, lower, email_key, name))
        return INVALID;
    *why = NULL;
    return OK;
}
