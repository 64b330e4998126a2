/* SPDX-License-Identifier: Apache-2.0 */
/* Which visitors, conversations and sessions an administrator asks for. */
#pragma once

#include "store/store.h"

enum store_visitor_kind { STORE_VISITORS_ALL, STORE_VISITORS_VERIFIED, STORE_VISITORS_ANONYMOUS };

struct store_seen_filter {
    struct str environment;
    struct str search;            /* visitors, conversations: how a word of theirs begins; empty: any */
    struct str visitor;           /* conversations, sessions: id; empty: any */
    enum store_visitor_kind kind; /* visitors */
    int64_t open_since;           /* sessions: only open ones that were seen since; 0: any */
    struct str after;             /* the page before gave it; INVALID where it did not */
    unsigned limit;
};
