/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the client: the two ways that its requests go. Each opens, or says why not in `*exit_status`. */
#pragma once

#include "cli/client.h"

NODISCARD bool client_open_here(struct client *client, int *exit_status);   /* client_here.c */
NODISCARD bool client_open_remote(struct client *client, int *exit_status); /* client_remote.c */

/* Pure. Whether a token may be sent there: https, or http to this machine; nothing but scheme, host and port
 * (and a path below which the server is mounted). Otherwise a sentence; NULL: fine. */
const char *client_url_problem(struct str url);
/* Pure. The URL of a request: what is not plain in path and query is percent-encoded (RFC 3986). */
struct str client_url(struct arena *arena, struct str server, const struct client_request *request);
