/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures: JOSE writes r and s side by side (RFC 7518 section 3.4), OpenSSL wants them in DER (RFC
 * 3279 section 2.2.3). */
#pragma once

#include "jose/algorithm.h"

enum { JOSE_DER_MAX = 2 * (JOSE_FIELD_MAX + 3) + 3 };

/* `raw` is exactly two numbers of the same length. Returns the bytes written to `der` (JOSE_DER_MAX); 0 where
 * r or s is zero. */
size_t jose_ecdsa_to_der(struct str raw, unsigned char *der);

/* The other way, into `raw` of twice `field_len` bytes. */
NODISCARD enum status jose_ecdsa_from_der(struct str der, size_t field_len, unsigned char *raw);
