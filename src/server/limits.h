/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: who asks too often is answered 429. */
#pragma once

#include "server/front.h"

/* Each gives false where it has answered. */

/* One more request from where it came. */
NODISCARD bool limits_admit(struct exchange *exchange);
/* One more request to this environment, unless it was counted before. */
NODISCARD bool limits_admit_environment(struct exchange *exchange, const struct environment *environment);
/* A key that nothing is known of yet: from where many of those were wrong, no more are looked at. */
NODISCARD bool limits_admit_guess(struct exchange *exchange);
/* The same for a token, unless it was found good before. */
NODISCARD bool limits_admit_token(struct exchange *exchange, const struct environment *environment,
                                  struct str token);
/* It was wrong. */
void limits_count_wrong_guess(struct exchange *exchange);
/* The same for a token: its signature, not whatever else may be wrong with one that was really issued. */
void limits_count_refused(struct exchange *exchange, const struct identity_failure *failure);

struct limit_source limits_source_of(struct front *front, const struct http_address *address);
