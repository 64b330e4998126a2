/* SPDX-License-Identifier: Apache-2.0 */
/* Private to environment/: making an environment from its rows. */
#pragma once

#include "environment/environment.h"
#include "store/load.h"

/* Reads the rows (which need not outlive the call), opens the secrets. The environment comes with one
 * reference. INVALID: its configuration does not read; tools and secrets that do not are left out and logged.
 */
void environment_copy_revocations(struct environment *environment, struct arena *arena,
                                  const struct store_revocations *rows);
NODISCARD enum status environment_make(const struct store_loaded *rows, const struct vault *vault,
                                       struct environment **environment);
