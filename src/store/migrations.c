/* SPDX-License-Identifier: Apache-2.0 */
/* Every table that belongs to an environment has a primary key that begins with it: so a database that
 * spreads over machines can keep an environment together. Ids are texts, times BIGINT milliseconds, documents
 * JSON text, truths words. */
#include "store/migrations.h"

static const char *const first[] = {
    "CREATE TABLE products ("
    " id TEXT NOT NULL, name TEXT NOT NULL, created_at BIGINT NOT NULL,"
    " PRIMARY KEY (id))",
    "CREATE UNIQUE INDEX products_by_name ON products (name)",

    "CREATE TABLE environments ("
    " id TEXT NOT NULL, product_id TEXT NOT NULL, name TEXT NOT NULL, config TEXT NOT NULL, version BIGINT "
    "NOT NULL,"
    " created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (id))",
    "CREATE UNIQUE INDEX environments_by_name ON environments (product_id, name)",

    "CREATE TABLE keys ("
    " environment_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, lookup TEXT NOT NULL, text TEXT "
    "NOT NULL,"
    " created_at BIGINT NOT NULL, revoked_at BIGINT, last_used_at BIGINT,"
    " PRIMARY KEY (environment_id, id))",
    "CREATE UNIQUE INDEX keys_by_lookup ON keys (lookup)",

    "CREATE TABLE secrets ("
    " environment_id TEXT NOT NULL, id TEXT NOT NULL, purpose TEXT NOT NULL, name TEXT NOT NULL, hint TEXT "
    "NOT NULL,"
    " sealed TEXT, created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT, last_used_at BIGINT,"
    " PRIMARY KEY (environment_id, id))",
    "CREATE INDEX secrets_by_name ON secrets (environment_id, purpose, name)",

    "CREATE TABLE tools ("
    " environment_id TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL,"
    " version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, name))",

    "CREATE TABLE knowledge ("
    " environment_id TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL,"
    " version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, name))",

    /* An anonymous visitor has no issuer and no subject; NULLs are distinct in a unique index. */
    "CREATE TABLE visitors ("
    " environment_id TEXT NOT NULL, id TEXT NOT NULL, issuer TEXT, subject TEXT, resume_hash TEXT,"
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, id))",
    "CREATE UNIQUE INDEX visitors_by_subject ON visitors (environment_id, issuer, subject)",
    "CREATE UNIQUE INDEX visitors_by_resume_hash ON visitors (environment_id, resume_hash)",

    "CREATE TABLE conversations ("
    " environment_id TEXT NOT NULL, id TEXT NOT NULL, visitor_id TEXT NOT NULL, title TEXT NOT NULL,"
    " created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, last_position BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, id))",
    "CREATE INDEX conversations_by_visitor ON conversations (environment_id, visitor_id, updated_at, id)",

    "CREATE TABLE messages ("
    " environment_id TEXT NOT NULL, conversation_id TEXT NOT NULL, position BIGINT NOT NULL, id TEXT NOT "
    "NULL,"
    " role TEXT NOT NULL, subject TEXT, issuer TEXT, text TEXT NOT NULL, parts TEXT, state TEXT NOT NULL,"
    " client_id TEXT, created_at BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, conversation_id, position))",
    "CREATE UNIQUE INDEX messages_by_client_id ON messages (environment_id, conversation_id, client_id)",

    /* Rows of no environment have an empty environment_id. The ids rise with time, so the primary key is the
       order. */
    "CREATE TABLE audit ("
    " environment_id TEXT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL, action TEXT NOT NULL, actor TEXT,"
    " visitor_id TEXT, subject TEXT, issuer TEXT, acting_for TEXT, session_id TEXT, conversation_id TEXT, "
    "tool TEXT,"
    " parameters TEXT, parameter_values TEXT, token TEXT, target TEXT, outcome TEXT NOT NULL, reason TEXT,"
    " detail TEXT, duration_us BIGINT,"
    " PRIMARY KEY (environment_id, id))",
    "CREATE INDEX audit_by_visitor ON audit (environment_id, visitor_id, id)",
    "CREATE INDEX audit_by_subject ON audit (environment_id, subject, id)",
    "CREATE INDEX audit_by_tool ON audit (environment_id, tool, id)",
    "CREATE INDEX audit_by_actor ON audit (environment_id, actor, id)",

    /* The order of changes is that of commits on every engine: whoever takes the next position holds the
     * head's row until it is committed. Only administrators' changes and revocations go through here, no
     * visitor's message does. */
    "CREATE TABLE change_head (id BIGINT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (id))",
    "INSERT INTO change_head (id, position) VALUES (1, 0)",
    "CREATE TABLE changes ("
    " position BIGINT NOT NULL, kind TEXT NOT NULL, environment_id TEXT NOT NULL, id TEXT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (position))",
    "CREATE INDEX changes_by_time ON changes (created_at)",
    NULL,
};

