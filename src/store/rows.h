/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: rows of one subject that another subject's functions read too. The columns stand in
 * statements.c. */
#pragma once

#include "store/document.h"
#include "store/environment.h"
#include "store/key.h"
#include "store/revocation.h"
#include "store/secret.h"
#include "store/unit.h"
#include "store/visitor.h"

struct store_environment read_environment(struct arena *arena, const struct row *row);
struct store_key read_key(struct arena *arena, const struct row *row);
struct store_secrets read_secrets(struct arena *arena, const struct step *step);
struct store_documents read_documents(struct arena *arena, const struct step *step);
struct store_visitor read_visitor(struct arena *arena, const struct row *row);
struct store_revocations read_revocations(struct arena *arena, const struct step *step);

void unit_add_revocation_list(struct unit *unit, struct str environment);
void unit_add_secret_list(struct unit *unit, struct str environment, struct str purpose, struct str name,
                          bool only_usable);
