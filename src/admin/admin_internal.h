/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin/: refusals and the audit log's rows. */
#pragma once

#include "admin/admin.h"

/* Fills the error and gives `status`, for `return admin_refuse(…)`. */
__attribute__((format(printf, 5, 6))) enum status admin_refuse(struct admin_error *error, struct arena *arena,
                                                               enum status status, struct str pointer,
                                                               const char *format, ...);
/* The sentence for a status of the store's that says no more; OK stays OK. `what` is a noun phrase: "the
 * tool". */
enum status admin_store_error(struct admin_error *error, struct arena *arena, enum status status,
                              const char *what);

/* The row that says who changed what; `target` as "tool/get_balance". */
struct store_audit admin_audit(const struct admin *admin, struct str environment, struct str action,
                               struct str target);
struct str admin_target(struct arena *arena, const char *kind, struct str name);

NODISCARD enum status admin_name_check(struct arena *arena, struct str name, struct admin_error *error);