static const char *const second[] = {
    /* One row a connection that writes: the number of its last transaction, set by that transaction itself.
     * No index but the key: so PostgreSQL changes it in place. */
    "CREATE TABLE writers ("
    " id TEXT NOT NULL, number BIGINT NOT NULL, used_at BIGINT NOT NULL,"
    " PRIMARY KEY (id))",
    NULL,
};

static const char *const third[] = {
    /* What an administrator's change has changed: JSON, never a secret. */
    "ALTER TABLE audit ADD COLUMN state_before TEXT",
    "ALTER TABLE audit ADD COLUMN state_after TEXT",
    "ALTER TABLE products ADD COLUMN version BIGINT", /* NULL: 1 */
    /* For the command palette, which looks through all names. */
    "CREATE INDEX environments_by_own_name ON environments (name)",
    "CREATE INDEX tools_by_name ON tools (name)",

    /* Answers to requests that create, by the administrator's Idempotency-Key; kept for a day. */
    "CREATE TABLE idempotency ("
    " actor TEXT NOT NULL, request_key TEXT NOT NULL, claim TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " status BIGINT, body TEXT, etag TEXT, location TEXT, created_at BIGINT NOT NULL,"
    " PRIMARY KEY (actor, request_key))",
    "CREATE INDEX idempotency_by_time ON idempotency (created_at)",

    /* What is known of a visitor beside who they are. Written at leisure, and not in their row: that one is
     * read with each message. */
    "CREATE TABLE visitor_profiles ("
    " environment_id TEXT NOT NULL, visitor_id TEXT NOT NULL, name TEXT, email TEXT, seen_at BIGINT NOT NULL,"
    " revoked_at BIGINT,"
    " PRIMARY KEY (environment_id, visitor_id))",
    "CREATE INDEX visitors_verified ON visitors (environment_id, id) WHERE subject IS NOT NULL",
    "CREATE INDEX visitors_anonymous ON visitors (environment_id, id) WHERE subject IS NULL",

    /* By what visitors and conversations are found: folded text from each word on (search.c). */
    "CREATE TABLE search_words ("
    " environment_id TEXT NOT NULL, kind TEXT NOT NULL, word TEXT NOT NULL, id TEXT NOT NULL,"
    " PRIMARY KEY (environment_id, kind, word, id))",
    "CREATE INDEX search_words_by_id ON search_words (environment_id, kind, id, word)",

    /* Chat sessions in which a visitor signed in. */
    "CREATE TABLE visitor_sessions ("
    " environment_id TEXT NOT NULL, id TEXT NOT NULL, visitor_id TEXT NOT NULL, issuer TEXT NOT NULL,"
    " token TEXT NOT NULL, token_ends_at BIGINT NOT NULL, provider_session TEXT, client TEXT NOT NULL,"
    " started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, ended_at BIGINT, revoked_at BIGINT,"
    " PRIMARY KEY (environment_id, id))",
    "CREATE INDEX visitor_sessions_by_visitor ON visitor_sessions (environment_id, visitor_id, id)",
    "CREATE INDEX visitor_sessions_open ON visitor_sessions (environment_id, id)"
    " WHERE ended_at IS NULL AND revoked_at IS NULL",
    "CREATE INDEX visitor_sessions_open_of_visitor ON visitor_sessions (environment_id, visitor_id, id)"
    " WHERE ended_at IS NULL AND revoked_at IS NULL",
    "CREATE INDEX visitor_sessions_by_time ON visitor_sessions (seen_at)",
    "CREATE INDEX visitor_sessions_left_open ON visitor_sessions (seen_at) WHERE ended_at IS NULL",

    /* Who was signed out. The mark is a hash: it outlives the visitor's erasure and does not tell who it was.
     */
    "CREATE TABLE revocations ("
    " environment_id TEXT NOT NULL, mark TEXT NOT NULL, revoked_at BIGINT NOT NULL, ends_at BIGINT,"
    " PRIMARY KEY (environment_id, mark))",
    "CREATE INDEX revocations_by_time ON revocations (environment_id, revoked_at)",
    "CREATE INDEX revocations_by_end ON revocations (ends_at)",

    /* Erasures under way: what a crash leaves undone is done at the next start. */
    "CREATE TABLE erasures ("
    " environment_id TEXT NOT NULL, visitor_id TEXT NOT NULL, issuer TEXT, subject TEXT, pseudonym TEXT NOT "
    "NULL,"
    " begun_at BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, visitor_id))",

    /* What was counted, in steps of five minutes, of hours and of days. */
    "CREATE TABLE statistics ("
    " environment_id TEXT NOT NULL, step BIGINT NOT NULL, at BIGINT NOT NULL, name TEXT NOT NULL,"
    " label TEXT NOT NULL, counted BIGINT NOT NULL, total BIGINT NOT NULL,"
    " PRIMARY KEY (environment_id, step, at, name, label))",
    "CREATE INDEX statistics_by_time ON statistics (at)",

    /* For the log's filters. Most rows were allowed and have no reason: those are in neither of the two. */
    "CREATE INDEX audit_by_action ON audit (environment_id, action, id)",
    "CREATE INDEX audit_by_reason ON audit (environment_id, reason, id) WHERE reason IS NOT NULL",
    "CREATE INDEX audit_of_trouble ON audit (environment_id, id) WHERE outcome <> 'allowed'",
    /* Administrators. `email_key` is the address as it is compared; `roles` is JSON, read and written whole,
     * so that a change of it is one row's; `is_owner` says the same of the role that must not die out. */
    "CREATE TABLE administrators ("
    " id TEXT NOT NULL, email TEXT NOT NULL, email_key TEXT NOT NULL, name TEXT NOT NULL, password_hash TEXT,"
    " roles TEXT NOT NULL, is_owner TEXT NOT NULL, sso_issuer TEXT, sso_subject TEXT, made_by TEXT NOT NULL,"
    " totp_at BIGINT, totp_step BIGINT NOT NULL, version BIGINT NOT NULL, created_at BIGINT NOT NULL,"
    " activated_at BIGINT, last_sign_in_at BIGINT,"
    " PRIMARY KEY (id))",
    "CREATE UNIQUE INDEX administrators_by_email ON administrators (email_key)",
    "CREATE UNIQUE INDEX administrators_by_subject ON administrators (sso_issuer, sso_subject)",
    "CREATE TABLE administrator_sessions ("
    " hash TEXT NOT NULL, id TEXT NOT NULL, administrator_id TEXT NOT NULL, method TEXT NOT NULL,"
    " created_at BIGINT NOT NULL, signed_in_at BIGINT NOT NULL, used_at BIGINT NOT NULL, address TEXT,"
    " user_agent TEXT,"
    " PRIMARY KEY (hash))",
    "CREATE INDEX administrator_sessions_by_owner ON administrator_sessions (administrator_id, id)",
    "CREATE INDEX administrator_sessions_by_use ON administrator_sessions (used_at)",
    "CREATE TABLE administrator_devices ("
    " hash TEXT NOT NULL, administrator_id TEXT NOT NULL, created_at BIGINT NOT NULL,"
    " PRIMARY KEY (hash))",
    "CREATE INDEX administrator_devices_by_owner ON administrator_devices (administrator_id, created_at)",
    "CREATE TABLE passkeys ("
    " credential TEXT NOT NULL, id TEXT NOT NULL, administrator_id TEXT NOT NULL, rp_id TEXT NOT NULL,"
    " algorithm BIGINT NOT NULL, public_key TEXT NOT NULL, sign_count BIGINT NOT NULL, name TEXT NOT NULL,"
    " created_at BIGINT NOT NULL, last_used_at BIGINT,"
    " PRIMARY KEY (credential))",
    "CREATE INDEX passkeys_by_owner ON passkeys (administrator_id, id)",
    "CREATE TABLE recovery_codes ("
    " administrator_id TEXT NOT NULL, hash TEXT NOT NULL,"
    " PRIMARY KEY (administrator_id, hash))",
    "CREATE TABLE invitations ("
    " administrator_id TEXT NOT NULL, hash TEXT NOT NULL, effect TEXT NOT NULL, expires_at BIGINT NOT NULL,"
    " PRIMARY KEY (administrator_id))",
    "CREATE UNIQUE INDEX invitations_by_hash ON invitations (hash)",
    "CREATE TABLE api_tokens ("
    " hash TEXT NOT NULL, id TEXT NOT NULL, administrator_id TEXT NOT NULL, name TEXT NOT NULL, hint TEXT "
    "NOT "
    "NULL,"
    " scopes TEXT NOT NULL, product_id TEXT, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,"
    " last_used_at BIGINT,"
    " PRIMARY KEY (hash))",
    "CREATE INDEX api_tokens_by_owner ON api_tokens (administrator_id, id)",
    /* Of the installation, not of an environment: sealed by vault, bound to purpose and id. */
    "CREATE TABLE installation_secrets ("
    " purpose TEXT NOT NULL, id TEXT NOT NULL, sealed TEXT NOT NULL, created_at BIGINT NOT NULL,"
    " PRIMARY KEY (purpose, id))",
    "CREATE TABLE settings ("
    " name TEXT NOT NULL, document TEXT NOT NULL, version BIGINT NOT NULL, updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (name))",
    /* What may be used once, and was; and who has guessed wrong how often. */
    "CREATE TABLE spent ("
    " hash TEXT NOT NULL, expires_at BIGINT NOT NULL,"
    " PRIMARY KEY (hash))",
    "CREATE INDEX spent_by_time ON spent (expires_at)",
    "CREATE TABLE sign_in_attempts ("
    " attempt_key TEXT NOT NULL, failures BIGINT NOT NULL, blocked_until BIGINT NOT NULL, at BIGINT NOT NULL,"
    " version BIGINT NOT NULL,"
    " PRIMARY KEY (attempt_key))",
    "CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (at)",
    NULL,
};

static const char *const fourth[] = {
    /* What OpenID providers said in their metadata, read again now and then by one server for all. Of an
     * environment's issuer by its name; single sign-on is of no environment and has no name. `key_set_url`
     * is what they named when they were last read. */
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one statement, line by line */
    "CREATE TABLE discoveries ("
    " environment_id TEXT NOT NULL, issuer TEXT NOT NULL, provider TEXT NOT NULL, key_set_url TEXT NOT NULL,"
    " read_at BIGINT, next_at BIGINT NOT NULL, failures BIGINT NOT NULL, problem TEXT, sentence TEXT,"
    " PRIMARY KEY (environment_id, issuer))",
    "CREATE INDEX discoveries_by_time ON discoveries (next_at)",
    /* So that what is over is found. */
    "CREATE INDEX administrator_devices_by_time ON administrator_devices (created_at)",
    "CREATE INDEX api_tokens_by_end ON api_tokens (expires_at)",
    NULL,
};

const struct migration migrations[] = {{first}, {second}, {third}, {fourth}};
const size_t migration_count = sizeof migrations / sizeof migrations[0];
