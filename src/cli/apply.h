/* SPDX-License-Identifier: Apache-2.0 */
/* What `chatelaine apply`, `chatelaine import` and `chatelaine environment apply` share: an environment
 * compared with what a document says of it, and made so. */
#pragma once

#include "cli/plan.h"

struct apply_secret {
    const struct plan_secret *planned;
    enum {
        SECRET_SAME,
        SECRET_NEW,
        SECRET_OTHER,
        SECRET_UNKNOWN
    } state; /* UNKNOWN: its value cannot be had here */
};

/* One environment, looked at. */
struct apply_state {
    const struct plan_target *target;
    struct str path;       /* of its document in the API */
    struct str etag;       /* of what is there; empty: nothing is */
    const json_t *before;  /* the document that is there; NULL: none */
    const json_t *applied; /* what the API says that changes, or has changed */
    struct apply_secret *secrets;
    bool is_refused; /* what the file says of it will not do; that of others may be looked at all the same */
    size_t things_added, things_changed, things_removed;
};

static inline bool apply_changes(const struct apply_state *state) {
    return state->things_added + state->things_changed + state->things_removed > 0;
}

/* Reads what is there and asks what would change. False: it was said why not, with the place in `source`. */
FIBER NODISCARD bool apply_look_wait(struct client *client, const struct source *source,
                                     const struct plan_target *target, struct apply_state *state,
                                     int *exit_status);
/* Brings it about, unless somebody else has changed something since apply_look_wait. */
FIBER NODISCARD bool apply_do_wait(struct client *client, const struct source *source,
                                   struct apply_state *state, int *exit_status);

/* apply_errors.c: why the document was refused, all of it, with the places in `source`. Gives the exit
 * status. */
FIBER int apply_fail_wait(struct client *client, const struct source *source, const struct apply_state *state,
                          const struct client_answer *refused);

/* apply_print.c */
void apply_print(const struct client *client,
                 const struct apply_state *state);   /* what changes, for a person */
json_t *apply_json(const struct apply_state *state); /* for machines; a new reference */
/* What is still missing before it works, each with the command that makes it. */
void apply_print_missing(const struct client *client, const struct apply_state *state);
