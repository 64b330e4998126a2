/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: visitors, sessions, conversations and rows of the audit log as JSON, for all who
 * answer with them. New references. */
#pragma once

#include "admin_api/call.h"
#include "store/audit.h"
#include "store/conversation_seen.h"
#include "store/visitor_seen.h"

/* A session says every ten minutes that it is still there: who has not said so for that long is not. */
enum { SESSION_SILENT_MS = 25 * 60 * 1000 };
int64_t session_open_since(void);

json_t *visitor_json(const struct store_visitor_seen *seen);
json_t *conversation_json(const struct store_conversation_seen *seen);
json_t *message_json(const struct store_message *message);
json_t *session_json(const struct store_session *session);
json_t *audit_json(const struct store_audit *audit);

/* The visitor that the path names; false: it has answered. */
FIBER NODISCARD bool people_find_visitor_wait(struct call *call, struct store_visitor_seen *visitor);
/* After a list of the store's: false, it has answered (a cursor that is none: 400). */
NODISCARD bool people_is_listed(struct call *call, enum status status);

/* The rows of the log that the query asks for. False: it has answered. */
NODISCARD bool audit_read_filter(struct call *call, struct store_audit_filter *filter);
