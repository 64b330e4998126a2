/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: every statement by its number. The texts are in statements.c, in the subset of SQL that
 * SQLite, PostgreSQL, CockroachDB, YugabyteDB and Citus run alike; tests/unit/store lints them. */
#pragma once

enum statement {
    /* the installation */
    PING,
    MIGRATIONS_CREATE,
    MIGRATIONS_LAST,
    MIGRATIONS_INSERT,
    MIGRATIONS_LOCK_INSERT,
    MIGRATIONS_LOCK,
    /* connections that write, where the answer to a commit can get lost */
    WRITER_INSERT,
    WRITER_ADVANCE,
    WRITER_CLAIM,
    WRITER_PRUNE,
    /* products */
    PRODUCT_INSERT,
    PRODUCT_FIND,
    PRODUCT_LIST,
    PRODUCT_RENAME,
    PRODUCT_DELETE,
    /* environments */
    ENVIRONMENT_INSERT,
    ENVIRONMENT_FIND,
    ENVIRONMENT_FIND_NAMED,
    ENVIRONMENT_LIST,
    ENVIRONMENT_LIST_ALL,
    ENVIRONMENT_SET_CONFIG,
    ENVIRONMENT_RENAME,
    ENVIRONMENT_DELETE,
    ENVIRONMENT_DELETE_KEYS,
    ENVIRONMENT_DELETE_SECRETS,
    ENVIRONMENT_DELETE_TOOLS,
    ENVIRONMENT_DELETE_KNOWLEDGE,
    ENVIRONMENT_DELETE_VISITORS,
    ENVIRONMENT_DELETE_CONVERSATIONS,
    ENVIRONMENT_DELETE_MESSAGES,
    /* keys */
    KEY_INSERT,
    KEY_FIND,
    KEY_LIST,
    KEY_REVOKE,
    KEY_USED,
    /* secrets */
    SECRET_INSERT,
    SECRET_EXPIRE_OTHERS,
    SECRET_REVOKE_OTHERS,
    SECRET_LIST,
    SECRET_KILL,
    SECRET_USED,
    SECRET_SCAN,
    SECRET_RESEAL,
    /* tools and knowledge */
    TOOL_PUT,
    TOOL_FIND,
    TOOL_LIST,
    TOOL_REMOVE,
    KNOWLEDGE_PUT,
    KNOWLEDGE_FIND,
    KNOWLEDGE_LIST,
    KNOWLEDGE_REMOVE,
    /* visitors */
    VISITOR_INSERT,
    VISITOR_FIND,
    VISITOR_FIND_SUBJECT,
    VISITOR_FIND_RESUME_HASH,
    /* conversations */
    CONVERSATION_INSERT,
    CONVERSATION_FIND,
    CONVERSATION_LIST,
    CONVERSATION_SET_TITLE,
    CONVERSATION_MOVE,
    /* messages */
    MESSAGE_ADVANCE,
    MESSAGE_INSERT,
    MESSAGE_FIND_CLIENT_ID,
    MESSAGE_ADVANCE_TWO,
    MESSAGE_INSERT_BEHIND,
    MESSAGE_SET_STATE,
    MESSAGE_LIST_AFTER,
    MESSAGE_LIST_LATEST,
    /* audit */
    AUDIT_INSERT,
    AUDIT_LIST,
    AUDIT_LIST_OLDEST,
    AUDIT_LIST_VISITOR,
    AUDIT_LIST_VISITOR_OLDEST,
    AUDIT_LIST_SUBJECT,
    AUDIT_LIST_SUBJECT_OLDEST,
    AUDIT_LIST_TOOL,
    AUDIT_LIST_TOOL_OLDEST,
    AUDIT_LIST_ACTOR,
    AUDIT_LIST_ACTOR_OLDEST,
    /* idempotency keys */
    IDEMPOTENCY_PRUNE,
    IDEMPOTENCY_DROP_DEAD,
    IDEMPOTENCY_CLAIM,
    IDEMPOTENCY_FIND,
    IDEMPOTENCY_SETTLE,
    IDEMPOTENCY_RELEASE,
    /* changes */
    CHANGE_PRUNE,
    CHANGE_ADVANCE,
    CHANGE_INSERT,
    CHANGE_HEAD,
    CHANGE_LIST,
    STATEMENT_COUNT,
};

/* Parameters are $1, $2, …; every one of them stands in the text. Numbers that go through a SELECT are cast,
 * since a parameter there has no type of its own on PostgreSQL. */
extern const char *const statement_text[STATEMENT_COUNT];
