/* SPDX-License-Identifier: Apache-2.0 */
/* A peer of tests/peers, run by node for as long as a test needs it. */
#pragma once

#include "base/str.h"

#include <sys/types.h>

struct node_peer {
    pid_t pid;
    int input;    /* closing it ends the peer */
    char url[64]; /* "http://127.0.0.1:…" */
};

/* `script` is a path below tests/; `argument` may be NULL. The test fails where it does not start. */
void node_peer_start(struct node_peer *peer, const char *script, const char *argument);
void node_peer_stop(struct node_peer *peer);
