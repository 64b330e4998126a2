/* SPDX-License-Identifier: Apache-2.0 */
/* The egress thread: libcurl's multi handle driven by the loop. */
#pragma once

#include "egress/transfer.h"

#include <openssl/x509.h>
#include <pthread.h>

struct egress_thread {
    struct loop *loop;
    CURLM *multi;
    struct timer timer;  /* libcurl's */
    X509_STORE *trusted; /* every connection refers to it: see thread_trusted */
    bool is_system_trusted;
    struct transfer *active;
    unsigned max_transfers;
    bool is_private_allowed;
    bool is_ending;
    _Atomic unsigned active_count;
};

struct egress {
    struct egress_thread thread;
    pthread_t handle;
};

NODISCARD enum status thread_open(struct egress_thread *thread, const struct egress_options *options);
void thread_close(struct egress_thread *thread);
void thread_add(struct egress_thread *thread, struct transfer *transfer); /* among the active */
void thread_remove(struct egress_thread *thread, struct transfer *transfer);

/* The certificates that are trusted, shared by all connections: libcurl by itself would read the system's
 * whole bundle anew for each. The system's are looked for when a connection first needs them: reading them
 * takes longer than all the rest of a start. */
X509_STORE *thread_trusted(struct egress_thread *thread);
