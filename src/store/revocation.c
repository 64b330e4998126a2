/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/digest.h"
#include "store/rows.h"
#include "store/visitor_session.h"

enum { MARK_DIGITS = 32 };

/* A provider's session is not used longer than that; a token's mark goes when the token has ended. */
static const int64_t PROVIDER_SESSION_MS = 400LL * 24 * 60 * 60 * 1000;

/* ---- marks ---- */

static struct str mark_of(struct arena *arena, struct str kind, struct str issuer, struct str value) {
    struct str parts = arena_join(
        arena, 5, (struct str[]){kind, str_of("", 1), issuer, str_of("", 1), value}); /* NULs between them */
    return str_slice(digest_sha256_hex(arena, parts), 0, MARK_DIGITS);
}

struct str store_mark_subject(struct arena *arena, struct str issuer, struct str subject) {
    return mark_of(arena, STR("subject"), issuer, subject);
}

struct str store_mark_session(struct arena *arena, struct str issuer, struct str provider_session) {
    return mark_of(arena, STR("session"), issuer, provider_session);
}

struct str store_mark_token(struct arena *arena, struct str token_id) {
    return mark_of(arena, STR("token"), STR_NONE, token_id);
}

/* ---- reading ---- */

void unit_add_revocation_list(struct unit *unit, struct str environment) {
    unit_add(unit, REVOCATION_LIST, ANY, value_text(environment), value_number(clock_now_ms()),
             value_number(STORE_REVOCATIONS_LOADED + 1));
}

struct store_revocations read_revocations(struct arena *arena, const struct step *step) {
    struct store_revocations list = {.count = 0};
    list.at = arena_alloc_array(arena, step->row_count, sizeof *list.at);
    for (const struct row *row = step->first; row != NULL; row = row->next) {
        list.has_more = list.count == STORE_REVOCATIONS_LOADED;
        if (!list.has_more)
            list.at[list.count++] = (struct store_revocation){row_text(arena, row, 0), row_number(row, 1)};
    }
    return list;
}

enum status store_revocation_find_wait(struct store *store, struct arena *arena, struct str environment,
                                       const struct str marks[3], struct store_revocations *found) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, REVOCATION_FIND, ANY, value_text(environment), value_text(marks[0]), value_text(marks[1]),
             value_text(marks[2]));
    TRY(unit_read_wait(&unit));
    *found = read_revocations(arena, &unit->steps[0]);
    return OK;
}

/* ---- signing out ---- */

enum status store_visitor_revoke_wait(struct store *store, struct arena *arena,
                                      const struct store_visitor *visitor, int64_t open_since,
                                      const struct store_audit *audit, int64_t *revoked_at,
                                      int64_t *sessions) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    int64_t now = clock_now_ms();
    struct str mark = store_mark_subject(unit->arena, visitor->issuer, visitor->subject);
    unit_add_change(unit, STR("session"), visitor->environment, visitor->id);
    unit_add(unit, REVOCATION_PUT, ONE_ELSE_NOT_FOUND, value_text(visitor->environment), value_text(mark),
             value_number(now), value_time(0));
    unit_add(unit, PROFILE_REVOKE, ONE_ELSE_NOT_FOUND, value_text(visitor->environment),
             value_text(visitor->id), value_number(now));
    unsigned ended = unit_add(unit, SESSION_REVOKE_VISITOR, ANY, value_text(visitor->environment),
                              value_text(visitor->id), value_number(now), value_number(open_since));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *revoked_at = now;
    *sessions = unit->steps[ended].touched;
    return OK;
}

enum status store_visitor_restore_wait(struct store *store, struct arena *arena,
                                       const struct store_visitor *visitor, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    struct str mark = store_mark_subject(unit->arena, visitor->issuer, visitor->subject);
    unit_add_change(unit, STR("session"), visitor->environment, visitor->id);
    unit_add(unit, REVOCATION_DELETE, ANY, value_text(visitor->environment), value_text(mark));
    unit_add(unit, PROFILE_RESTORE, ANY, value_text(visitor->environment), value_text(visitor->id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_session_revoke_wait(struct store *store, struct arena *arena,
                                      const struct store_session *session, const struct store_audit *audit,
                                      int64_t *revoked_at) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    int64_t now = clock_now_ms();
    unit_add_change(unit, STR("session"), session->environment, session->id);
    unit_add(unit, SESSION_REVOKE, ONE_ELSE_NOT_FOUND, value_text(session->environment),
             value_text(session->id), value_number(now));
    unit_add(unit, REVOCATION_PUT, ONE_ELSE_NOT_FOUND, value_text(session->environment),
             value_text(store_mark_token(unit->arena, session->token)), value_number(now),
             value_number(session->token_ends_at));
    if (!str_is_empty(session->provider_session))
        unit_add(unit, REVOCATION_PUT, ONE_ELSE_NOT_FOUND, value_text(session->environment),
                 value_text(store_mark_session(unit->arena, session->issuer, session->provider_session)),
                 value_number(now), value_number(now + PROVIDER_SESSION_MS));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *revoked_at = now;
    return OK;
}
