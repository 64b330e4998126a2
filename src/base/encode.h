/* SPDX-License-Identifier: Apache-2.0 */
/* base64url, base64 and hexadecimal (RFC 4648), strict: no white space, no foreign alphabet, no wrong
 * padding, and no stray bits behind the last byte (section 3.5), so that a value has exactly one spelling. */
#pragma once

#include "base/arena.h"

struct str base64url_encode(struct arena *arena, struct str bytes); /* no padding, RFC 7515 section 2 */
size_t base64url_len(size_t bytes);                                 /* digits that so many bytes take */
struct str base64url_encode_into(char *room, struct str bytes);     /* `room` for that many */
NODISCARD enum status base64url_decode(struct arena *arena, struct str text, struct str *bytes);
struct str base64_encode(struct arena *arena, struct str bytes); /* padded */
NODISCARD enum status base64_decode(struct arena *arena, struct str text,
                                    struct str *bytes);       /* padding required */
struct str hex_encode(struct arena *arena, struct str bytes); /* lower case */
NODISCARD enum status hex_decode(struct arena *arena, struct str text, struct str *bytes);

/* All but unreserved characters, RFC 3986 sections 2.1 and 2.3. */
struct str percent_encode(struct arena *arena, struct str text);
