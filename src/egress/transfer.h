/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer. The asking thread makes a transfer, hands it to the egress thread in a job, and
 * reads the answer when that has come home; what stands under "egress thread" below is nobody else's.
 * Referenced by the asker, by jobs on their way and, while it runs, by the egress thread. */
#pragma once

#include "base/buffer.h"
#include "base/job.h"
#include "egress/egress.h"
#include "egress/url.h"

#include <curl/curl.h>
#include <stdatomic.h>

struct egress_thread;

/* The next bytes of a stream, asked for by its reader. */
struct read_job {
    struct job job;
    struct transfer *transfer;
    struct buffer chunk; /* empty: the end, for the reason in `problem` */
    enum egress_problem problem;
};

struct transfer {
    _Atomic unsigned references;
    struct arena *arena;
    struct egress *egress;

    /* ---- the request: fixed from the start ---- */
    const char *method;
    bool is_safe; /* GET or HEAD: may be sent again, to where a redirect leads */
    struct egress_header *headers;
    size_t header_count;
    struct str body;
    int64_t timeout_ms;
    int64_t connect_timeout_ms;
    int64_t idle_timeout_ms;
    size_t max_bytes;
    const char *const *content_types; /* static strings */
    unsigned max_redirects;
    bool is_private_allowed;
    bool is_sent_once;
    bool is_stream;

    /* ---- egress thread ---- */
    struct url url; /* of this hop */
    struct str first_origin;
    bool has_left_origin; /* our headers are for the first origin: coming back does not bring them back */
    CURL *easy;
    struct curl_slist *header_list;
    struct transfer *previous;
    struct transfer *next;
    struct timer deadline;
    struct timer idle;
    unsigned redirects;
    size_t head_bytes;
    size_t body_bytes;
    bool is_following; /* this answer is a redirect that is followed: its body is nobody's */
    bool is_head_complete;
    bool is_paused;
    bool is_finished;
    struct job *beginner; /* waits for the head of a stream, or for a whole answer */
    struct read_job *reader;
    struct buffer received; /* of a stream: what nobody has fetched yet */

    /* ---- the answer: the asker's once `beginner` is home; of a stream `received` and `problem` stay behind
     * ---- */
    struct egress_answer answer;
    enum egress_problem problem;
};

/* By the asker. `content_types` must be static, all else is copied. */
struct transfer *transfer_new(struct egress *egress, const struct egress_request *request, bool is_stream);
struct transfer *transfer_refer(struct transfer *transfer);
void transfer_release(struct transfer *transfer);

/* On the egress thread. */
void transfer_begin(struct egress_thread *thread, struct transfer *transfer, struct job *beginner);
void transfer_read(struct transfer *transfer, struct read_job *reader);
void transfer_abort(struct transfer *transfer, enum egress_problem problem);
void transfer_performed(struct transfer *transfer, CURLcode result);

/* Sets the options of `transfer->easy` for its present URL: request.c. */
NODISCARD enum egress_problem request_apply(struct transfer *transfer);
/* False for a method or header that cannot be sent. */
bool request_is_sendable(const struct egress_request *request);
