/* SPDX-License-Identifier: Apache-2.0 */
/* The document that scripts/openapi.py has merged, from the binary. */
#include "admin_api/routes.h"

extern const char admin_api_document_text[];
extern const uint64_t admin_api_document_len;

struct str admin_api_document(void) {
    return str_of(admin_api_document_text, admin_api_document_len);
}

void openapi_read(struct call *call) {
    call->response->status = 200;
    call->response->content_type = STR("application/json");
    call->response->body = admin_api_document();
}
