/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: what tools and knowledge have in common as resources: documents of an environment,
 * each with a name and a version. */
#pragma once

#include "admin_api/call.h"

struct document_kind {
    enum store_document_kind kind;
    const char *collection;  /* "tools" */
    const char *parameter;   /* of the path, and the document's member that is its name: "name", "id" */
    const char *noun;        /* "tool" */
    bool is_named_by_itself; /* its id is its name */
    FIBER enum status (*put_wait)(const struct admin *admin, struct arena *arena,
                                  const struct store_environment *environment, const json_t *document,
                                  struct store_document *stored, bool *changed, struct admin_error *error);
};

FIBER void named_document_list(struct call *call, const struct document_kind *kind);
FIBER void named_document_create(struct call *call, const struct document_kind *kind);
FIBER void named_document_read(struct call *call, const struct document_kind *kind);
FIBER void named_document_replace(struct call *call, const struct document_kind *kind);
FIBER void named_document_delete(struct call *call, const struct document_kind *kind);
