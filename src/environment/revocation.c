/* SPDX-License-Identifier: Apache-2.0 */
/* Who was signed out. The latest revocations come with the environment, so that most tokens are looked up
 * here; where there are more of them, the store is asked, once for each token that is not remembered. */
#include "audit/audit.h"
#include "environment/load.h"

#include <stdlib.h>

static int compare_marks(const void *a, const void *b) {
    return str_compare(((const struct store_revocation *)a)->mark,
                       ((const struct store_revocation *)b)->mark);
}

void environment_copy_revocations(struct environment *environment, struct arena *arena,
                                  const struct store_revocations *rows) {
    struct store_revocation *copies = arena_alloc_array(arena, rows->count, sizeof *copies);
    for (size_t i = 0; i < rows->count; i++)
        copies[i] = (struct store_revocation){arena_copy(arena, rows->at[i].mark), rows->at[i].revoked_at};
    if (rows->count > 1)
        qsort(copies, rows->count, sizeof *copies, compare_marks);
    environment->revocations =
        (struct store_revocations){.at = copies, .count = rows->count, .has_more = rows->has_more};
}

/* By what a token can be revoked: its subject, its session at the provider, itself. */
enum { BY_SUBJECT, BY_SESSION, BY_TOKEN, MARKS };

static void marks_of(struct arena *arena, const struct identity *identity, struct str token,
                     struct str marks[MARKS]) {
    marks[BY_SUBJECT] = store_mark_subject(arena, identity->issuer_name, identity->subject);
    marks[BY_SESSION] = str_is_empty(identity->session_id)
                            ? STR_NONE
                            : store_mark_session(arena, identity->issuer_name, identity->session_id);
    marks[BY_TOKEN] = store_mark_token(arena, audit_token_id(arena, identity->token_id, token));
}

/* A subject's revocation is for tokens that were issued until then; one that does not say when counts as
 * old. */
static bool is_revoked(const struct store_revocation *found, const struct str marks[MARKS],
                       const struct identity *identity) {
    bool is_newer = identity->issued_at != 0 && identity->issued_at * 1000 > found->revoked_at;
    return !(str_equal(found->mark, marks[BY_SUBJECT]) && is_newer);
}

static bool is_revoked_here(const struct environment *environment, const struct str marks[MARKS],
                            const struct identity *identity) {
    for (int i = 0; i < MARKS; i++) {
        const struct store_revocation key = {.mark = marks[i]};
        const struct store_revocation *found =
            str_is_empty(marks[i]) ? NULL
                                   : bsearch(&key, environment->revocations.at,
                                             environment->revocations.count, sizeof key, compare_marks);
        if (found != NULL && is_revoked(found, marks, identity))
            return true;
    }
    return false;
}

enum status environment_admits(const struct environment *environment, struct arena *arena,
                               const struct identity *identity, struct str token) {
    if (environment->revocations.count == 0)
        return OK;
    struct str marks[MARKS];
    marks_of(arena, identity, token, marks);
    if (is_revoked_here(environment, marks, identity))
        return DENIED;
    return environment->revocations.has_more ? UNAVAILABLE : OK;
}

enum status environment_admits_wait(const struct environment *environment, struct arena *arena,
                                    const struct identity *identity, struct str token) {
    enum status status = environment_admits(environment, arena, identity, token);
    if (status != UNAVAILABLE || environment->store == NULL)
        return status == UNAVAILABLE ? OK : status;
    struct str marks[MARKS];
    struct store_revocations found;
    marks_of(arena, identity, token, marks);
    TRY(store_revocation_find_wait(environment->store, arena, environment->id, marks, &found));
    for (size_t i = 0; i < found.count; i++) {
        if (is_revoked(&found.at[i], marks, identity))
            return DENIED;
    }
    return OK;
}
