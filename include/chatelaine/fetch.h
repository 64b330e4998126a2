/* SPDX-License-Identifier: Apache-2.0 */
/* libchatelaine-fetch: a verifier's key sets, fetched from their URLs and kept fresh. A library of its own,
 * so that who hands keys in by himself needs neither threads nor libcurl.
 *
 * It is the server's own key-set keeper: a set is used for 15 minutes, or shorter where its Cache-Control
 * says so (a map of X.509 certificates for as long as that says, between 5 minutes and 24 hours), and fetched
 * anew in the background when 75 to 85 % of that have passed, so that no verification waits for it; one fetch
 * at a time for each URL, whoever asks; a token whose key is unknown brings a fetch at most once in 10
 * seconds, and waits for it; while fetching fails the old keys serve on for a day. Only https, only public
 * addresses, looked at after name resolution and at each of at most three redirects; 1 MiB and 5 seconds at
 * most.
 *
 * Threads: three of its own, which take no signals. A fetcher may be used by any number of threads at a time.
 * A process that forks makes its fetchers in the child. Running out of memory in one of its own threads, or
 * while they are started or ended, ends the process, as it does the server. Nothing is logged. */
#ifndef CHATELAINE_FETCH_H
#define CHATELAINE_FETCH_H

#include <chatelaine/chatelaine.h>

#ifdef __cplusplus
extern "C" {
#endif

struct chatelaine_fetcher;

/* Members may be added behind the last: `size` tells which there are. 0, false and NULL mean what stands
 * beside. */
struct chatelaine_fetch_options {
    size_t size;                  /* sizeof(struct chatelaine_fetch_options) */
    int64_t life_ms;              /* 15 minutes: of a JWK set */
    int64_t stale_ms;             /* 24 hours from their fetch: how long keys serve while fetching fails */
    int64_t unknown_kid_ms;       /* 10 seconds: at most one fetch for unknown key ids in that time */
    int64_t failure_ms;           /* 10 seconds: without any keys, how soon a verification tries again */
    int64_t timeout_ms;           /* 5 seconds for one fetch */
    const char *extra_ca_file;    /* certificates (PEM) trusted beside the system's; it is copied */
    bool allow_private_addresses; /* http too, and private networks; metadata services stay out of reach */
};

/* For the issuers of `verifier` that have a key-set URL; their first fetch begins at once. `options` may be
 * NULL. The verifier must outlive the fetcher. CHATELAINE_INVALID: no issuer has a URL; CHATELAINE_FAILED: no
 * thread, no such CA file; CHATELAINE_NO_MEMORY. */
CHATELAINE_CHECK enum chatelaine_status chatelaine_fetcher_new(struct chatelaine_verifier *verifier,
                                                               const struct chatelaine_fetch_options *options,
                                                               struct chatelaine_fetcher **fetcher);
/* Ends its threads. When nobody verifies by it any more. */
CHATELAINE_API void chatelaine_fetcher_free(struct chatelaine_fetcher *fetcher);

/* As chatelaine_verify, with keys that are fetched where they are missing, too old or do not know the
 * token's. It waits for that, up to the time-out; with keys at hand it does not wait. Keys that could not be
 * had refuse the token: jwks-fetch-failed. */
CHATELAINE_CHECK enum chatelaine_status chatelaine_fetcher_verify(struct chatelaine_fetcher *fetcher,
                                                                  const char *token, size_t len,
                                                                  struct chatelaine_result *result);
/* The same at the time `now`, in seconds since 1970 (UTC), of the token; keys age by the system's clock. */
CHATELAINE_CHECK enum chatelaine_status chatelaine_fetcher_verify_at(struct chatelaine_fetcher *fetcher,
                                                                     const char *token, size_t len,
                                                                     int64_t now,
                                                                     struct chatelaine_result *result);

/* Fetches an issuer's keys now, and waits for them: for an administrator, or when the provider says that it
 * has withdrawn one. CHATELAINE_REFUSED: it failed, the result says why, and the old keys serve on.
 * CHATELAINE_NOT_FOUND: no such issuer, or it has no URL. */
CHATELAINE_CHECK enum chatelaine_status chatelaine_fetcher_refresh(struct chatelaine_fetcher *fetcher,
                                                                   const char *issuer_name,
                                                                   struct chatelaine_result *result);

#ifdef __cplusplus
}
#endif

#endif
