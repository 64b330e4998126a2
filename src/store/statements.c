/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statements.h"

#define ENVIRONMENT_COLUMNS                                                                                  \
    "SELECT e.id, e.product_id, p.name, e.name, e.config, e.version, e.created_at, e.updated_at"             \
    " FROM environments e JOIN products p ON p.id = e.product_id"

#define KEY_COLUMNS "SELECT environment_id, id, kind, text, created_at, revoked_at, last_used_at FROM keys"

#define SECRET_COLUMNS                                                                                       \
    "SELECT environment_id, id, purpose, name, hint, sealed, created_at, expires_at, revoked_at, "           \
    "last_used_at"                                                                                           \
    " FROM secrets"

#define DOCUMENT_COLUMNS "SELECT environment_id, id, name, document, version, created_at, updated_at"

/* By version: $2 name. What is not as it was seen is left alone. */
#define DOCUMENT_INSERT(table)                                                                               \
    "INSERT INTO " table " (environment_id, name, id, document, version, created_at, updated_at)"            \
    " SELECT e.id, $2, $3, $4, 1, CAST($5 AS BIGINT), CAST($5 AS BIGINT) FROM environments e WHERE e.id = "  \
    "$1"                                                                                                     \
    " ON CONFLICT (environment_id, name) DO NOTHING"
#define DOCUMENT_REPLACE(table)                                                                              \
    "UPDATE " table " SET document = $4, version = version + 1, updated_at = $5"                             \
    " WHERE environment_id = $1 AND name = $2 AND version = $3"
#define DOCUMENT_DROP(table) "DELETE FROM " table " WHERE environment_id = $1 AND name = $2 AND version = $3"

#define PRODUCT_COLUMNS "SELECT id, name, created_at, COALESCE(version, 1) FROM products"

/* Whether a name begins with $1; the product is $2, or any. */
#define BEGINS(name) "SUBSTR(" name ", 1, LENGTH(CAST($1 AS TEXT))) = $1"
#define OF_PRODUCT   " AND (CAST($2 AS TEXT) IS NULL OR p.id = $2)"

#define CONVERSATION_COLUMNS                                                                                 \
    "SELECT id, visitor_id, title, created_at, updated_at, last_position FROM conversations"

#define MESSAGE_COLUMNS                                                                                      \
    "SELECT position, id, role, subject, issuer, text, parts, state, client_id, created_at FROM messages"

/* $1 environment, $2 and $3 the ids between which it lies, $4 to $10 restrictions (NULL: none), $11 how many.
 * `driving` is the one that an index serves. No more than $12 rows of that index are looked at: whatever is
 * asked for, the answer comes soon, and says how far it has looked (AUDIT_WINDOW). */
#define AUDIT_LISTED(driving, order)                                                                         \
    "SELECT a.environment_id, a.id, a.at, a.action, a.actor, a.visitor_id, a.subject, a.issuer,"             \
    " a.acting_for, a.session_id, a.conversation_id, a.tool, a.parameters, a.parameter_values, a.token,"     \
    " a.target, a.outcome, a.reason, a.detail, a.duration_us, a.state_before, a.state_after"                 \
    " FROM (SELECT w.id FROM (SELECT id, visitor_id, subject, tool, actor, action, outcome, reason"          \
    " FROM audit WHERE environment_id = $1 AND id > $2 AND id < $3" driving " ORDER BY id " order            \
    " LIMIT $12) AS w"                                                                                       \
    " WHERE (CAST($4 AS TEXT) IS NULL OR w.visitor_id = $4)"                                                 \
    " AND (CAST($5 AS TEXT) IS NULL OR w.subject = $5)"                                                      \
    " AND (CAST($6 AS TEXT) IS NULL OR w.tool = $6)"                                                         \
    " AND (CAST($7 AS TEXT) IS NULL OR w.actor = $7)"                                                        \
    " AND (CAST($8 AS TEXT) IS NULL OR w.action = $8)"                                                       \
    " AND (CAST($9 AS TEXT) IS NULL OR w.outcome = $9)"                                                      \
    " AND (CAST($10 AS TEXT) IS NULL OR w.reason = $10)"                                                     \
    " ORDER BY w.id " order " LIMIT $11) AS few JOIN audit a ON a.environment_id = $1 AND a.id = few.id"     \
    " ORDER BY a.id " order

/* The first and the last id that AUDIT_LISTED looks at, and how many. $4 is what drives, $5 the bound. */
#define AUDIT_WINDOWED(driving, order, limit)                                                                \
    "SELECT MIN(w.id), MAX(w.id), COUNT(*) FROM (SELECT id FROM audit"                                       \
    " WHERE environment_id = $1 AND id > $2 AND id < $3" driving " ORDER BY id " order " LIMIT " limit       \
    ") AS w"

#define VISITOR_SEEN_COLUMNS                                                                                 \
    "SELECT v.environment_id, v.id, v.issuer, v.subject, v.created_at, p.name, p.email, p.seen_at,"          \
    " p.revoked_at"
#define VISITOR_PROFILE                                                                                      \
    " LEFT JOIN visitor_profiles p ON p.environment_id = v.environment_id AND p.visitor_id = v.id"
#define VISITOR_LISTED(which)                                                                                \
    VISITOR_SEEN_COLUMNS " FROM visitors v" VISITOR_PROFILE                                                  \
                         " WHERE v.environment_id = $1 AND v.id < $2" which " ORDER BY v.id DESC LIMIT $3"

/* Each row once, where it was found by its last word of those that fit. $2 to $5: where the words begin, the
 * place behind which they go on, where they end. */
#define FOUND_BY_WORD(kind)                                                                                  \
    " WHERE s.environment_id = $1 AND s.kind = '" kind "' AND s.word >= $2 AND (s.word, s.id) < ($3, $4)"    \
    " AND NOT EXISTS (SELECT 1 FROM search_words o WHERE o.environment_id = $1 AND o.kind = '" kind "'"      \
    " AND o.id = s.id AND o.word > s.word AND o.word < $5)"                                                  \
    " ORDER BY s.word DESC, s.id DESC LIMIT $6"

#define CONVERSATION_SEEN_COLUMNS                                                                            \
    "SELECT c.id, c.visitor_id, c.title, c.created_at, c.updated_at, c.last_position, v.issuer, v.subject,"  \
    " p.name, p.email"
#define CONVERSATION_OF                                                                                      \
    " LEFT JOIN visitors v ON v.environment_id = c.environment_id AND v.id = c.visitor_id"                   \
    " LEFT JOIN visitor_profiles p ON p.environment_id = c.environment_id AND p.visitor_id = c.visitor_id"

#define SESSION_COLUMNS                                                                                      \
    "SELECT s.environment_id, s.id, s.visitor_id, s.issuer, s.token, s.token_ends_at, s.provider_session,"   \
    " s.client, s.started_at, s.seen_at, s.ended_at, s.revoked_at, v.subject, p.name"                        \
    " FROM visitor_sessions s"                                                                               \
    " LEFT JOIN visitors v ON v.environment_id = s.environment_id AND v.id = s.visitor_id"                   \
    " LEFT JOIN visitor_profiles p ON p.environment_id = s.environment_id AND p.visitor_id = s.visitor_id"

