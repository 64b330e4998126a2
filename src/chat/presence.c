/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/presence.h"
#include "store/conversation_seen.h"
#include "store/visitor_seen.h"
#include "store/visitor_session.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "chat/internal.h"

#include <stddef.h>
#include <string.h>

enum {
    EVERY_MS = 3000,
    SEEN_EVERY_MS = 10 * 60 * 1000, /* how exactly a visitor's last time is known */
    WRITERS = 8,                    /* fibers at most */
    NOTES_MAX = 100 * 1000,         /* while the store is away: more are left out */
    RECENT = 1024,
};

enum note_kind { NOTE_SESSION, NOTE_VISITOR, NOTE_TITLE };

/* Something to be written. A session's stays in the list until that ends; only a writer frees it. */
struct presence {
    struct presence *next, *previous;
    struct chat_session *session; /* NULL: it has gone on */
    enum note_kind kind;
    bool is_due, is_being_written, is_over;
    bool has_profile; /* name and e-mail address have to be written, too */
    int64_t started_at, seen_at, ended_at, token_ends_at;
    struct client_kind client;
    struct str environment, visitor, id /* session or conversation */, issuer, token, provider_session, name,
        email, title;
    size_t used;
    char text[];
};

struct presences {
    struct store *store;
    struct presence *first, *last;
    size_t count;
    unsigned writers;
    struct timer timer;
    /* When a visitor was noted last: by a hash, so that few are noted too often and none never. */
    struct {
        uint64_t hash;
        int64_t at_ms;
    } recent[RECENT];
};

struct presences *presences_new(struct store *store) {
    struct presences *presences = mem_alloc_zero(sizeof *presences);
    presences->store = store;
    return presences;
}

static void unlink_note(struct presences *presences, struct presence *note) {
    *(note->previous != NULL ? &note->previous->next : &presences->first) = note->next;
    *(note->next != NULL ? &note->next->previous : &presences->last) = note->previous;
    presences->count--;
    mem_wipe(note->text, note->used);
    mem_free(note);
}

void presences_free(struct presences *presences) {
    if (presences == NULL)
        return;
    while (presences->first != NULL)
        unlink_note(presences, presences->first);
    mem_free(presences);
}

static void on_timer(struct timer *timer) {
    struct presences *presences = (struct presences *)((char *)timer - offsetof(struct presences, timer));
    if (loop_is_ending(loop_current()))
        return;
    presences_flush(presences);
    if (presences->first != NULL)
        timer_start(loop_current(), timer, EVERY_MS, on_timer);
}

/* ---- making ---- */

static struct str keep(struct presence *note, struct str text) {
    if (text.len == 0)
        return STR_NONE;
    memcpy(note->text + note->used, text.at, text.len);
    note->used += text.len;
    return str_of(note->text + note->used - text.len, text.len);
}

/* All texts of `from` are copied. NULL: there are too many. */
static struct presence *add(struct presences *presences, const struct presence *from) {
    if (presences == NULL || presences->count >= NOTES_MAX)
        return NULL;
    size_t size = from->environment.len + from->visitor.len + from->id.len + from->issuer.len +
                  from->token.len + from->provider_session.len + from->name.len + from->email.len +
                  from->title.len;
    struct presence *note = mem_alloc(sizeof *note + size);
    *note = *from;
    note->used = 0;
    note->environment = keep(note, from->environment);
    note->visitor = keep(note, from->visitor);
    note->id = keep(note, from->id);
    note->issuer = keep(note, from->issuer);
    note->token = keep(note, from->token);
    note->provider_session = keep(note, from->provider_session);
    note->name = keep(note, from->name);
    note->email = keep(note, from->email);
    note->title = keep(note, from->title);
    note->is_due = true;
    note->next = NULL;
    note->previous = presences->last;
    *(presences->last != NULL ? &presences->last->next : &presences->first) = note;
    presences->last = note;
    presences->count++;
    if (!timer_is_running(&presences->timer) && loop_current() != NULL)
        timer_start(loop_current(), &presences->timer, EVERY_MS, on_timer);
    return note;
}

static bool was_noted_lately(struct presences *presences, struct str visitor, int64_t now) {
    uint64_t hash = str_hash(visitor);
    bool is_recent = presences->recent[hash % RECENT].hash == hash &&
                     now - presences->recent[hash % RECENT].at_ms < SEEN_EVERY_MS;
    if (!is_recent) {
        presences->recent[hash % RECENT].hash = hash;
        presences->recent[hash % RECENT].at_ms = now;
    }
    return is_recent;
}

void presence_note_visitor(struct chat *chat, const struct environment *environment, struct str visitor,
                           const struct verified *verified) {
    int64_t now = clock_now_ms();
    if (chat->presences == NULL || was_noted_lately(chat->presences, visitor, now))
        return;
    struct presence note = {.kind = NOTE_VISITOR,
                            .is_over = true,
                            .has_profile = verified != NULL,
                            .environment = environment->id,
                            .visitor = visitor,
                            .seen_at = now};
    if (verified != NULL) {
        note.name = verified->identity.name;
        note.email = verified->identity.email;
    }
    add(chat->presences, &note);
}

void presence_note_title(struct chat *chat, const struct environment *environment, struct str conversation,
                         struct str title) {
    const struct presence note = {.kind = NOTE_TITLE,
                                  .is_over = true,
                                  .environment = environment->id,
                                  .id = conversation,
                                  .title = title};
    add(chat->presences, &note);
}

