/* SPDX-License-Identifier: Apache-2.0 */
/* One fetch of a key set, from the URL to keys. */
#pragma once

#include "keyset/keyset.h"

struct fetched {
    struct jose_key_set *keys; /* a reference, the caller's; NULL where it failed */
    struct str document;       /* in the arena */
    struct str digest;         /* of it, likewise: an equal one holds equal keys */
    int64_t life_ms;
    bool is_server_error;        /* of KEYSET_BAD_STATUS: 429 or 5xx, which may be over soon */
    enum keyset_problem problem; /* KEYSET_NO_KEYS also with `keys`, when there is nothing in them */
    struct str sentence;         /* static or in the arena */
};

/* OK, UNAVAILABLE (the problem says why) or CANCELED. */
FIBER NODISCARD enum status fetch_keys_wait(struct egress *egress, const struct keyset_options *options,
                                            struct str url, struct arena *arena, struct fetched *fetched);
