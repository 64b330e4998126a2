/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/random.h"
#include "store/rows.h"

struct store_visitor read_visitor(struct arena *arena, const struct row *row) {
    return (struct store_visitor){
        .environment = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .issuer = row_text(arena, row, 2),
        .subject = row_text(arena, row, 3),
        .created_at = row_number(row, 4),
    };
}

static FIBER enum status read_one_wait(struct unit **unit, struct arena *arena,
                                       struct store_visitor *visitor) {
    TRY(unit_read_wait(unit));
    *visitor = read_visitor(arena, unit_row(*unit, 0));
    return OK;
}

static unsigned add_find_subject(struct unit *unit, struct str environment, struct str issuer,
                                 struct str subject) {
    return unit_add(unit, VISITOR_FIND_SUBJECT, ONE_ELSE_NOT_FOUND, value_text(environment),
                    value_text(issuer), value_text(subject));
}

/* Two sessions of a visitor who is new may come here at once: the second one inserts nothing and finds the
 * first one's row. */
static FIBER enum status create_verified_wait(struct store *store, struct arena *arena,
                                              struct str environment, struct str issuer, struct str subject,
                                              struct store_visitor *visitor) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_INSERT, ANY, value_text(environment), value_text(id_new(unit->arena, STR("vis"))),
             value_text(issuer), value_text(subject), value_optional(STR_NONE), value_number(clock_now_ms()));
    unsigned found = add_find_subject(unit, environment, issuer, subject);
    TRY(unit_write_wait(&unit));
    *visitor = read_visitor(arena, unit_row(unit, found));
    return OK;
}

enum status store_visitor_resolve_wait(struct store *store, struct arena *arena, struct str environment,
                                       struct str issuer, struct str subject, struct store_visitor *visitor) {
    if (str_is_empty(issuer) || str_is_empty(subject))
        return INVALID;
    AUTO_UNIT unit = unit_new(store);
    add_find_subject(unit, environment, issuer, subject);
    enum status status = read_one_wait(&unit, arena, visitor);
    return status == NOT_FOUND ? create_verified_wait(store, arena, environment, issuer, subject, visitor)
                               : status;
}

enum status store_visitor_find_anonymous_wait(struct store *store, struct arena *arena,
                                              struct str environment, struct str resume_hash,
                                              struct store_visitor *visitor) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_FIND_RESUME_HASH, ONE_ELSE_NOT_FOUND, value_text(environment),
             value_text(resume_hash));
    return read_one_wait(&unit, arena, visitor);
}

enum status store_visitor_find_wait(struct store *store, struct arena *arena, struct str environment,
                                    struct str id, struct store_visitor *visitor) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, VISITOR_FIND, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id));
    return read_one_wait(&unit, arena, visitor);
}
