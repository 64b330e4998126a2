/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { CODE_DIGITS = 6, CODES = 1000000, SHA1_BYTES = 20 };

/* RFC 4226 section 5.3, with the time step as its counter (RFC 6238 section 4.2). */
unsigned access_totp_code(struct str secret, int64_t step) {
    unsigned char counter[8];
    uint64_t number = (uint64_t)step;
    for (unsigned i = 0; i < sizeof counter; i++)
        counter[i] = (unsigned char)(number >> (56 - 8 * i));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (HMAC(EVP_sha1(), secret.at, (int)secret.len, counter, sizeof counter, digest, &len) == NULL ||
        len != SHA1_BYTES)
        return CODES; /* no code is this number */
    unsigned offset = digest[SHA1_BYTES - 1] & 0x0FU;
    uint32_t number_at = ((uint32_t)digest[offset] & 0x7FU) << 24 | (uint32_t)digest[offset + 1] << 16 |
                         (uint32_t)digest[offset + 2] << 8 | digest[offset + 3];
    return number_at % CODES;
}

/* False where it is not six digits. */
static bool read_code(struct str code, char digits[CODE_DIGITS]) {
    size_t count = 0;
    for (size_t i = 0; i < code.len; i++) {
        if (code.at[i] == ' ')
            continue;
        if (code.at[i] < '0' || code.at[i] > '9' || count == CODE_DIGITS)
            return false;
        digits[count++] = code.at[i];
    }
    return count == CODE_DIGITS;
}

int64_t access_totp_verify(struct str secret, struct str code, int64_t now_s, int64_t used) {
    char shown[CODE_DIGITS];
    if (str_is_empty(secret) || !read_code(code, shown))
        return 0;
    int64_t now = now_s / TOTP_STEP_S;
    int64_t found = 0;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        char expected[16];
        snprintf(expected, sizeof expected, "%06u", access_totp_code(secret, step));
        bool is_same = str_equal_secret(str_of(shown, sizeof shown), str_from(expected));
        if (is_same && step > used)
            found = step;
    }
    return found;
}

struct str access_base32(struct arena *arena, struct str bytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *text = arena_alloc(arena, (bytes.len * 8 + 4) / 5 + 1);
    size_t len = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = (bits << 8 | (unsigned char)bytes.at[i]) & 0xFFFU;
        for (count += 8; count >= 5; count -= 5)
            text[len++] = digits[bits >> (count - 5) & 31U];
    }
    if (count > 0)
        text[len++] = digits[bits << (5 - count) & 31U];
    return str_of(text, len);
}
