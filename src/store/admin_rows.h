/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: rows and steps that the files about administrators share. */
#pragma once

#include "store/administrator.h"
#include "store/unit.h"

struct store_administrator read_administrator(struct arena *arena, const struct row *row);

/* All that begins or is used up with it. */
struct store_sign_in;
void unit_add_sign_in(struct unit *unit, const struct store_sign_in *sign_in, struct str administrator);

/* What may be used once is used now; else the unit ends with CONFLICT. */
void unit_add_spent(struct unit *unit, struct str hash, int64_t until);