void presence_sign_in(struct chat_session *session, const struct environment *environment,
                      const struct verified *verified, struct str visitor) {
    struct chat *chat = session->chat;
    if (!session->is_lasting) { /* one message, and it is over */
        presence_note_visitor(chat, environment, visitor, verified);
        return;
    }
    int64_t now = clock_now_ms();
    int64_t started_at = now;
    struct presence *before = session->presence;
    if (before != NULL && str_equal(before->visitor, visitor))
        started_at = before->started_at;
    if (before != NULL) { /* the same row is written anew */
        before->session = NULL;
        before->is_over = true;
        before->is_due = false;
    }
    const struct presence note = {
        .session = session,
        .kind = NOTE_SESSION,
        .has_profile = true,
        .started_at = started_at,
        .seen_at = now,
        .token_ends_at = verified->identity.usable_until * 1000,
        .client = session->client,
        .environment = environment->id,
        .visitor = visitor,
        .id = kept_text(&session->id),
        .issuer = verified->issuer,
        .token = verified->token_id,
        .provider_session = verified->identity.session_id,
        .name = verified->identity.name,
        .email = verified->identity.email,
    };
    session->presence = add(chat->presences, &note);
}

void presence_end(struct chat_session *session) {
    struct presence *note = session->presence;
    session->presence = NULL;
    if (note == NULL)
        return;
    note->session = NULL;
    note->ended_at = note->seen_at = clock_now_ms();
    note->is_over = true;
    note->is_due = true;
}

/* A session that looks at its token may end its note, but frees none. */
void presences_recheck(struct presences *presences, struct str environment) {
    for (struct presence *note = presences->first; note != NULL; note = note->next) {
        if (note->session != NULL && (str_is_empty(environment) || str_equal(note->environment, environment)))
            session_recheck(note->session);
    }
}

/* ---- writing ---- */

/* The next one that is due; those that are over and written go. */
static struct presence *take_due(struct presences *presences) {
    int64_t now = clock_now_ms();
    for (struct presence *note = presences->first, *next; note != NULL; note = next) {
        next = note->next;
        if (note->is_being_written)
            continue;
        if (!note->is_due && note->is_over) {
            unlink_note(presences, note);
            continue;
        }
        if (!note->is_due && now - note->seen_at > SEEN_EVERY_MS) {
            note->seen_at = now; /* its client is still there */
            note->is_due = true;
        }
        if (!note->is_due)
            continue;
        note->is_due = false;
        note->is_being_written = true;
        return note;
    }
    return NULL;
}

static FIBER enum status write_session_wait(struct store *store, struct arena *arena, struct presence *note) {
    const struct store_session session = {
        .id = note->id,
        .environment = note->environment,
        .visitor = note->visitor,
        .issuer = note->issuer,
        .token = note->token,
        .token_ends_at = note->token_ends_at,
        .provider_session = note->provider_session,
        .client = client_kind_text(arena, note->client),
        .started_at = note->started_at,
        .seen_at = note->seen_at,
        .ended_at = note->ended_at,
    };
    return store_session_note_wait(store, arena, &session);
}

static FIBER enum status write_visitor_wait(struct store *store, struct arena *arena, struct presence *note) {
    if (!note->has_profile)
        return store_visitor_note_seen_wait(store, arena, note->environment, note->visitor, note->seen_at);
    enum status status = store_visitor_note_wait(store, arena, note->environment, note->visitor, note->name,
                                                 note->email, note->seen_at);
    if (status == OK)
        note->has_profile = false;
    return status == NOT_FOUND ? OK : status; /* erased meanwhile */
}

static FIBER enum status write_note_wait(struct store *store, struct presence *note) {
    AUTO_ARENA arena = arena_new();
    if (note->kind == NOTE_TITLE)
        return store_conversation_note_title_wait(store, arena, note->environment, note->id, note->title);
    if (note->kind == NOTE_SESSION)
        TRY(write_session_wait(store, arena, note));
    return write_visitor_wait(store, arena, note);
}

static void write_due(void *argument) {
    struct presences *presences = argument;
    fiber_shield(); /* what was noted before the end is written at the end */
    for (struct presence *note = take_due(presences); note != NULL; note = take_due(presences)) {
        enum status status = write_note_wait(presences->store, note);
        note->is_being_written = false;
        if (status == OK)
            continue;
        note->is_due = true; /* with the next flush */
        log_event(LOG_WARNING, "visitor-not-noted", LOG_STR("why", str_from(status_name(status))));
        break;
    }
    fiber_unshield();
}

static void written(void *argument) {
    ((struct presences *)argument)->writers--;
}

static bool is_anything_due(const struct presences *presences) {
    int64_t now = clock_now_ms();
    for (const struct presence *note = presences->first; note != NULL; note = note->next) {
        if (note->is_due || (!note->is_over && now - note->seen_at > SEEN_EVERY_MS))
            return true;
    }
    return false;
}

bool presences_flush(struct presences *presences) {
    while (presences->writers < WRITERS && is_anything_due(presences)) {
        unsigned before = presences->writers++;
        fiber_start(write_due, presences, written);
        if (presences->writers == before) /* it could not wait: nothing is to be had */
            break;
    }
    return presences->writers > 0;
}
