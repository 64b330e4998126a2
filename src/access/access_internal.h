/* SPDX-License-Identifier: Apache-2.0 */
/* Private to access/: what its files share. */
#pragma once

#include "access/access.h"
#include "base/digest.h"
#include "store/attempt.h"
#include "store/audit.h"
#include "vault/vault.h"

struct hasher;

struct access {
    struct access_options options;
    struct hasher *hasher;
};

enum { ACCESS_TOKEN_BYTES = 32, ACCESS_TOKEN_DIGITS = 43 /* of base64url */ };

#define ACCESS_MINUTE_MS  ((int64_t)60 * 1000)
#define ACCESS_DAY_MS     ((int64_t)24 * 60 * 60 * 1000)
#define ACCESS_IDLE_MS    ((int64_t)12 * 60 * 60 * 1000) /* a session that is not used ends */
#define ACCESS_SESSION_MS (14 * ACCESS_DAY_MS)           /* and every session does */
#define ACCESS_DEVICE_MS  (365 * ACCESS_DAY_MS)          /* how long a browser is known */

/* ---- refusals (refusal.c): each gives DENIED ---- */
__attribute__((format(printf, 5, 6))) enum status access_refuse(struct access_refusal *refusal,
                                                                struct arena *arena, unsigned status,
                                                                const char *code, const char *format, ...);
/* 422 with the place in the body. */
__attribute__((format(printf, 5, 6))) enum status access_refuse_at(struct access_refusal *refusal,
                                                                   struct arena *arena, const char *code,
                                                                   const char *pointer, const char *format,
                                                                   ...);
enum status access_refuse_no_vault(struct access_refusal *refusal, struct arena *arena);

/* ---- cookies (cookie.c). Pure ---- */

/* The value of the one cookie of that name; STR_NONE where there is none, or more than one: who sees two does
 * not know which of them another site has planted. */
struct str access_cookie_find(struct str header, struct str name);
/* The names: `__Host-` is what a browser takes only over https, for this host alone. */
struct str access_cookie_session(bool is_secure);
struct str access_cookie_device(bool is_secure);
struct str access_cookie_sso(bool is_secure);
/* For Set-Cookie. `max_age_s` 0: the cookie goes. */
struct str access_cookie_write(struct arena *arena, struct str name, struct str value, bool is_secure,
                               int64_t max_age_s);
/* Whether it is a token of ours by its form: `prefix` and 43 digits. */
bool access_token_is_formed(struct str token, struct str prefix);

/* ---- e-mail addresses and names (email.c). Pure ---- */

/* The address as it is kept (`*email`) and as it is compared (`*key`: NFC, folded). INVALID: none. */
NODISCARD enum status access_email_read(struct arena *arena, struct str text, struct str *email,
                                        struct str *key);
struct str access_email_domain(struct str key);
/* A name for people: 1 to 100 characters without control characters, trimmed. */
NODISCARD enum status access_name_read(struct arena *arena, struct str text, struct str *name);
/* How a host of a URL is meant by RFC 3986: "chat.example:8443" without its port. */
struct str access_host_name(struct str host);
bool access_host_is_number(struct str name); /* an IP address: no passkey can be bound to it */

/* ---- passwords (password.c) ---- */

enum { PASSWORD_MIN_CHARACTERS = 12, PASSWORD_MAX_BYTES = 1024 };
/* NIST SP 800-63B 5.1.1.2. Pure. `*normal` is the text that is hashed (NFC), in `arena`. INVALID, and `*why`
 * is a sentence. */
NODISCARD enum status access_password_check(struct arena *arena, struct str password, struct str email_key,
                                            struct str name, struct str *normal, const char **why);
/* For a sign-in: NFC, or INVALID for what no password can be. */
NODISCARD enum status access_password_normal(struct arena *arena, struct str password, struct str *normal);
/* Whether its letters and digits come from such words and patterns. */
bool access_password_is_common(struct str folded);

/* ---- hashing (hasher.c) ---- */

struct hasher *hasher_new(void); /* its thread begins with the first password */
void hasher_free(struct hasher *hasher);
bool hasher_has_room(const struct hasher *hasher);
/* Argon2id. UNAVAILABLE: too many wait already. `*hash` is libsodium's text. */
FIBER NODISCARD enum status hasher_hash_wait(struct hasher *hasher, struct arena *arena, struct str password,
                                             struct str *hash);
/* `hash` empty: there is none to compare with; it takes as long as if there were, and `*is_right` is false.
 * `*is_old`: it was made with other parameters than are used now. */
FIBER NODISCARD enum status hasher_verify_wait(struct hasher *hasher, struct str hash, struct str password,
                                               bool *is_right, bool *is_old);

/* ---- one-time codes (totp.c). Pure ---- */

enum { TOTP_SECRET_BYTES = 20, TOTP_STEP_S = 30 };
/* RFC 6238 with HMAC-SHA-1 and six digits. */
unsigned access_totp_code(struct str secret, int64_t step);
/* The step, of that now and its two neighbours, whose code this is, and which is later than `used`; 0: none.
 * Spaces in the code do not matter. */
int64_t access_totp_verify(struct str secret, struct str code, int64_t now_s, int64_t used);
struct str access_base32(struct arena *arena, struct str bytes); /* RFC 4648, without padding */

/* ---- what was given out, and comes back (challenge.c) ----
 * Sealed by vault: nobody else can have made it, it ends by itself, and no row is written until it is used.
 */
NODISCARD enum status challenge_make(const struct access *access, struct arena *arena, struct str purpose,
                                     struct str content, int64_t lifetime_ms, struct str *sealed);
