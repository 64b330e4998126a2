/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "store/rows.h"

enum { USED_ROUNDING_MS = 60 * 1000 };

static struct store_secret read_secret(struct arena *arena, const struct row *row) {
    return (struct store_secret){
        .environment = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .purpose = row_text(arena, row, 2),
        .name = row_text(arena, row, 3),
        .hint = row_text(arena, row, 4),
        .sealed = row_text(arena, row, 5),
        .created_at = row_number(row, 6),
        .expires_at = row_number(row, 7),
        .revoked_at = row_number(row, 8),
        .last_used_at = row_number(row, 9),
    };
}

struct store_secrets read_secrets(struct arena *arena, const struct step *step) {
    struct store_secrets secrets = {arena_alloc_array(arena, step->row_count, sizeof(struct store_secret)),
                                    0};
    for (const struct row *row = step->first; row != NULL; row = row->next)
        secrets.at[secrets.count++] = read_secret(arena, row);
    return secrets;
}

static void end_others(struct unit *unit, const struct store_secret *secret, int64_t expire_at, int64_t now) {
    if (expire_at == 0)
        return;
    bool at_once = expire_at <= now;
    unit_add(unit, at_once ? SECRET_REVOKE_OTHERS : SECRET_EXPIRE_OTHERS, ANY,
             value_text(secret->environment), value_text(secret->purpose), value_text(secret->name),
             value_text(secret->id), value_number(at_once ? now : expire_at));
}

enum status store_secret_put_wait(struct store *store, struct arena *arena, const struct store_secret *secret,
                                  int64_t others_expire_at, const struct store_audit *audit) {
    (void)arena;
    int64_t now = clock_now_ms();
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("secret"), secret->environment, secret->id);
    unit_add(unit, SECRET_INSERT, ONE_ELSE_NOT_FOUND, value_text(secret->environment), value_text(secret->id),
             value_text(secret->purpose), value_text(secret->name), value_text(secret->hint),
             value_text(secret->sealed), value_number(secret->created_at == 0 ? now : secret->created_at),
             value_time(secret->expires_at));
    end_others(unit, secret, others_expire_at, now);
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

void unit_add_secret_list(struct unit *unit, struct str environment, struct str purpose, struct str name,
                          bool only_usable) {
    unit_add(unit, SECRET_LIST, ANY, value_text(environment), value_optional(purpose), value_optional(name),
             value_time(only_usable ? clock_now_ms() : 0));
}

enum status store_secret_list_wait(struct store *store, struct arena *arena, struct str environment,
                                   struct str purpose, struct str name, bool only_usable,
                                   struct store_secrets *secrets) {
    AUTO_UNIT unit = unit_new(store);
    unit_add_secret_list(unit, environment, purpose, name, only_usable);
    TRY(unit_read_wait(&unit));
    *secrets = read_secrets(arena, &unit->steps[0]);
    return OK;
}

enum status store_secret_kill_wait(struct store *store, struct arena *arena, struct str environment,
                                   struct str id, const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, STR("secret"), environment, id);
    unit_add(unit, SECRET_KILL, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id),
             value_number(clock_now_ms()));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_secret_used_wait(struct store *store, struct arena *arena, struct str environment,
                                   struct str id) {
    (void)arena;
    int64_t now = clock_now_ms();
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SECRET_USED, ANY, value_text(environment), value_text(id), value_number(now),
             value_number(now - USED_ROUNDING_MS));
    return unit_write_wait(&unit);
}

enum status store_secret_scan_wait(struct store *store, struct arena *arena, struct str after_environment,
                                   struct str after_id, unsigned limit, struct store_secrets *secrets) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SECRET_SCAN, ANY, value_text(after_environment), value_text(after_id),
             value_number(page_limit(limit)));
    TRY(unit_read_wait(&unit));
    *secrets = read_secrets(arena, &unit->steps[0]);
    return OK;
}

enum status store_secret_reseal_wait(struct store *store, struct arena *arena, struct str environment,
                                     struct str id, struct str old_sealed, struct str sealed) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, SECRET_RESEAL, ONE_ELSE_CONFLICT, value_text(environment), value_text(id),
             value_text(old_sealed), value_text(sealed));
    return unit_write_wait(&unit); /* no change to announce: what it holds is the same */
}
