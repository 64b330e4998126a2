/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

enum { EMAIL_MAX = 254, LOCAL_PART_MAX = 64, NAME_MAX_CHARACTERS = 100 };

static struct str taken(struct arena *arena, uint8_t *text, size_t len) {
    struct str copy = arena_copy(arena, str_of(text, len));
    free(text); /* libunistring's */
    return copy;
}

/* NFC and folded: who is called Ärger and who is called ärger have one address. */
static struct str fold(struct arena *arena, struct str text) {
    size_t len = 0;
    uint8_t *folded = u8_casefold((const uint8_t *)text.at, text.len, NULL, UNINORM_NFC, NULL, &len);
    return folded == NULL ? STR_NONE : taken(arena, folded, len);
}

static bool is_control_or_space(unsigned char c) {
    return c <= ' ' || c == 0x7F;
}

/* One '@', something before it, a domain with a dot or "localhost" behind it. More than that only the
 * address's owner knows; nothing is ever sent there. */
static bool is_address(struct str email) {
    size_t at = str_find_byte(email, '@');
    if (at == STR_NOT_FOUND || at == 0 || at > LOCAL_PART_MAX)
        return false;
    struct str domain = str_from_index(email, at + 1);
    if (str_is_empty(domain) || str_find_byte(domain, '@') != STR_NOT_FOUND || domain.at[0] == '.' ||
        domain.at[domain.len - 1] == '.')
        return false;
    for (size_t i = 0; i < email.len; i++)
        if (is_control_or_space((unsigned char)email.at[i]) || email.at[i] == '<' || email.at[i] == '>' ||
            email.at[i] == '"' || email.at[i] == ',' || email.at[i] == ';')
            return false;
    return true;
}

enum status access_email_read(struct arena *arena, struct str text, struct str *email, struct str *key) {
    struct str trimmed = str_trim(text);
    if (trimmed.len > EMAIL_MAX || !str_is_utf8(trimmed) || !is_address(trimmed))
        return INVALID;
    *email = arena_copy(arena, trimmed);
    *key = fold(arena, trimmed);
    return str_is_empty(*key) || key->len > (size_t)EMAIL_MAX * 3 ? INVALID : OK;
}

struct str access_email_domain(struct str key) {
    size_t at = str_find_byte(key, '@');
    return at == STR_NOT_FOUND ? STR_NONE : str_from_index(key, at + 1);
}

enum status access_name_read(struct arena *arena, struct str text, struct str *name) {
    struct str trimmed = str_trim(text);
    if (str_is_empty(trimmed) || trimmed.len > (size_t)NAME_MAX_CHARACTERS * 4 || !str_is_utf8(trimmed) ||
        u8_mbsnlen((const uint8_t *)trimmed.at, trimmed.len) > NAME_MAX_CHARACTERS)
        return INVALID;
    for (size_t i = 0; i < trimmed.len; i++)
        if ((unsigned char)trimmed.at[i] < ' ' || trimmed.at[i] == 0x7F)
            return INVALID;
    *name = arena_copy(arena, trimmed);
    return OK;
}

struct str access_host_name(struct str host) {
    if (str_starts_with(host, STR("["))) {
        size_t end = str_find_byte(host, ']');
        return end == STR_NOT_FOUND ? host : str_slice(host, 0, end + 1);
    }
    size_t colon = str_find_byte(host, ':');
    return colon == STR_NOT_FOUND ? host : str_slice(host, 0, colon);
}

bool access_host_is_number(struct str name) {
    if (str_is_empty(name) || name.at[0] == '[')
        return true;
    for (size_t i = 0; i < name.len; i++)
        if ((name.at[i] < '0' || name.at[i] > '9') && name.at[i] != '.')
            return false;
    return true;
}
