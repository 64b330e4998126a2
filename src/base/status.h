/* SPDX-License-Identifier: Apache-2.0 */
/* What a call came to. Every function that can fail returns one of these and gives its results through
 * out-parameters; a result nobody looks at is a compiler warning, and warnings are errors here. */
#pragma once

enum status {
    OK = 0,
    INVALID,     /* the input breaks its own rules: malformed JSON, a bad URL, a wrong type */
    TOO_LARGE,   /* the input is longer, deeper or more than the stated bound */
    NOT_FOUND,   /* what was named does not exist (here) */
    CONFLICT,    /* it exists already, or was changed by somebody else meanwhile */
    DENIED,      /* known, but not allowed: a forged seal, a refused address, a missing right */
    CANCELED,    /* whoever waited for this has gone; clean up and return */
    TIMED_OUT,   /* the other side did not answer in the time it had */
    UNAVAILABLE, /* the other side cannot serve now; later it may */
    FAILED,      /* the system or a library failed: I/O, out of descriptors, a broken database */
};

#define NODISCARD __attribute__((warn_unused_result))

/* "Call, and leave on failure": the normal path reads straight down and no result is dropped. */
#define TRY(call)                                                                                            \
    do {                                                                                                     \
        enum status try_status_ = (call);                                                                    \
        if (try_status_ != OK)                                                                               \
            return try_status_;                                                                              \
    } while (0)

/* The same for functions that clean up: needs a local `status` and a label `out`. */
#define TRY_OUT(call)                                                                                        \
    do {                                                                                                     \
        status = (call);                                                                                     \
        if (status != OK)                                                                                    \
            goto out;                                                                                        \
    } while (0)

/* The status as a lower-case word ("not-found"), for logs. Never NULL. */
const char *status_name(enum status status);
