/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: a token verified for an administrator, and told at length. */
#pragma once

#include "admin_api/sign_in_draft.h"
#include "verifier/verifier.h"

/* Verifies `token` by the opened settings. False: it has answered. identity_release what is verified. */
FIBER NODISCARD bool token_inspect_wait(struct call *call, const struct sign_in_draft *opened,
                                        struct str token, struct str issuer, bool refresh,
                                        struct verifier_inspection *inspection);

/* The verdict as POST …/tokens/test tells it (schema TokenTest). A new reference. */
json_t *token_verdict_json(struct call *call, const struct sign_in_draft *opened,
                           struct verifier_inspection *inspection);

/* A line in the audit log: that it was tested, and what came of it; nothing of the token. False: it has
 * answered. */
FIBER NODISCARD bool token_audit_wait(struct call *call, const struct verifier_inspection *inspection);
