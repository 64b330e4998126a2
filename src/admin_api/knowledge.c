/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/named_document.h"
#include "admin_api/routes.h"

static const struct document_kind knowledge = {
    .kind = STORE_KNOWLEDGE,
    .collection = "knowledge",
    .parameter = "id",
    .noun = "knowledge snippet",
    .is_named_by_itself = true,
    .put_wait = admin_knowledge_put_wait,
};

FIBER void knowledge_list(struct call *call) {
    named_document_list(call, &knowledge);
}

FIBER void knowledge_create(struct call *call) {
    named_document_create(call, &knowledge);
}

FIBER void knowledge_read_one(struct call *call) {
    named_document_read(call, &knowledge);
}

FIBER void knowledge_replace(struct call *call) {
    named_document_replace(call, &knowledge);
}

FIBER void knowledge_delete(struct call *call) {
    named_document_delete(call, &knowledge);
}
