/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "identity/identity.h"

/* Reads the payload as claims, once. INVALID with the failure. */
NODISCARD enum status token_read_claims(struct identity_token *token, struct arena *arena,
                                        struct identity_failure *failure);
