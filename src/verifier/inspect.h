/* SPDX-License-Identifier: Apache-2.0 */
/* Private to verifier/. */
#pragma once

#include "identity/identity.h"
#include "keyset/keyset.h"

/* How a refusal calls what went wrong with the keys. */
enum identity_detail fetch_detail(enum keyset_problem problem);
