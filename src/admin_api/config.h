/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: reading the configuration of the call's environment, and saving a changed one. */
#pragma once

#include "admin_api/call.h"

/* A copy to be changed, the arena's; an empty object where it does not read. */
json_t *config_of(struct call *call);

/* Saves it where the environment's version is what If-Match says (`version`; 0: whatever it is). A pointer
 * into it that a refusal names is told without `within`, which is where the caller's body stands in it.
 * False: it has answered. `call->environment` is up to date. */
FIBER NODISCARD bool config_save_wait(struct call *call, int64_t version, const json_t *config,
                                      struct str within);
