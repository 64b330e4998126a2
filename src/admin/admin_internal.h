/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin/: refusals and the audit log's rows. */
#pragma once

#include "admin/admin.h"
#include "store/audit.h"
#include "store/batch.h"
#include "store/load.h"

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
/* The same with what it was and is: JSON, never a secret; NULL: it was not there, or is no more. */
struct store_audit admin_audit_change(const struct admin *admin, struct arena *arena, struct str environment,
                                      struct str action, struct str target, const json_t *before,
                                      const json_t *after);
/* CONFLICT, since somebody else was faster. */
enum status admin_changed_meanwhile(struct admin_error *error, struct arena *arena);

struct str admin_target(struct arena *arena, const char *kind, struct str name);

/* Parts of batches, with their lines in the audit log. */
struct store_key admin_publishable_key(struct arena *arena, struct str environment);
void admin_batch_key(const struct admin *admin, struct arena *arena, struct store_batch *batch,
                     const struct store_key *publishable);
void admin_batch_environment(const struct admin *admin, struct arena *arena, struct store_batch *batch,
                             const struct store_environment *environment, const struct store_key *key);
void admin_batch_document(const struct admin *admin, struct arena *arena, struct store_batch *batch,
                          enum store_document_kind kind, struct str environment, struct str name,
                          const struct store_document *was, const json_t *document);

/* Saves a checked document; NULL: removes it. As admin->version says. */
FIBER NODISCARD enum status admin_document_change_wait(const struct admin *admin, struct arena *arena,
                                                       enum store_document_kind kind, struct str environment,
                                                       struct str name, const json_t *document,
                                                       struct store_document *stored, bool *changed,
                                                       struct admin_error *error);

/* A checked configuration as it is kept: a member that is null is as one that is absent, and is left out; but
 * the page's own (appearance) and pasted keys are kept as they are. The arena's. */
const json_t *admin_config_normal(struct arena *arena, const json_t *config);

/* What export gives, of an environment as read in one snapshot. */
json_t *admin_export_json(const struct store_loaded *loaded);
int64_t admin_export_version(const struct store_loaded *loaded);

NODISCARD enum status admin_name_check(struct arena *arena, struct str name, struct admin_error *error);
