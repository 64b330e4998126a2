/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors as administrators see them. */
#pragma once

#include "store/seen.h"
#include "store/visitor.h"

struct store_visitor_seen {
    struct store_visitor visitor;
    struct str name, email; /* as the latest sign-in had them */
    int64_t seen_at;        /* to some minutes */
    int64_t revoked_at;
};
struct store_visitors_seen {
    struct store_visitor_seen *at;
    size_t count;
    struct str next; /* `after` of the next page; empty: this was the last */
};

/* Newest first; with `search`, by what was found. */
FIBER NODISCARD enum status store_visitor_seen_list_wait(struct store *store, struct arena *arena,
                                                         const struct store_seen_filter *filter,
                                                         struct store_visitors_seen *list);
FIBER NODISCARD enum status store_visitor_seen_find_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str id,
                                                         struct store_visitor_seen *seen);

enum { STORE_COUNT_MAX = 1000 }; /* nobody counts further */
struct store_visitor_counts {
    int64_t conversations, sessions, open_sessions;
};
FIBER NODISCARD enum status store_visitor_count_wait(struct store *store, struct arena *arena,
                                                     struct str environment, struct str id,
                                                     int64_t open_since, struct store_visitor_counts *counts);

/* The visitor's name and e-mail address, as the token has them; and that they were here. */
FIBER NODISCARD enum status store_visitor_note_wait(struct store *store, struct arena *arena,
                                                    struct str environment, struct str visitor,
                                                    struct str name, struct str email, int64_t seen_at);
FIBER NODISCARD enum status store_visitor_note_seen_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str visitor,
                                                         int64_t seen_at);
