/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: a token's times in words, and what an administrator can do about a refusal. Pure. */
#pragma once

#include "base/json.h"
#include "identity/identity.h"

/* "3 minutes", "1 hour", "2 days"; of a duration that is not negative. */
struct str duration_words(struct arena *arena, int64_t seconds);

/* [{"name", "at", "words"}] of the times that the claims have. A new reference. */
json_t *token_times_json(struct arena *arena, const json_t *claims, int64_t now_s);

/* What would mend it, as data for a button: {"kind", "label", "issuer", "pointer", "value"}; null where
 * nothing can be done here. `issuer` NULL: the token belongs to none. A new reference. */
json_t *token_fix_json(struct arena *arena, const struct identity_sign_in *sign_in,
                       const struct identity_issuer *issuer, const struct identity_failure *failure,
                       const json_t *header, const json_t *claims);
