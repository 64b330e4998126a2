/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

const char *status_name(enum status status) {
    switch (status) {
    case OK:
        return "ok";
    case INVALID:
        return "invalid";
    case TOO_LARGE:
        return "too-large";
    case NOT_FOUND:
        return "not-found";
    case CONFLICT:
        return "conflict";
    case DENIED:
        return "denied";
    case CANCELED:
        return "canceled";
    case TIMED_OUT:
        return "timed-out";
    case UNAVAILABLE:
        return "unavailable";
    case FAILED:
        return "failed";
    }
    return "unknown";
}