#define ADMINISTRATOR_COLUMNS                                                                                \
    "SELECT a.id, a.email, a.name, a.password_hash, a.roles, a.sso_issuer, a.sso_subject, a.made_by,"        \
    " a.totp_at, a.totp_step, a.version, a.created_at, a.activated_at, a.last_sign_in_at,"                   \
    " (SELECT COUNT(*) FROM passkeys p WHERE p.administrator_id = a.id),"                                    \
    " (SELECT COUNT(*) FROM recovery_codes r WHERE r.administrator_id = a.id),"                              \
    " (SELECT i.expires_at FROM invitations i WHERE i.administrator_id = a.id)"                              \
    " FROM administrators a"

#define ADMIN_SESSION_COLUMNS                                                                                \
    "SELECT id, administrator_id, method, created_at, signed_in_at, used_at, address, user_agent"            \
    " FROM administrator_sessions"

#define PASSKEY_COLUMNS                                                                                      \
    "SELECT credential, id, administrator_id, rp_id, algorithm, public_key, sign_count, name, created_at,"   \
    " last_used_at FROM passkeys"

#define API_TOKEN_COLUMNS                                                                                    \
    "SELECT id, administrator_id, name, hint, scopes, product_id, created_at, expires_at, last_used_at"      \
    " FROM api_tokens"

