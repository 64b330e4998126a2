/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: which environment a request is for, and whether its page may ask. */
#pragma once

#include "server/answer.h"

/* A request that is for an environment. */
struct client {
    struct environment *environment; /* borrowed by client_try, a reference by client_wait */
    struct str key;
    struct str origin; /* of the page, allowed; empty: no browser */
    bool is_trusted;   /* by a secret key: the customer's own server, whose address is not its visitors' */
};

/* By the publishable key of a page's request: header Chatelaine-Key, or `key` in the query. OK; UNAVAILABLE:
 * ask client_wait from a fiber; anything else has been answered: no key, an unknown one, another product's,
 * an origin that is not allowed. */
NODISCARD enum status client_try(struct exchange *exchange, struct client *client);
FIBER NODISCARD enum status client_wait(struct exchange *exchange, struct client *client);

/* By a server's key: the secret one in `Authorization: Bearer sk_…` (`is_secret`), or one of either kind in
 * Chatelaine-Key. */
NODISCARD enum status client_server_try(struct exchange *exchange, bool is_secret, struct client *client);
FIBER NODISCARD enum status client_server_wait(struct exchange *exchange, bool is_secret,
                                               struct client *client);

/* The token of `Authorization: Bearer …`; STR_NONE where there is none. */
struct str client_bearer(const struct http_request *request);
