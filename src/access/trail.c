/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/log.h"

struct store_audit trail(struct str actor, const char *action, struct str target) {
    return (struct store_audit){
        .actor = actor, .action = str_from(action), .target = target, .outcome = STR("allowed")};
}

struct str trail_target(struct arena *arena, struct str administrator) {
    return arena_join(arena, 2, (struct str[]){STR("administrator/"), administrator});
}

/* Of what a stranger typed nothing is written down: it may be a password in the wrong field. */
struct store_audit trail_refused(struct arena *arena, const struct access_credentials *from,
                                 struct str administrator, const char *action, const char *reason) {
    struct store_audit event = {.action = str_from(action),
                                .outcome = STR("refused"),
                                .reason = str_from(reason),
                                .detail = from->peer};
    if (!str_is_empty(administrator))
        event.target = trail_target(arena, administrator);
    return event;
}

void trail_write_wait(struct access *access, struct arena *arena, const struct store_audit *event) {
    enum status status = store_audit_append_wait(access->options.store, arena, event);
    if (status != OK && status != CANCELED)
        log_event(LOG_ERROR, "audit-not-written", LOG_STR("action", event->action),
                  LOG_STR("status", str_from(status_name(status))));
}
