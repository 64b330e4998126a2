/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: sign-in settings with their keys, as saved or as a draft, to test tokens by. */
#pragma once

#include "admin_api/call.h"
#include "environment/environment.h"

struct sign_in_draft {
    struct environment *environment; /* as saved: with it come secrets, tools, knowledge */
    const struct identity_sign_in *sign_in;
    struct jose_key_set *const *keys; /* by issuer; NULL: to be fetched, or none */
    struct identity_sign_in *own;     /* NULL where the saved ones are used */
};

/* `draft` NULL or null: as saved. `pointer` is where it stands in the body. False: it has answered. Close
 * what was opened. */
FIBER NODISCARD bool sign_in_draft_open_wait(struct call *call, const json_t *draft, struct str pointer,
                                             struct sign_in_draft *opened);
void sign_in_draft_close(struct sign_in_draft *opened);
