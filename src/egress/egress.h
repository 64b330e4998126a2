/* SPDX-License-Identifier: Apache-2.0 */
/* All outgoing HTTP, on one thread of its own: the only user of libcurl. A fiber of any other loop asks and
 * waits.
 *
 * Rules that hold for every request and every hop of a redirect: http and https only, no user or password in
 * a URL, the address is looked at after name resolution and just before the connection is made
 * (egress/address.h), certificates are verified, no proxy from the environment, no cookies, no compression,
 * nothing is read beyond `max_bytes`. */
#pragma once

#include "base/arena.h"
#include "base/fiber.h"

struct egress;

struct egress_options {
    bool is_private_allowed;  /* the operator's `--allow-private-egress`; metadata services stay out of reach
                                 even then */
    struct str extra_ca_file; /* certificates (PEM) trusted beside the system's; empty: none */
    unsigned max_transfers;   /* at once; 0: 1,024. More are refused as `busy` */
};

/* Starts the thread. FAILED where the CA file cannot be read or there is no thread to be had. */
NODISCARD enum status egress_start(const struct egress_options *options, struct egress **egress);

/* Ends the thread: whoever still waits gets CANCELED. Stop the loops that ask first, this afterwards. */
void egress_stop(struct egress *egress);

enum egress_problem {
    EGRESS_FINE = 0,
    EGRESS_BAD_REQUEST, /* a URL, method or header that cannot be sent */
    EGRESS_ADDRESS_REFUSED,
    EGRESS_NAME_NOT_RESOLVED,
    EGRESS_CONNECT_FAILED,
    EGRESS_TLS_FAILED,
    EGRESS_TIMED_OUT,
    EGRESS_TOO_LARGE,
    EGRESS_WRONG_CONTENT_TYPE,
    EGRESS_TOO_MANY_REDIRECTS,
    EGRESS_REDIRECT_REFUSED, /* from https to http, to another scheme, or to no URL at all */
    EGRESS_PROTOCOL_ERROR,   /* what came is not HTTP, or ended too early */
    EGRESS_BUSY,
    EGRESS_CANCELED,
};
const char *egress_problem_word(enum egress_problem problem); /* "address-refused": for logs and details */
const char *egress_problem_sentence(enum egress_problem problem); /* for a person */

struct egress_header {
    struct str name;
    struct str value;
};

struct egress_request {
    const char *method; /* GET (also when NULL), HEAD, POST, PUT, PATCH, DELETE */
    struct str url;
    const struct egress_header *headers;
    size_t header_count;
    struct str body;            /* sent with any method but GET and HEAD */
    int64_t timeout_ms;         /* for everything, redirects and body included; 0: 10 s, of a stream 120 s */
    int64_t connect_timeout_ms; /* 0: 5 s */
    int64_t idle_timeout_ms; /* longest silence of the other side; 0: no limit but the one for everything */
    size_t max_bytes;        /* of the answer's body; 0: 1 MiB */
    /* Of a 2xx answer, ending in NULL; "+json" takes any such suffix; NULL: any at all. Not copied. */
    const char *const *content_types;
    /* Followed for GET and HEAD only; at most 3. Another origin gets no header of ours but Accept. */
    unsigned max_redirects;
    bool is_private_allowed; /* for this request, beside the operator's option */
    /* On a connection of its own. One that was kept may break just when the other side has acted on the
     * request, and libcurl would send it again. */
    bool is_sent_once;
};

struct egress_answer {
    unsigned status_code;
    struct str content_type; /* headers are STR_NONE where absent; the first where there are several */
    struct str cache_control;
    struct str retry_after;
    struct str www_authenticate;
    struct str location;
    struct str etag;
    struct str set_cookie;
    struct str body; /* empty for a stream */
    enum egress_problem problem;
};

/* Asks and waits for the whole answer, which then lives in `arena`. OK for any status code. Else
 * `answer->problem` says what, and the status is INVALID (bad request, wrong type, protocol), DENIED
 * (address, redirects), TOO_LARGE, TIMED_OUT, UNAVAILABLE (name, connection, TLS, busy) or CANCELED. */
FIBER NODISCARD enum status egress_fetch_wait(struct egress *egress, const struct egress_request *request,
                                              struct arena *arena, struct egress_answer *answer);

/* ---- answers that come bit by bit ---- */
struct egress_stream;

/* Waits for the answer's head only. On OK the stream is the caller's, to be closed in any case. */
FIBER NODISCARD enum status egress_open_wait(struct egress *egress, const struct egress_request *request,
                                             struct arena *arena, struct egress_answer *answer,
                                             struct egress_stream **stream);

/* The next bytes, good until the next read or the close; an empty chunk is the end. While they are not
 * fetched, no more than some 256 KiB are read from the other side. Fails like egress_fetch_wait, with the
 * cause in egress_stream_problem. */
FIBER NODISCARD enum status egress_read_wait(struct egress_stream *stream, struct str *chunk);
enum egress_problem egress_stream_problem(const struct egress_stream *stream);
void egress_close(struct egress_stream *stream); /* ends the transfer where it still runs; NULL is fine */

unsigned egress_count_active(const struct egress *egress); /* transfers going on; from any thread */