/* DENIED: not one of ours for this purpose, or too old. */
NODISCARD enum status challenge_open(const struct access *access, struct arena *arena, struct str purpose,
                                     struct str sealed, struct str *content, int64_t *expires_at);

/* ---- wrong guesses (attempt.c) ---- */

struct attempt {
    struct str keys[2]; /* the account's or the known browser's; the address's, where it counts */
    struct store_attempts before[2], now[2];
    unsigned count;
};
/* Counts the attempt as failed before anything is compared, so that many at once are not one. DENIED: too
 * many; `refusal` says when again. */
FIBER NODISCARD enum status attempt_begin_wait(struct access *access, struct arena *arena,
                                               const struct access_credentials *from, struct str email_key,
                                               struct attempt *attempt, struct access_refusal *refusal);
/* It was right: the address is as it was before. The account's row goes with the sign-in itself. */
FIBER void attempt_undo_wait(struct access *access, const struct attempt *attempt, bool account_too);
FIBER NODISCARD enum status attempt_device_wait(struct access *access, struct arena *arena,
                                                const struct access_credentials *from, struct str email_key,
                                                bool *is_known);

/* ---- sessions (session.c) ---- */

struct str access_hash(struct arena *arena, struct str token); /* SHA-256, hexadecimal */
struct str access_csrf_token(struct arena *arena, struct str session_token);

struct new_session {
    struct store_sign_in row; /* for the store */
    struct str cookie;        /* Set-Cookie */
    struct str device_cookie; /* Set-Cookie; empty: this browser is known already */
    struct str token;
};
/* Fills in all but what was proven. `method`: "password" … */
FIBER NODISCARD enum status session_prepare_wait(struct access *access, struct arena *arena,
                                                 const struct access_credentials *from, struct str email_key,
                                                 struct str method, struct new_session *session);
/* After the store has taken it. */
void session_finish(struct arena *arena, const struct store_administrator *administrator,
                    const struct new_session *session, struct access_signed_in *signed_in);
/* The same session under another value; `is_fresh`: as if signed in just now. */
FIBER NODISCARD enum status session_rotate_wait(struct access *access, struct arena *arena,
                                                const struct access_credentials *from,
                                                const struct access_principal *principal, bool is_fresh,
                                                const struct store_audit *audit,
                                                struct access_signed_in *signed_in);
struct str session_token_of(const struct access_credentials *from); /* of the cookie; STR_NONE where none */
struct str session_cookie(struct arena *arena, const struct access_credentials *from, struct str token);
struct access_principal session_principal(struct arena *arena,
                                          const struct store_administrator *administrator,
                                          const struct store_admin_session *session, struct str token);
/* How browsers call this server: "https://chat.example". */
struct str access_origin(const struct access *access, struct arena *arena,
                         const struct access_credentials *from);

/* ---- shared by the ways in (sign_in.c, setup.c) ---- */

enum status sign_in_refuse_busy(struct access_refusal *refusal, struct arena *arena);
/* OK: it is the password of whoever is signed in. */
FIBER NODISCARD enum status sign_in_check_password_wait(struct access *access, struct arena *arena,
                                                        const struct access_credentials *from,
                                                        const struct access_principal *principal,
                                                        struct str password, struct access_refusal *refusal);
/* The step whose code this is, by the secret under `purpose`; 0: it is none. */
FIBER NODISCARD enum status sign_in_totp_step_wait(struct access *access, struct arena *arena,
                                                   const struct store_administrator *administrator,
                                                   struct str purpose, struct str code, int64_t *step);
struct str sign_in_recovery_hash(struct arena *arena, struct str administrator, struct str code);
void recovery_codes_make(struct arena *arena, struct str administrator,
                         struct str codes[STORE_RECOVERY_CODES], struct str hashes[STORE_RECOVERY_CODES]);
FIBER NODISCARD enum status sso_password_is_off_wait(struct access *access, struct arena *arena,
                                                     bool *is_off);

struct person {
    struct str email, email_key, name;
};
NODISCARD enum status person_read(struct arena *arena, struct str email, struct str name,
                                  struct person *person, struct access_refusal *refusal);
/* Checked by the rules, then hashed. */
FIBER NODISCARD enum status person_hash_wait(struct access *access, struct arena *arena,
                                             const struct person *person, struct str password,
                                             const char *pointer, struct str *hash,
                                             struct access_refusal *refusal);

/* ---- grants (administrator.c) ---- */

bool grants_hold_owner(const struct access_grant *grants, size_t count);
FIBER NODISCARD enum status grants_check_products_wait(struct access *access, struct arena *arena,
                                                       const struct access_grant *grants, size_t count,
                                                       struct access_refusal *refusal);
enum status administrator_refuse_grant(struct access_refusal *refusal, struct arena *arena);
/* That whoever asks still has the roles by which they may: else the store gives DENIED. */
struct store_guard administrator_guard(const struct access_principal *principal);
struct str administrator_state(struct arena *arena, struct str email, struct str name, struct str roles);

struct str access_address_network(struct arena *arena, struct str peer);

/* ---- lines for the audit log (trail.c) ---- */
struct store_audit trail(struct str actor, const char *action, struct str target);
struct store_audit trail_refused(struct arena *arena, const struct access_credentials *from,
                                 struct str administrator, const char *action, const char *reason);
FIBER void trail_write_wait(struct access *access, struct arena *arena, const struct store_audit *event);
struct str trail_target(struct arena *arena, struct str administrator);
