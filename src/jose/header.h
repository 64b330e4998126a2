/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "jose/jose.h"

/* Reads the encoded header into `jws`: header, algorithm, alg, kid and typ. INVALID, with `*why`, where it
 * may not be understood. */
NODISCARD enum status jose_header_read(struct str encoded, struct arena *arena, struct jose_jws *jws,
                                       const char **why);
