/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256: what stands in for a secret key or a token wherever it is kept or named. */
#pragma once

#include "base/arena.h"

enum { DIGEST_SHA256_LEN = 32 };

void digest_sha256_into(struct str bytes, unsigned char digest[DIGEST_SHA256_LEN]);
struct str digest_sha256(struct arena *arena, struct str bytes);     /* 32 bytes */
struct str digest_sha256_hex(struct arena *arena, struct str bytes); /* 64 lower-case digits */
