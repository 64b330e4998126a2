/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/clock.h"

static enum status demand_session(const struct access_principal *principal, struct arena *arena,
                                  struct access_refusal *refusal) {
    if (principal->kind == ACCESS_ADMINISTRATOR)
        return OK;
    return access_refuse(refusal, arena, 403, "session-required",
                         "This is done signed in, in the dashboard: no API token may do it.");
}

enum status access_change_account_wait(struct access *access, struct arena *arena,
                                       const struct access_principal *principal, int64_t version,
                                       struct str name, struct str email,
                                       struct store_administrator *administrator,
                                       struct access_refusal *refusal) {
    TRY(demand_session(principal, arena, refusal));
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator, administrator));
    if (version != 0 && administrator->version != version)
        return CONFLICT;
    struct person person;
    TRY(person_read(arena, str_is_empty(email) ? administrator->email : email,
                    str_is_empty(name) ? administrator->name : name, &person, refusal));
    if (!str_equal(person.email, administrator->email))
        TRY(access_demand_recent(principal, arena, refusal));
    struct store_audit event =
        trail(principal->actor, "account.change", trail_target(arena, administrator->id));
    event.before = administrator_state(arena, administrator->email, administrator->name, STR_NONE);
    event.after = administrator_state(arena, person.email, person.name, STR_NONE);
    enum status status =
        store_administrator_set_email_wait(access->options.store, administrator->id, administrator->version,
                                           person.email, person.email_key, person.name, &event);
    if (status == CONFLICT)
        return access_refuse_at(refusal, arena, "email-taken", "/email",
                                "This e-mail address is another administrator's.");
    if (status == NOT_FOUND)
        return CONFLICT;
    TRY(status);
    administrator->email = person.email;
    administrator->name = person.name;
    administrator->version++;
    return OK;
}

enum status access_change_password_wait(struct access *access, struct arena *arena,
                                        const struct access_credentials *from,
                                        const struct access_principal *principal, struct str current,
                                        struct str password, struct access_signed_in *signed_in,
                                        struct access_refusal *refusal) {
    TRY(demand_session(principal, arena, refusal));
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    if (str_is_empty(administrator.password_hash))
        TRY(access_demand_recent(principal, arena, refusal));
    else
        TRY(sign_in_check_password_wait(access, arena, from, principal, current, refusal));
    struct person person;
    struct str hash;
    TRY(person_read(arena, administrator.email, administrator.name, &person, refusal));
    TRY(person_hash_wait(access, arena, &person, password, "/new", &hash, refusal));
    struct store_audit event =
        trail(principal->actor, "account.change-password", trail_target(arena, administrator.id));
    TRY(store_administrator_set_password_wait(access->options.store, administrator.id, administrator.name,
                                              hash, principal->session, &event));
    return session_rotate_wait(access, arena, from, principal, true, NULL, signed_in);
}

enum status access_end_session_wait(struct access *access, struct arena *arena,
                                    const struct access_principal *principal, struct str id) {
    if (principal->kind != ACCESS_ADMINISTRATOR)
        return DENIED;
    struct store_audit event =
        trail(principal->actor, "account.end-session", trail_target(arena, principal->administrator));
    event.session = id;
    return store_admin_session_end_wait(access->options.store, principal->administrator, id, &event);
}

enum status access_list_sessions_wait(struct access *access, struct arena *arena,
                                      const struct access_principal *principal,
                                      struct store_admin_sessions *sessions) {
    int64_t now = clock_now_ms();
    return store_admin_session_list_wait(access->options.store, arena, principal->administrator,
                                         now - ACCESS_SESSION_MS, now - ACCESS_IDLE_MS, sessions);
}
