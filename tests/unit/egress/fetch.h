/* SPDX-License-Identifier: Apache-2.0 */
/* One request by egress, in a fiber of its own: what the tests of egress ask, and what came of it. */
#pragma once

#include "egress/egress.h"

struct fetch {
    struct egress *egress;
    struct egress_request request;
    struct arena *arena; /* of the answer */
    struct egress_answer answer;
    enum status status;
};

/* `argument` is a struct fetch. */
static inline FIBER void fetch_run_wait(void *argument) {
    struct fetch *fetch = argument;
    fetch->status = egress_fetch_wait(fetch->egress, &fetch->request, fetch->arena, &fetch->answer);
}
