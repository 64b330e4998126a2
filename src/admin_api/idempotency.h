/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). */
#pragma once

#include "admin_api/call.h"

/* Calls the route's handler, unless the same administrator has made the same call with the same key within a
 * day: then its answer is given again, without what was a secret. */
FIBER void idempotency_handle_wait(struct call *call);
