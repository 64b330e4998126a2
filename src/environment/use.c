/* SPDX-License-Identifier: Apache-2.0 */
/* That a key or a secret is in use, for those who want to know whether they can do without it: written by a
 * fiber of its own, once in a while. */
#include "base/log.h"
#include "base/memory.h"
#include "environment/environment.h"
#include "store/key.h"
#include "store/secret.h"

#include <string.h>

enum { NOTED_EVERY_MS = 10 * 60 * 1000 };

struct note {
    struct store *store;
    bool is_key;
    struct str environment, id;
    char text[];
};

static FIBER void write_wait(void *argument) {
    struct note *note = argument;
    AUTO_ARENA arena = arena_new();
    enum status status = note->is_key
                             ? store_key_used_wait(note->store, arena, note->environment, note->id)
                             : store_secret_used_wait(note->store, arena, note->environment, note->id);
    if (status != OK && status != CANCELED)
        log_event(LOG_WARNING, "use-not-noted", LOG_STR("environment", note->environment),
                  LOG_STR("id", note->id), LOG_STR("why", str_from(status_name(status))));
    mem_free(note);
}

void environment_note_use(const struct environment *environment, struct environment_use *use,
                          int64_t now_ms) {
    if (use == NULL || str_is_empty(use->id) || environment->store == NULL ||
        now_ms - use->noted_at_ms < NOTED_EVERY_MS || !fiber_has_room())
        return;
    use->noted_at_ms = now_ms;
    struct str of = environment->id;
    struct note *note = mem_alloc(sizeof *note + of.len + use->id.len);
    memcpy(note->text, of.at, of.len);
    memcpy(note->text + of.len, use->id.at, use->id.len);
    note->store = environment->store;
    note->is_key = use->is_key;
    note->environment = str_of(note->text, of.len);
    note->id = str_of(note->text + of.len, use->id.len);
    fiber_start(write_wait, note, NULL);
}