const char *const statement_text[STATEMENT_COUNT] = {
    [PING] = "SELECT 1",
    [MIGRATIONS_CREATE] = "CREATE TABLE IF NOT EXISTS migrations"
                          " (number BIGINT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (number))",
    [MIGRATIONS_LAST] = "SELECT MAX(number) FROM migrations",
    [MIGRATIONS_INSERT] = "INSERT INTO migrations (number, applied_at) VALUES ($1, $2)",

    [MIGRATIONS_LOCK_INSERT] = "INSERT INTO migrations (number, applied_at) VALUES (0, $1)"
                               " ON CONFLICT (number) DO NOTHING",
    [MIGRATIONS_LOCK] = "UPDATE migrations SET applied_at = $1 WHERE number = 0",

    [WRITER_INSERT] = "INSERT INTO writers (id, number, used_at) VALUES ($1, $2, $3)"
                      " ON CONFLICT (id) DO UPDATE SET number = excluded.number, used_at = excluded.used_at",
    [WRITER_ADVANCE] = "UPDATE writers SET number = $2, used_at = $3 WHERE id = $1",
    [WRITER_CLAIM] = "UPDATE writers SET used_at = $2 WHERE id = $1 RETURNING number",
    [WRITER_PRUNE] = "DELETE FROM writers WHERE used_at < $1",

    [PRODUCT_INSERT] = "INSERT INTO products (id, name, created_at) VALUES ($1, $2, $3)",
    [PRODUCT_FIND] = PRODUCT_COLUMNS " WHERE id = $1 OR name = $1",
    [PRODUCT_LIST] = PRODUCT_COLUMNS " WHERE name > $1 ORDER BY name LIMIT $2",
    [PRODUCT_LIST_PREFIX] = PRODUCT_COLUMNS
    " WHERE name > $1 AND SUBSTR(name, 1, LENGTH(CAST($2 AS TEXT))) = $2 ORDER BY name LIMIT $3",
    [PRODUCT_RENAME] = "UPDATE products SET name = $2, version = COALESCE(version, 1) + 1"
                       " WHERE id = $1 AND (CAST($3 AS BIGINT) IS NULL OR COALESCE(version, 1) = $3)"
                       " RETURNING version",
    [PRODUCT_DELETE] = "DELETE FROM products WHERE id = $1"
                       " AND (CAST($2 AS BIGINT) IS NULL OR COALESCE(version, 1) = $2)"
                       " AND NOT EXISTS (SELECT 1 FROM environments e WHERE e.product_id = $1)",

    [ENVIRONMENT_INSERT] =
        "INSERT INTO environments (id, product_id, name, config, version, created_at, updated_at)"
        " SELECT $1, p.id, $3, $4, 1, CAST($5 AS BIGINT), CAST($5 AS BIGINT) FROM products p WHERE p.id = $2",
    [ENVIRONMENT_FIND] = ENVIRONMENT_COLUMNS " WHERE e.id = $1",
    [ENVIRONMENT_FIND_NAMED] = ENVIRONMENT_COLUMNS " WHERE e.product_id = $1 AND e.name = $2",
    [ENVIRONMENT_LIST] =
        ENVIRONMENT_COLUMNS " WHERE e.product_id = $1 AND e.name > $2 ORDER BY e.name LIMIT $3",
    [ENVIRONMENT_LIST_ALL] = ENVIRONMENT_COLUMNS " WHERE e.id > $1 ORDER BY e.id LIMIT $2",
    [ENVIRONMENT_SET_CONFIG] = "UPDATE environments SET config = $3, version = version + 1, updated_at = $4"
                               " WHERE id = $1 AND version = $2 RETURNING version",
    [ENVIRONMENT_RENAME] = "UPDATE environments SET name = $2, updated_at = $3, version = version + 1"
                           " WHERE id = $1 AND (CAST($4 AS BIGINT) IS NULL OR version = $4)"
                           " RETURNING version",
    [ENVIRONMENT_UNCHANGED] =
        "SELECT e.id FROM environments e WHERE e.id = $1 AND e.version = $2"
        " AND (SELECT COUNT(*) FROM tools t WHERE t.environment_id = $1) = CAST($3 AS BIGINT)"
        " AND (SELECT COALESCE(SUM(t.version), 0) FROM tools t WHERE t.environment_id = $1) = CAST($4 AS "
        "BIGINT)"
        " AND (SELECT COUNT(*) FROM knowledge k WHERE k.environment_id = $1) = CAST($5 AS BIGINT)"
        " AND (SELECT COALESCE(SUM(k.version), 0) FROM knowledge k WHERE k.environment_id = $1) = CAST($6 AS "
        "BIGINT)",
    [ENVIRONMENT_DELETE] = "DELETE FROM environments WHERE id = $1"
                           " AND (CAST($2 AS BIGINT) IS NULL OR version = $2)",
    [ENVIRONMENT_DELETE_KEYS] = "DELETE FROM keys WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_SECRETS] = "DELETE FROM secrets WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_TOOLS] = "DELETE FROM tools WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_KNOWLEDGE] = "DELETE FROM knowledge WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_VISITORS] = "DELETE FROM visitors WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_CONVERSATIONS] = "DELETE FROM conversations WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_MESSAGES] = "DELETE FROM messages WHERE environment_id = $1",

    [KEY_INSERT] = "INSERT INTO keys (environment_id, id, kind, lookup, text, created_at)"
                   " SELECT e.id, $2, $3, $4, $5, CAST($6 AS BIGINT) FROM environments e WHERE e.id = $1",
    [KEY_FIND] = KEY_COLUMNS " WHERE lookup = $1 AND kind = $2 AND revoked_at IS NULL",
    [KEY_LIST] = KEY_COLUMNS " WHERE environment_id = $1 ORDER BY id DESC",
    [KEY_REVOKE] =
        "UPDATE keys SET revoked_at = $3 WHERE environment_id = $1 AND id = $2 AND revoked_at IS NULL",
    [KEY_USED] = "UPDATE keys SET last_used_at = $3 WHERE environment_id = $1 AND id = $2"
                 " AND (last_used_at IS NULL OR last_used_at < $4)",

    [SECRET_INSERT] =
        "INSERT INTO secrets (environment_id, id, purpose, name, hint, sealed, created_at, expires_at)"
        " SELECT e.id, $2, $3, $4, $5, $6, CAST($7 AS BIGINT), CAST($8 AS BIGINT)"
        " FROM environments e WHERE e.id = $1",
    [SECRET_EXPIRE_OTHERS] = "UPDATE secrets SET expires_at = $5"
                             " WHERE environment_id = $1 AND purpose = $2 AND name = $3 AND id <> $4"
                             " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $5)",
    [SECRET_REVOKE_OTHERS] = "UPDATE secrets SET revoked_at = $5, sealed = NULL"
                             " WHERE environment_id = $1 AND purpose = $2 AND name = $3 AND id <> $4"
                             " AND revoked_at IS NULL",
    [SECRET_LIST] = SECRET_COLUMNS " WHERE environment_id = $1"
                                   " AND (CAST($2 AS TEXT) IS NULL OR purpose = $2)"
                                   " AND (CAST($3 AS TEXT) IS NULL OR name = $3)"
                                   " AND (CAST($4 AS BIGINT) IS NULL OR (revoked_at IS NULL"
                                   " AND (expires_at IS NULL OR expires_at > $4)))"
                                   " ORDER BY created_at DESC, id DESC",
    [SECRET_KILL] = "UPDATE secrets SET revoked_at = $3, sealed = NULL"
                    " WHERE environment_id = $1 AND id = $2 AND revoked_at IS NULL",
    [SECRET_USED] = "UPDATE secrets SET last_used_at = $3 WHERE environment_id = $1 AND id = $2"
                    " AND (last_used_at IS NULL OR last_used_at < $4)",
    [SECRET_SCAN] = SECRET_COLUMNS " WHERE sealed IS NOT NULL AND (environment_id, id) > ($1, $2)"
                                   " ORDER BY environment_id, id LIMIT $3",
    [SECRET_RESEAL] = "UPDATE secrets SET sealed = $4 WHERE environment_id = $1 AND id = $2 AND sealed = $3",

    [TOOL_FIND] = DOCUMENT_COLUMNS " FROM tools WHERE environment_id = $1 AND name = $2",
    [TOOL_LIST] = DOCUMENT_COLUMNS " FROM tools WHERE environment_id = $1 ORDER BY name",
    [TOOL_INSERT] = DOCUMENT_INSERT("tools"),
    [TOOL_REPLACE] = DOCUMENT_REPLACE("tools"),
    [TOOL_DROP] = DOCUMENT_DROP("tools"),
    [KNOWLEDGE_FIND] = DOCUMENT_COLUMNS " FROM knowledge WHERE environment_id = $1 AND name = $2",
    [KNOWLEDGE_LIST] = DOCUMENT_COLUMNS " FROM knowledge WHERE environment_id = $1 ORDER BY name",
    [KNOWLEDGE_INSERT] = DOCUMENT_INSERT("knowledge"),
    [KNOWLEDGE_REPLACE] = DOCUMENT_REPLACE("knowledge"),
    [KNOWLEDGE_DROP] = DOCUMENT_DROP("knowledge"),

    [VISITOR_INSERT] = "INSERT INTO visitors (environment_id, id, issuer, subject, resume_hash, created_at)"
                       " SELECT e.id, $2, $3, $4, $5, CAST($6 AS BIGINT) FROM environments e WHERE e.id = $1"
                       " ON CONFLICT DO NOTHING",
    [VISITOR_FIND] = "SELECT environment_id, id, issuer, subject, created_at FROM visitors"
                     " WHERE environment_id = $1 AND id = $2",
    [VISITOR_FIND_SUBJECT] = "SELECT environment_id, id, issuer, subject, created_at FROM visitors"
                             " WHERE environment_id = $1 AND issuer = $2 AND subject = $3",
    [VISITOR_FIND_RESUME_HASH] = "SELECT environment_id, id, issuer, subject, created_at FROM visitors"
                                 " WHERE environment_id = $1 AND resume_hash = $2",

    [CONVERSATION_INSERT] =
        "INSERT INTO conversations"
        " (environment_id, id, visitor_id, title, created_at, updated_at, last_position)"
        " SELECT v.environment_id, $3, v.id, $4, CAST($5 AS BIGINT), CAST($5 AS BIGINT), 0"
        " FROM visitors v WHERE v.environment_id = $1 AND v.id = $2",
    [CONVERSATION_FIND] = CONVERSATION_COLUMNS " WHERE environment_id = $1 AND id = $2"
                                               " AND (CAST($3 AS TEXT) IS NULL OR visitor_id = $3)",
    [CONVERSATION_LIST] = CONVERSATION_COLUMNS " WHERE environment_id = $1 AND visitor_id = $2"
                                               " AND (updated_at, id) < ($3, $4)"
                                               " ORDER BY updated_at DESC, id DESC LIMIT $5",
    [CONVERSATION_MOVE] = "UPDATE conversations SET visitor_id = $4"
                          " WHERE environment_id = $1 AND id = $2 AND visitor_id = $3",

    /* A message that is there already (same client id) moves nothing and is not inserted. */
    [MESSAGE_ADVANCE] = "UPDATE conversations SET last_position = last_position + 1, updated_at = $4"
                        " WHERE environment_id = $1 AND id = $2"
                        " AND (CAST($5 AS TEXT) IS NULL OR visitor_id = $5)"
                        " AND NOT EXISTS (SELECT 1 FROM messages m"
                        " WHERE m.environment_id = $1 AND m.conversation_id = $2 AND m.client_id = $3)",
    [MESSAGE_INSERT] = "INSERT INTO messages (environment_id, conversation_id, position, id, role, subject, "
                       "issuer, text, parts,"
                       " state, client_id, created_at)"
                       " SELECT c.environment_id, c.id, c.last_position, $4, $5, $6, $7, $8, $9, $10, $3, "
                       "CAST($11 AS BIGINT)"
                       " FROM conversations c WHERE c.environment_id = $1 AND c.id = $2"
                       " AND (CAST($12 AS TEXT) IS NULL OR c.visitor_id = $12)"
                       " AND NOT EXISTS (SELECT 1 FROM messages m"
                       " WHERE m.environment_id = $1 AND m.conversation_id = $2 AND m.client_id = $3)"
                       " RETURNING position",
    [MESSAGE_FIND_CLIENT_ID] =
        MESSAGE_COLUMNS " WHERE environment_id = $1 AND conversation_id = $2 AND client_id = $3"
                        " AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM conversations c"
                        " WHERE c.environment_id = $1 AND c.id = $2 AND c.visitor_id = $4))",
    /* A question with its answer. The two that insert stand behind the one that has made room, in one unit:
     * they need not ask again whether the message is there already. */
    [MESSAGE_ADVANCE_TWO] = "UPDATE conversations SET last_position = last_position + 2, updated_at = $4"
                            " WHERE environment_id = $1 AND id = $2"
                            " AND (CAST($5 AS TEXT) IS NULL OR visitor_id = $5)"
                            " AND NOT EXISTS (SELECT 1 FROM messages m"
                            " WHERE m.environment_id = $1 AND m.conversation_id = $2 AND m.client_id = $3)"
                            " RETURNING last_position",
    [MESSAGE_INSERT_BEHIND] =
        "INSERT INTO messages (environment_id, conversation_id, position, id, role, subject, issuer, text,"
        " parts, state, client_id, created_at)"
        " SELECT c.environment_id, c.id, c.last_position - CAST($12 AS BIGINT), $4, $5, $6, $7, $8, $9, $10, "
        "$3, CAST($11 AS BIGINT)"
        " FROM conversations c WHERE c.environment_id = $1 AND c.id = $2",
    [MESSAGE_SET_STATE] =
        "UPDATE messages SET state = $4 WHERE environment_id = $1 AND conversation_id = $2 AND position = $3",
    [MESSAGE_LIST_AFTER] = MESSAGE_COLUMNS " WHERE environment_id = $1 AND conversation_id = $2"
                                           " AND position > $3 ORDER BY position LIMIT $4",
    [MESSAGE_LIST_LATEST] = MESSAGE_COLUMNS " WHERE environment_id = $1 AND conversation_id = $2"
                                            " AND position > $3 ORDER BY position DESC LIMIT $4",

    [VISITOR_LIST] = VISITOR_LISTED(""),
    [VISITOR_LIST_VERIFIED] = VISITOR_LISTED(" AND v.subject IS NOT NULL"),
    [VISITOR_LIST_ANONYMOUS] = VISITOR_LISTED(" AND v.subject IS NULL"),
    [VISITOR_SEARCH] = VISITOR_SEEN_COLUMNS
    ", s.word FROM search_words s JOIN visitors v"
    " ON v.environment_id = s.environment_id AND v.id = s.id" VISITOR_PROFILE FOUND_BY_WORD("visitor"),
    [VISITOR_SEEN_FIND] =
        VISITOR_SEEN_COLUMNS " FROM visitors v" VISITOR_PROFILE " WHERE v.environment_id = $1 AND v.id = $2",
    [VISITOR_COUNT_CONVERSATIONS] =
        "SELECT COUNT(*) FROM (SELECT id FROM conversations WHERE environment_id = $1 AND visitor_id = $2"
        " ORDER BY updated_at LIMIT 1000) AS few",
    [VISITOR_COUNT_SESSIONS] =
        "SELECT COUNT(*) FROM (SELECT id FROM visitor_sessions WHERE environment_id = $1 AND visitor_id = $2"
        " ORDER BY id LIMIT 1000) AS few",
    [VISITOR_COUNT_OPEN_SESSIONS] =
        "SELECT COUNT(*) FROM (SELECT id FROM visitor_sessions WHERE environment_id = $1 AND visitor_id = $2"
        " AND ended_at IS NULL AND revoked_at IS NULL AND seen_at > $3 ORDER BY id LIMIT 1000) AS few",
    /* What is erased stays so: each needs its visitor. */
    [PROFILE_PUT] = "INSERT INTO visitor_profiles (environment_id, visitor_id, name, email, seen_at)"
                    " SELECT v.environment_id, v.id, $3, $4, CAST($5 AS BIGINT) FROM visitors v"
                    " WHERE v.environment_id = $1 AND v.id = $2"
                    " ON CONFLICT (environment_id, visitor_id) DO UPDATE SET"
                    " name = excluded.name, email = excluded.email, seen_at = excluded.seen_at",
    [PROFILE_SEEN] = "INSERT INTO visitor_profiles (environment_id, visitor_id, seen_at)"
                     " SELECT v.environment_id, v.id, CAST($3 AS BIGINT) FROM visitors v"
                     " WHERE v.environment_id = $1 AND v.id = $2"
                     " ON CONFLICT (environment_id, visitor_id) DO UPDATE SET seen_at = excluded.seen_at",
    [PROFILE_REVOKE] = "INSERT INTO visitor_profiles (environment_id, visitor_id, seen_at, revoked_at)"
                       " SELECT v.environment_id, v.id, v.created_at, CAST($3 AS BIGINT) FROM visitors v"
                       " WHERE v.environment_id = $1 AND v.id = $2"
                       " ON CONFLICT (environment_id, visitor_id) DO UPDATE SET"
                       " revoked_at = excluded.revoked_at",
    [PROFILE_RESTORE] =
        "UPDATE visitor_profiles SET revoked_at = NULL WHERE environment_id = $1 AND visitor_id = $2",
    [SEARCH_WORD_PUT_VISITOR] = "INSERT INTO search_words (environment_id, kind, word, id)"
                                " SELECT v.environment_id, 'visitor', $3, v.id FROM visitors v"
                                " WHERE v.environment_id = $1 AND v.id = $2 ON CONFLICT DO NOTHING",
    [SEARCH_WORD_PUT_CONVERSATION] = "INSERT INTO search_words (environment_id, kind, word, id)"
                                     " SELECT c.environment_id, 'conversation', $3, c.id"
                                     " FROM conversations c"
                                     " WHERE c.environment_id = $1 AND c.id = $2 ON CONFLICT DO NOTHING",
    [SEARCH_WORDS_DELETE] = "DELETE FROM search_words WHERE environment_id = $1 AND kind = $2 AND id = $3",
    [CONVERSATION_SEEN_LIST] = CONVERSATION_SEEN_COLUMNS " FROM conversations c" CONVERSATION_OF
                                                         " WHERE c.environment_id = $1 AND c.id < $2"
                                                         " ORDER BY c.id DESC LIMIT $3",
    [CONVERSATION_SEEN_LIST_VISITOR] = CONVERSATION_SEEN_COLUMNS
    " FROM conversations c" CONVERSATION_OF " WHERE c.environment_id = $1 AND c.visitor_id = $2"
    " AND (c.updated_at, c.id) < ($3, $4)"
    " ORDER BY c.updated_at DESC, c.id DESC LIMIT $5",
    [CONVERSATION_SEEN_SEARCH] = CONVERSATION_SEEN_COLUMNS
    ", s.word FROM search_words s JOIN conversations c"
    " ON c.environment_id = s.environment_id AND c.id = s.id" CONVERSATION_OF FOUND_BY_WORD("conversation"),
    [CONVERSATION_SEEN_FIND] = CONVERSATION_SEEN_COLUMNS " FROM conversations c" CONVERSATION_OF
                                                         " WHERE c.environment_id = $1 AND c.id = $2",
    [SESSION_PUT] = "INSERT INTO visitor_sessions (environment_id, id, visitor_id, issuer, token,"
                    " token_ends_at, provider_session, client, started_at, seen_at, ended_at)"
                    " SELECT v.environment_id, $3, v.id, $4, $5, CAST($6 AS BIGINT), $7, $8,"
                    " CAST($9 AS BIGINT), CAST($10 AS BIGINT), CAST($11 AS BIGINT)"
                    " FROM visitors v WHERE v.environment_id = $1 AND v.id = $2"
                    " ON CONFLICT (environment_id, id) DO UPDATE SET visitor_id = excluded.visitor_id,"
                    " issuer = excluded.issuer, token = excluded.token,"
                    " token_ends_at = excluded.token_ends_at,"
                    " provider_session = excluded.provider_session, seen_at = excluded.seen_at,"
                    " ended_at = excluded.ended_at, revoked_at = CASE WHEN visitor_sessions.token ="
                    " excluded.token THEN visitor_sessions.revoked_at ELSE NULL END",
    [SESSION_LIST] = SESSION_COLUMNS " WHERE s.environment_id = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3",
    [SESSION_LIST_OPEN] = SESSION_COLUMNS " WHERE s.environment_id = $1 AND s.id < $2"
                                          " AND s.ended_at IS NULL AND s.revoked_at IS NULL"
                                          " AND s.seen_at > $4 ORDER BY s.id DESC LIMIT $3",
    [SESSION_LIST_VISITOR] = SESSION_COLUMNS " WHERE s.environment_id = $1 AND s.visitor_id = $4"
                                             " AND s.id < $2 AND (CAST($5 AS BIGINT) IS NULL"
                                             " OR (s.ended_at IS NULL AND s.revoked_at IS NULL"
                                             " AND s.seen_at > $5)) ORDER BY s.id DESC LIMIT $3",
    [SESSION_FIND] = SESSION_COLUMNS " WHERE s.environment_id = $1 AND s.id = $2",
    [SESSION_REVOKE] = "UPDATE visitor_sessions SET revoked_at = $3 WHERE environment_id = $1 AND id = $2",
    [SESSION_REVOKE_VISITOR] = "UPDATE visitor_sessions SET revoked_at = $3"
                               " WHERE environment_id = $1 AND visitor_id = $2 AND ended_at IS NULL"
                               " AND revoked_at IS NULL AND seen_at > $4",
    [SESSION_PRUNE] = "DELETE FROM visitor_sessions WHERE seen_at < $1",
    [SESSION_END_LEFT_OPEN] =
        "UPDATE visitor_sessions SET ended_at = seen_at WHERE ended_at IS NULL AND seen_at < $1",

    [REVOCATION_PUT] = "INSERT INTO revocations (environment_id, mark, revoked_at, ends_at)"
                       " SELECT e.id, $2, CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM environments e"
                       " WHERE e.id = $1 ON CONFLICT (environment_id, mark) DO UPDATE SET"
                       " revoked_at = excluded.revoked_at, ends_at = excluded.ends_at",
    [REVOCATION_DELETE] = "DELETE FROM revocations WHERE environment_id = $1 AND mark = $2",
    [REVOCATION_LIST] = "SELECT mark, revoked_at FROM revocations WHERE environment_id = $1"
                        " AND (ends_at IS NULL OR ends_at > $2) ORDER BY revoked_at DESC LIMIT $3",
    [REVOCATION_FIND] = "SELECT mark, revoked_at FROM revocations WHERE environment_id = $1"
                        " AND mark IN ($2, $3, $4)",
    [REVOCATION_PRUNE] = "DELETE FROM revocations WHERE ends_at < $1",

    [ERASURE_INSERT] = "INSERT INTO erasures (environment_id, visitor_id, issuer, subject, pseudonym,"
                       " begun_at) SELECT v.environment_id, v.id, v.issuer, v.subject, $3,"
                       " CAST($4 AS BIGINT) FROM visitors v WHERE v.environment_id = $1 AND v.id = $2"
                       " ON CONFLICT DO NOTHING",
    [ERASURE_FIND] = "SELECT environment_id, visitor_id, issuer, subject, pseudonym FROM erasures"
                     " WHERE environment_id = $1 AND visitor_id = $2",
    [ERASURE_LIST] = "SELECT environment_id, visitor_id, issuer, subject, pseudonym FROM erasures"
                     " WHERE begun_at < $1 ORDER BY environment_id, visitor_id LIMIT $2",
    [ERASURE_DONE] = "UPDATE erasures SET issuer = NULL, subject = NULL"
                     " WHERE environment_id = $1 AND visitor_id = $2",
    [ERASURE_DELETE] = "DELETE FROM erasures WHERE environment_id = $1 AND visitor_id = $2",
    [ERASE_NEXT_CONVERSATION] = "SELECT id FROM conversations WHERE environment_id = $1 AND visitor_id = $2"
                                " ORDER BY updated_at LIMIT 1",
    [ERASE_MESSAGES] = "DELETE FROM messages WHERE environment_id = $1 AND conversation_id = $2"
                       " AND position IN (SELECT position FROM messages WHERE environment_id = $1"
                       " AND conversation_id = $2 ORDER BY position LIMIT $3)",
    [ERASE_MESSAGES_REST] = "DELETE FROM messages WHERE environment_id = $1 AND conversation_id = $2",
    [ERASE_CONVERSATION] = "DELETE FROM conversations WHERE environment_id = $1 AND id = $2",
    [ERASE_SESSIONS] = "DELETE FROM visitor_sessions WHERE environment_id = $1 AND visitor_id = $2",
    [ERASE_AUDIT_VISITOR] =
        "UPDATE audit SET visitor_id = $3, subject = CASE WHEN subject IS NULL THEN NULL ELSE"
        " CAST($3 AS TEXT) END, parameter_values = NULL, acting_for = NULL, token = NULL"
        " WHERE environment_id = $1 AND id IN (SELECT id FROM audit WHERE environment_id = $1"
        " AND visitor_id = $2 ORDER BY id LIMIT $4)",
    [ERASE_AUDIT_SUBJECT] =
        "UPDATE audit SET subject = $4, visitor_id = CASE WHEN visitor_id IS NULL THEN NULL ELSE"
        " CAST($4 AS TEXT) END, parameter_values = NULL, acting_for = NULL, token = NULL"
        " WHERE environment_id = $1 AND id IN (SELECT id FROM audit WHERE environment_id = $1"
        " AND subject = $2 AND issuer = $3 ORDER BY id LIMIT $5)",
    [ERASE_PROFILE] = "DELETE FROM visitor_profiles WHERE environment_id = $1 AND visitor_id = $2",
    [ERASE_VISITOR] = "DELETE FROM visitors WHERE environment_id = $1 AND id = $2"
                      " AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.environment_id = $1"
                      " AND c.visitor_id = $2)",
    [ENVIRONMENT_DELETE_PROFILES] = "DELETE FROM visitor_profiles WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_WORDS] = "DELETE FROM search_words WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_SESSIONS] = "DELETE FROM visitor_sessions WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_REVOCATIONS] = "DELETE FROM revocations WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_ERASURES] = "DELETE FROM erasures WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_STATISTICS] = "DELETE FROM statistics WHERE environment_id = $1",
    [ENVIRONMENT_DELETE_DISCOVERIES] = "DELETE FROM discoveries WHERE environment_id = $1",

    /* Several servers add to the same figure. */
    [STATISTICS_ADD] = "INSERT INTO statistics (environment_id, step, at, name, label, counted, total)"
                       " SELECT e.id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), $4, $5, CAST($6 AS BIGINT),"
                       " CAST($7 AS BIGINT) FROM environments e WHERE e.id = $1"
                       " ON CONFLICT (environment_id, step, at, name, label) DO UPDATE SET"
                       " counted = statistics.counted + excluded.counted,"
                       " total = statistics.total + excluded.total",
    [STATISTICS_LIST] = "SELECT at, name, label, counted, total FROM statistics WHERE environment_id = $1"
                        " AND step = $2 AND at >= $3 AND at < $4 ORDER BY at, name, label",
    [STATISTICS_PRUNE] = "DELETE FROM statistics WHERE at < $1",

    [AUDIT_INSERT] =
        "INSERT INTO audit (environment_id, id, at, action, actor, visitor_id, subject, issuer, acting_for,"
        " session_id, conversation_id, tool, parameters, parameter_values, token, target, outcome, reason,"
        " detail, duration_us, state_before, state_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
    [AUDIT_LIST] = AUDIT_LISTED("", "DESC"),
    [AUDIT_LIST_OLDEST] = AUDIT_LISTED("", "ASC"),
    [AUDIT_LIST_VISITOR] = AUDIT_LISTED(" AND visitor_id = $4", "DESC"),
    [AUDIT_LIST_VISITOR_OLDEST] = AUDIT_LISTED(" AND visitor_id = $4", "ASC"),
    [AUDIT_LIST_SUBJECT] = AUDIT_LISTED(" AND subject = $5", "DESC"),
    [AUDIT_LIST_SUBJECT_OLDEST] = AUDIT_LISTED(" AND subject = $5", "ASC"),
    [AUDIT_LIST_TOOL] = AUDIT_LISTED(" AND tool = $6", "DESC"),
    [AUDIT_LIST_TOOL_OLDEST] = AUDIT_LISTED(" AND tool = $6", "ASC"),
    [AUDIT_LIST_ACTOR] = AUDIT_LISTED(" AND actor = $7", "DESC"),
    [AUDIT_LIST_ACTOR_OLDEST] = AUDIT_LISTED(" AND actor = $7", "ASC"),
    [AUDIT_LIST_REASON] = AUDIT_LISTED(" AND reason = $10", "DESC"),
    [AUDIT_LIST_REASON_OLDEST] = AUDIT_LISTED(" AND reason = $10", "ASC"),
    [AUDIT_LIST_TROUBLE] = AUDIT_LISTED(" AND outcome <> 'allowed'", "DESC"),
    [AUDIT_LIST_TROUBLE_OLDEST] = AUDIT_LISTED(" AND outcome <> 'allowed'", "ASC"),
    [AUDIT_LIST_ACTION] = AUDIT_LISTED(" AND action = $8", "DESC"),
    [AUDIT_LIST_ACTION_OLDEST] = AUDIT_LISTED(" AND action = $8", "ASC"),
    [AUDIT_WINDOW] = AUDIT_WINDOWED("", "DESC", "$4"),
    [AUDIT_WINDOW_OLDEST] = AUDIT_WINDOWED("", "ASC", "$4"),
    [AUDIT_WINDOW_VISITOR] = AUDIT_WINDOWED(" AND visitor_id = $4", "DESC", "$5"),
    [AUDIT_WINDOW_VISITOR_OLDEST] = AUDIT_WINDOWED(" AND visitor_id = $4", "ASC", "$5"),
    [AUDIT_WINDOW_SUBJECT] = AUDIT_WINDOWED(" AND subject = $4", "DESC", "$5"),
    [AUDIT_WINDOW_SUBJECT_OLDEST] = AUDIT_WINDOWED(" AND subject = $4", "ASC", "$5"),
    [AUDIT_WINDOW_TOOL] = AUDIT_WINDOWED(" AND tool = $4", "DESC", "$5"),
    [AUDIT_WINDOW_TOOL_OLDEST] = AUDIT_WINDOWED(" AND tool = $4", "ASC", "$5"),
    [AUDIT_WINDOW_ACTOR] = AUDIT_WINDOWED(" AND actor = $4", "DESC", "$5"),
    [AUDIT_WINDOW_ACTOR_OLDEST] = AUDIT_WINDOWED(" AND actor = $4", "ASC", "$5"),
    [AUDIT_WINDOW_REASON] = AUDIT_WINDOWED(" AND reason = $4", "DESC", "$5"),
    [AUDIT_WINDOW_REASON_OLDEST] = AUDIT_WINDOWED(" AND reason = $4", "ASC", "$5"),
    [AUDIT_WINDOW_TROUBLE] = AUDIT_WINDOWED(" AND outcome <> 'allowed'", "DESC", "$4"),
    [AUDIT_WINDOW_TROUBLE_OLDEST] = AUDIT_WINDOWED(" AND outcome <> 'allowed'", "ASC", "$4"),
    [AUDIT_WINDOW_ACTION] = AUDIT_WINDOWED(" AND action = $4", "DESC", "$5"),
    [AUDIT_WINDOW_ACTION_OLDEST] = AUDIT_WINDOWED(" AND action = $4", "ASC", "$5"),

    [SEARCH_PRODUCTS] = "SELECT p.id, p.name, p.id, p.name, NULL, NULL FROM products p WHERE " BEGINS(
        "p.name") OF_PRODUCT " ORDER BY p.name LIMIT $3",
    [SEARCH_ENVIRONMENTS] = "SELECT e.id, e.name, p.id, p.name, e.id, e.name FROM environments e"
                            " JOIN products p ON p.id = e.product_id WHERE " BEGINS("e.name") OF_PRODUCT
    " ORDER BY e.name LIMIT $3",
    [SEARCH_TOOLS] =
        "SELECT t.id, t.name, p.id, p.name, e.id, e.name FROM environments e"
        " JOIN tools t ON t.environment_id = e.id JOIN products p ON p.id = e.product_id WHERE " BEGINS(
            "t.name") OF_PRODUCT " ORDER BY t.name LIMIT $3",

    [IDEMPOTENCY_PRUNE] = "DELETE FROM idempotency WHERE created_at < $1",
    [IDEMPOTENCY_DROP_DEAD] = "DELETE FROM idempotency WHERE actor = $1 AND request_key = $2"
                              " AND status IS NULL AND created_at < $3",
    [IDEMPOTENCY_CLAIM] = "INSERT INTO idempotency (actor, request_key, claim, fingerprint, created_at)"
                          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (actor, request_key) DO NOTHING",
    [IDEMPOTENCY_FIND] =
        "SELECT claim, fingerprint, status, body, etag, location, created_at FROM idempotency"
        " WHERE actor = $1 AND request_key = $2",
    [IDEMPOTENCY_SETTLE] = "UPDATE idempotency SET status = $4, body = $5, etag = $6, location = $7"
                           " WHERE actor = $1 AND request_key = $2 AND claim = $3",
    [IDEMPOTENCY_MADE] = "UPDATE idempotency SET status = $4"
                         " WHERE actor = $1 AND request_key = $2 AND claim = $3",
    [IDEMPOTENCY_RELEASE] = "DELETE FROM idempotency WHERE actor = $1 AND request_key = $2 AND claim = $3"
                            " AND status IS NULL",

    [ADMINISTRATOR_INSERT] =
        "INSERT INTO administrators (id, email, email_key, name, password_hash, roles, is_owner, sso_issuer,"
        " sso_subject, made_by, totp_step, version, created_at, activated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1, $11, $12)",
    [ADMINISTRATOR_INSERT_FIRST] =
        "INSERT INTO administrators (id, email, email_key, name, password_hash, roles, is_owner, made_by,"
        " totp_step, version, created_at, activated_at)"
        " SELECT $1, $2, $3, $4, $5, $6, $7, $8, 0, 1, CAST($9 AS BIGINT), CAST($9 AS BIGINT)"
        " WHERE NOT EXISTS (SELECT 1 FROM administrators a)",
    [ADMINISTRATOR_FIND] = ADMINISTRATOR_COLUMNS " WHERE a.id = $1",
    [ADMINISTRATOR_FIND_EMAIL] = ADMINISTRATOR_COLUMNS " WHERE a.email_key = $1",
    [ADMINISTRATOR_FIND_SUBJECT] = ADMINISTRATOR_COLUMNS " WHERE a.sso_issuer = $1 AND a.sso_subject = $2",
    [ADMINISTRATOR_FIND_SESSION] =
        ADMINISTRATOR_COLUMNS " JOIN administrator_sessions s ON s.administrator_id = a.id WHERE s.hash = $1",
    [ADMINISTRATOR_FIND_INVITATION] = ADMINISTRATOR_COLUMNS
    " JOIN invitations v ON v.administrator_id = a.id WHERE v.hash = $1 AND v.expires_at > $2",
    [ADMINISTRATOR_FIND_API_TOKEN] =
        ADMINISTRATOR_COLUMNS " JOIN api_tokens t ON t.administrator_id = a.id WHERE t.hash = $1",
    [ADMINISTRATOR_FIND_CREDENTIAL] =
        ADMINISTRATOR_COLUMNS " JOIN passkeys k ON k.administrator_id = a.id WHERE k.credential = $1",
    [ADMINISTRATOR_LIST] = ADMINISTRATOR_COLUMNS " WHERE a.id > $1 ORDER BY a.id LIMIT $2",
    [ADMINISTRATOR_ANY] = "SELECT id FROM administrators ORDER BY id LIMIT 1",
    /* Counts who can really come in: an owner who was invited and never came is none yet. */
    [ADMINISTRATOR_OWNER_LEFT] = "SELECT id FROM administrators WHERE is_owner = 'yes' AND activated_at IS "
                                 "NOT NULL ORDER BY id LIMIT 1",
    [ADMINISTRATOR_IS_AS_SEEN] = "SELECT id FROM administrators WHERE id = $1 AND version = $2",
    [ADMINISTRATOR_STILL_OWNER] = "SELECT id FROM administrators WHERE id = $1 AND is_owner = 'yes'",
    /* Changes nothing, but holds their row until the commit: whoever takes a role away comes before or
     * after. */
    [ADMINISTRATOR_STILL_HAS] = "UPDATE administrators SET roles = $2 WHERE id = $1 AND roles = $2",
    [ADMINISTRATOR_SET_ROLES] = "UPDATE administrators SET name = $3, roles = $4, is_owner = $5,"
                                " version = version + 1 WHERE id = $1 AND version = $2",
    [ADMINISTRATOR_SET_EMAIL] = "UPDATE administrators SET email = $3, email_key = $4, name = $5,"
                                " version = version + 1 WHERE id = $1 AND version = $2",
    [ADMINISTRATOR_SET_PASSWORD] = "UPDATE administrators SET password_hash = $2, name = $3, activated_at ="
                                   " CASE WHEN activated_at IS NULL THEN $4 ELSE activated_at END,"
                                   " version = version + 1 WHERE id = $1",
    [ADMINISTRATOR_REHASH] =
        "UPDATE administrators SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
    [ADMINISTRATOR_LINK] = "UPDATE administrators SET sso_issuer = $2, sso_subject = $3, activated_at ="
                           " CASE WHEN activated_at IS NULL THEN $4 ELSE activated_at END,"
                           " version = version + 1 WHERE id = $1",
    [ADMINISTRATOR_SET_TOTP] =
        "UPDATE administrators SET totp_at = $2, totp_step = $3, version = version + 1 WHERE id = $1",
    [ADMINISTRATOR_USE_TOTP] = "UPDATE administrators SET totp_step = $2 WHERE id = $1 AND totp_step < $2"
                               " AND totp_at IS NOT NULL",
    [ADMINISTRATOR_SIGNED_IN] = "UPDATE administrators SET last_sign_in_at = $2 WHERE id = $1",
    [ADMINISTRATOR_SIGNED_IN_BY] =
        "UPDATE administrators SET last_sign_in_at = $2 WHERE id = $1 AND password_hash = $3",
    [ADMINISTRATOR_DELETE] = "DELETE FROM administrators WHERE id = $1 AND version = $2",

    [ADMIN_SESSION_INSERT] =
        "INSERT INTO administrator_sessions (hash, id, administrator_id, method, created_at, signed_in_at,"
        " used_at, address, user_agent)"
        " SELECT $1, $2, a.id, $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($5 AS BIGINT), $7, $8"
        " FROM administrators a WHERE a.id = $3",
    [ADMIN_SESSION_FIND] = ADMIN_SESSION_COLUMNS " WHERE hash = $1 AND created_at > $2 AND used_at > $3",
    [ADMIN_SESSION_LIST] = ADMIN_SESSION_COLUMNS
    " WHERE administrator_id = $1 AND created_at > $2 AND used_at > $3 ORDER BY id DESC LIMIT $4",
    [ADMIN_SESSION_USED] =
        "UPDATE administrator_sessions SET used_at = $2, address = $3 WHERE hash = $1 AND used_at < $2",
    [ADMIN_SESSION_REPLACE] =
        "UPDATE administrator_sessions SET hash = $2, used_at = $3, signed_in_at ="
        " CASE WHEN CAST($4 AS BIGINT) IS NULL THEN signed_in_at ELSE $4 END WHERE hash = $1",
    [ADMIN_SESSION_END] = "DELETE FROM administrator_sessions WHERE administrator_id = $1 AND id = $2",
    [ADMIN_SESSION_END_HASH] = "DELETE FROM administrator_sessions WHERE hash = $1",
    [ADMIN_SESSION_END_OTHERS] =
        "DELETE FROM administrator_sessions WHERE administrator_id = $1 AND id <> $2",
    [ADMIN_SESSION_PRUNE] = "DELETE FROM administrator_sessions WHERE used_at < $1",
    [DEVICE_INSERT] =
        "INSERT INTO administrator_devices (hash, administrator_id, created_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (hash) DO NOTHING",
    [DEVICE_FIND] = "SELECT d.hash FROM administrator_devices d JOIN administrators a ON a.id = "
                    "d.administrator_id WHERE d.hash = $1 AND a.email_key = $2 AND d.created_at > $3",
    [DEVICE_DELETE_ALL] = "DELETE FROM administrator_devices WHERE administrator_id = $1",
    [DEVICE_PRUNE] = "DELETE FROM administrator_devices WHERE created_at < $1",
    [PASSKEY_INSERT] =
        "INSERT INTO passkeys (credential, id, administrator_id, rp_id, algorithm, public_key, sign_count,"
        " name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential) DO NOTHING",
    [PASSKEY_FIND] = PASSKEY_COLUMNS " WHERE credential = $1",
    [PASSKEY_LIST] = PASSKEY_COLUMNS " WHERE administrator_id = $1 ORDER BY id LIMIT $2",
    [PASSKEY_RENAME] = "UPDATE passkeys SET name = $3 WHERE administrator_id = $1 AND id = $2",
    [PASSKEY_USED] = "UPDATE passkeys SET sign_count = $3, last_used_at = $4"
                     " WHERE credential = $1 AND sign_count = $2",
    [PASSKEY_DELETE] = "DELETE FROM passkeys WHERE administrator_id = $1 AND id = $2",
    [PASSKEY_DELETE_ALL] = "DELETE FROM passkeys WHERE administrator_id = $1",
    [RECOVERY_CODE_INSERT] = "INSERT INTO recovery_codes (administrator_id, hash) VALUES ($1, $2)",
    [RECOVERY_CODE_USE] = "DELETE FROM recovery_codes WHERE administrator_id = $1 AND hash = $2",
    [RECOVERY_CODE_DELETE_ALL] = "DELETE FROM recovery_codes WHERE administrator_id = $1",
    [INVITATION_PUT] =
        "INSERT INTO invitations (administrator_id, hash, effect, expires_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (administrator_id) DO UPDATE SET hash = excluded.hash, effect = excluded.effect,"
        " expires_at = excluded.expires_at",
    [INVITATION_FIND] = "SELECT effect FROM invitations"
                        " WHERE administrator_id = $1 AND hash = $2 AND expires_at > $3",
    [INVITATION_TAKE] =
        "DELETE FROM invitations WHERE administrator_id = $1 AND hash = $2 AND expires_at > $3",
    [INVITATION_DELETE] = "DELETE FROM invitations WHERE administrator_id = $1",
    [API_TOKEN_INSERT] =
        "INSERT INTO api_tokens (hash, id, administrator_id, name, hint, scopes, product_id, created_at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    [API_TOKEN_FIND] = API_TOKEN_COLUMNS " WHERE hash = $1 AND expires_at > $2",
    [API_TOKEN_LIST] = API_TOKEN_COLUMNS " WHERE administrator_id = $1 ORDER BY id DESC LIMIT $2",
    [API_TOKEN_USED] = "UPDATE api_tokens SET last_used_at = $2 WHERE hash = $1"
                       " AND (last_used_at IS NULL OR last_used_at < $3)",
    [API_TOKEN_DELETE] = "DELETE FROM api_tokens WHERE administrator_id = $1 AND id = $2",
    [API_TOKEN_DELETE_ALL] = "DELETE FROM api_tokens WHERE administrator_id = $1",
    [API_TOKEN_PRUNE] = "DELETE FROM api_tokens WHERE expires_at < $1",

    [INSTALLATION_SECRET_PUT] =
        "INSERT INTO installation_secrets (purpose, id, sealed, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (purpose, id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at",
    [INSTALLATION_SECRET_FIND] = "SELECT purpose, id, sealed FROM installation_secrets"
                                 " WHERE purpose = $1 AND id = $2",
    [INSTALLATION_SECRET_DELETE] = "DELETE FROM installation_secrets WHERE purpose = $1 AND id = $2",
    [INSTALLATION_SECRET_DELETE_ALL] = "DELETE FROM installation_secrets WHERE id = $1",
    [INSTALLATION_SECRET_SCAN] = "SELECT purpose, id, sealed FROM installation_secrets"
                                 " WHERE (purpose, id) > ($1, $2) ORDER BY purpose, id LIMIT $3",
    [INSTALLATION_SECRET_RESEAL] =
        "UPDATE installation_secrets SET sealed = $4 WHERE purpose = $1 AND id = $2 AND sealed = $3",
    [SETTING_PUT] = "INSERT INTO settings (name, document, version, updated_at) VALUES ($1, $2, 1, $3)"
                    " ON CONFLICT (name) DO UPDATE SET document = excluded.document,"
                    " version = settings.version + 1, updated_at = excluded.updated_at",
    [SETTING_INSERT] = "INSERT INTO settings (name, document, version, updated_at) VALUES ($1, $2, 1, $3)"
                       " ON CONFLICT (name) DO NOTHING",
    [SETTING_CHANGE] = "UPDATE settings SET document = $3, version = version + 1, updated_at = $4"
                       " WHERE name = $1 AND version = $2",
    [SETTING_FIND] = "SELECT document, version, updated_at FROM settings WHERE name = $1",
    [SETTING_DELETE] = "DELETE FROM settings WHERE name = $1 AND version = $2",
    [SETTING_TAKE] = "DELETE FROM settings WHERE name = $1 AND document = $2",
    [SPENT_INSERT] = "INSERT INTO spent (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
    [SPENT_PRUNE] = "DELETE FROM spent WHERE expires_at < $1",
    [ATTEMPT_FIND] =
        "SELECT failures, blocked_until, at, version FROM sign_in_attempts WHERE attempt_key = $1",
    [ATTEMPT_INSERT] = "INSERT INTO sign_in_attempts (attempt_key, failures, blocked_until, at, version)"
                       " VALUES ($1, $2, $3, $4, 1) ON CONFLICT (attempt_key) DO NOTHING",
    [ATTEMPT_CHANGE] = "UPDATE sign_in_attempts SET failures = $3, blocked_until = $4, at = $5,"
                       " version = version + 1 WHERE attempt_key = $1 AND version = $2",
    [ATTEMPT_FORGET] = "DELETE FROM sign_in_attempts WHERE attempt_key = $1",
    [ATTEMPT_PRUNE] = "DELETE FROM sign_in_attempts WHERE at < $1",

    [DISCOVERY_LIST] = "SELECT issuer, provider, key_set_url, read_at, next_at, failures, problem, sentence"
                       " FROM discoveries WHERE environment_id = $1 ORDER BY issuer",
    /* Single sign-on's row is of no environment. */
    [DISCOVERY_INSERT] = "INSERT INTO discoveries (environment_id, issuer, provider, key_set_url, next_at,"
                         " failures) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), '', '', CAST($3 AS BIGINT), 0"
                         " WHERE $1 = '' OR EXISTS (SELECT 1 FROM environments e WHERE e.id = $1)"
                         " ON CONFLICT (environment_id, issuer) DO NOTHING",
    [DISCOVERY_CLAIM] = "UPDATE discoveries SET next_at = $4"
                        " WHERE environment_id = $1 AND issuer = $2 AND next_at = $3",
    [DISCOVERY_READ] = "UPDATE discoveries SET provider = $3, key_set_url = $4, read_at = $5, next_at = $6,"
                       " failures = 0, problem = NULL, sentence = NULL"
                       " WHERE environment_id = $1 AND issuer = $2",
    [DISCOVERY_FAILED] = "UPDATE discoveries SET next_at = $3, failures = $4, problem = $5, sentence = $6"
                         " WHERE environment_id = $1 AND issuer = $2",
    [DISCOVERY_PRUNE] = "DELETE FROM discoveries WHERE next_at < $1",

    [CHANGE_PRUNE] = "DELETE FROM changes WHERE created_at < $1",
    [CHANGE_ADVANCE] = "UPDATE change_head SET position = position + 1 WHERE id = 1",
    [CHANGE_INSERT] = "INSERT INTO changes (position, kind, environment_id, id, created_at)"
                      " SELECT h.position, $1, $2, $3, CAST($4 AS BIGINT) FROM change_head h WHERE h.id = 1",
    [CHANGE_HEAD] = "SELECT position FROM change_head WHERE id = 1",
    [CHANGE_LIST] = "SELECT position, kind, environment_id, id FROM changes WHERE position > $1"
                    " ORDER BY position LIMIT $2",
};
