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
    X509_STORE *trusted; /* read once; every connection refers to it */
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
