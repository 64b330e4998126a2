/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/problem.h"

static const struct {
    const char *word;
    const char *sentence;
    enum status status;
} problems[] = {
    [EGRESS_FINE] = {"fine", "Nothing is wrong.", OK},
    [EGRESS_BAD_REQUEST] = {"bad-request", "The URL, the method or a header is not one that can be sent.",
                            INVALID},
    [EGRESS_ADDRESS_REFUSED] =
        {"address-refused",
         "The name leads to an address that is not reachable from here by policy: loopback, private, "
         "link-local or reserved.",
         DENIED},
    [EGRESS_NAME_NOT_RESOLVED] = {"name-not-resolved", "The host name in the URL has no address.",
                                  UNAVAILABLE},
    [EGRESS_CONNECT_FAILED] = {"connect-failed", "No connection to the server could be made.", UNAVAILABLE},
    [EGRESS_TLS_FAILED] = {"tls-failed", "The server's certificate or its TLS settings were not acceptable.",
                           UNAVAILABLE},
    [EGRESS_TIMED_OUT] = {"timed-out", "The server did not answer in the time that it had.", TIMED_OUT},
    [EGRESS_TOO_LARGE] = {"too-large", "The server's answer is larger than allowed.", TOO_LARGE},
    [EGRESS_WRONG_CONTENT_TYPE] = {"wrong-content-type",
                                   "The server's answer is of a content type that is not expected here.",
                                   INVALID},
    [EGRESS_TOO_MANY_REDIRECTS] = {"too-many-redirects", "The server redirects too many times.", DENIED},
    [EGRESS_REDIRECT_REFUSED] = {"redirect-refused", "The server redirects to a URL that is not acceptable.",
                                 DENIED},
    [EGRESS_PROTOCOL_ERROR] = {"protocol-error",
                               "The server's answer is not well-formed HTTP, or ended too early.", INVALID},
    [EGRESS_BUSY] = {"busy", "Too many requests to other servers are going on.", UNAVAILABLE},
    [EGRESS_CANCELED] = {"canceled", "The request was given up.", CANCELED},
};

const char *egress_problem_word(enum egress_problem problem) {
    return problems[problem].word;
}

const char *egress_problem_sentence(enum egress_problem problem) {
    return problems[problem].sentence;
}

enum status problem_status(enum egress_problem problem) {
    return problems[problem].status;
}

enum egress_problem problem_from_curl(CURLcode code) {
    switch (code) {
    case CURLE_OK:
        return EGRESS_FINE;
    case CURLE_URL_MALFORMAT:
        return EGRESS_BAD_REQUEST;
    case CURLE_COULDNT_RESOLVE_HOST:
        return EGRESS_NAME_NOT_RESOLVED;
    case CURLE_COULDNT_CONNECT:
        return EGRESS_CONNECT_FAILED;
    case CURLE_OPERATION_TIMEDOUT:
        return EGRESS_TIMED_OUT;
    case CURLE_FILESIZE_EXCEEDED:
        return EGRESS_TOO_LARGE;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return EGRESS_TLS_FAILED;
    default:
        return EGRESS_PROTOCOL_ERROR;
    }
}
