/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: the socket that a listener accepts from. */
#pragma once

#include "base/str.h"

/* "address:port", "[address]:port" or "unix:path" becomes a socket that listens, non-blocking. As
 * http_listener_new. */
NODISCARD enum status socket_listen(struct str address, int *fd);
unsigned socket_port(int fd);          /* 0 for unix sockets */
char *socket_path(struct str address); /* of a unix socket, to be freed; NULL for others */
