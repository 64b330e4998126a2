/* SPDX-License-Identifier: Apache-2.0 */
/* Invitations of administrators, by which they set their password: one open at a time for each. */
#pragma once

#include "store/store.h"

struct store_sign_in;

#define STORE_INVITATION_JOIN   STR("join")   /* name and password are set */
#define STORE_INVITATION_RESET  STR("reset")  /* the password is set, all sessions end */
#define STORE_INVITATION_RESCUE STR("rescue") /* and one-time codes, recovery codes and passkeys go */
/* For the administrator as `version` has them. CONFLICT: changed meanwhile, or gone. */
FIBER NODISCARD enum status store_invitation_put_wait(struct store *store, struct str administrator,
                                                      int64_t version, struct str hash, struct str effect,
                                                      int64_t expires_at, const struct store_audit *audit);
/* Uses it up, sets the password and signs in; not who `has_second_factor` that they keep: `*is_signed_in`.
 * NOT_FOUND: it is gone. */
FIBER NODISCARD enum status store_invitation_accept_wait(struct store *store, struct str administrator,
                                                         struct str hash, struct str name,
                                                         struct str password_hash, bool has_second_factor,
                                                         const struct store_sign_in *sign_in,
                                                         bool *is_signed_in);
