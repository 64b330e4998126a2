/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/ecdsa.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <string.h>

enum { DER_SEQUENCE = 0x30, DER_INTEGER = 0x02, DER_LONG_FORM = 0x80 };

/* An INTEGER without needless leading zeros, positive. The bytes written; 0 for zero. */
static size_t put_integer(const unsigned char *at, size_t len, unsigned char *der) {
    while (len > 0 && *at == 0) {
        at++;
        len--;
    }
    if (len == 0)
        return 0;
    size_t sign = (at[0] & 0x80U) != 0 ? 1 : 0; /* a zero byte in front keeps it positive */
    der[0] = DER_INTEGER;
    der[1] = (unsigned char)(len + sign);
    der[2] = 0;
    memcpy(der + 2 + sign, at, len);
    return 2 + sign + len;
}

size_t jose_ecdsa_to_der(struct str raw, unsigned char *der) {
    size_t half = raw.len / 2;
    unsigned char numbers[2 * (JOSE_FIELD_MAX + 3)];
    if (half > JOSE_FIELD_MAX || raw.len != 2 * half)
        return 0;
    size_t r = put_integer((const unsigned char *)raw.at, half, numbers);
    size_t s = r > 0 ? put_integer((const unsigned char *)raw.at + half, half, numbers + r) : 0;
    if (s == 0)
        return 0;
    size_t used = 0;
    der[used++] = DER_SEQUENCE;
    if (r + s >= DER_LONG_FORM)
        der[used++] = DER_LONG_FORM | 1;
    der[used++] = (unsigned char)(r + s);
    memcpy(der + used, numbers, r + s);
    return used + r + s;
}

enum status jose_ecdsa_from_der(struct str der, size_t field_len, unsigned char *raw) {
    const unsigned char *at = (const unsigned char *)der.at;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
    bool fits = signature != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, (int)field_len) >= 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + field_len, (int)field_len) >= 0;
    ECDSA_SIG_free(signature);
    return fits ? OK : FAILED;
}
