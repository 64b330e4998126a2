/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures as Standard Webhooks 1.0.0 has them (symmetric, "v1"), so that a tool's backend verifies a call
 * with an existing library: HMAC-SHA256 over "id.timestamp.body" with the secret behind "whsec_" (base64, 24
 * to 64 bytes). */
#pragma once

#include "base/arena.h"

/* The value of `webhook-signature`: "v1,…", one for each secret, separated by spaces. INVALID where a secret
 * is none. */
NODISCARD enum status webhook_sign(struct arena *arena, const struct str *secrets, size_t secret_count,
                                   struct str id, int64_t timestamp_s, struct str body,
                                   struct str *signature);
