/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: who is there, noted for administrators. What a session has to say of itself (somebody has
 * signed in, a conversation has begun) joins a list and is written some seconds later, by fibers of its own:
 * no message waits for it, and what a crash takes along is those seconds. */
#pragma once

#include "chat/session.h"

struct presence;
struct presences;

struct presences *presences_new(struct store *store);
void presences_free(struct presences *presences);
/* Begins to write what there is now. True: something is being written. */
bool presences_flush(struct presences *presences);

/* Somebody is signed in on this session, with this token. */
void presence_sign_in(struct chat_session *session, const struct environment *environment,
                      const struct verified *verified, struct str visitor);
/* Nobody is any more. */
void presence_end(struct chat_session *session);
/* Each session of the environment (empty: of any) that somebody is signed in on looks at its token. */
void presences_recheck(struct presences *presences, struct str environment);
/* A visitor was here, on a session that is not noted: every some minutes. */
void presence_note_visitor(struct chat *chat, const struct environment *environment, struct str visitor,
                           const struct verified *verified);
/* A conversation has begun: it will be found by its title. */
void presence_note_title(struct chat *chat, const struct environment *environment, struct str conversation,
                         struct str title);
