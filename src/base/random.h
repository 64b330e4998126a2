/* SPDX-License-Identifier: Apache-2.0 */
/* The one door to randomness: OpenSSL's generator, seeded by the kernel. */
#pragma once

#include "base/arena.h"

void random_bytes(void *at, size_t len); /* aborts where the system gives none: nothing is safe without */
uint64_t random_below(uint64_t bound);   /* uniform in [0, bound); bound > 0 */

/* A fresh id: a prefix, an underscore and a UUIDv7 (RFC 9562) in 32 hexadecimal digits; ids made later sort
 * later. */
struct str id_new(struct arena *arena, struct str prefix);

/* `prefix` and 32 random bytes as base64url: for secrets and keys. */
struct str random_secret(struct arena *arena, struct str prefix);
