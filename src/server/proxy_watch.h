/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: a proxy on this machine or in the operator's own network that says for whom it speaks,
 * and is not believed, since nobody has listed it: then all of its visitors are one to the limits, and to the
 * list of sessions. */
#pragma once

#include "server/front.h"

/* Looks at a request; the first time that it sees such a proxy it says so in the log. */
void proxy_watch(const struct exchange *exchange);
/* Where one was seen; false: none was. From any thread. */
bool proxy_watch_read(const struct process *process, struct http_address *address);
