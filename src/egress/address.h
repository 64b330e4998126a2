/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses we connect to on behalf of a URL that an administrator or another server has named. Pure.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* False for loopback, private, shared, reserved and documentation networks unless
 * `is_private_allowed`; for link-local networks, metadata services, multicast and the unspecified address
 * always. IPv6 addresses that hold an IPv4 address (mapped, compatible, NAT64, 6to4) are judged by that one.
 * Families other than IPv4 and IPv6 are refused. */
bool address_is_allowed(const struct sockaddr *address, socklen_t len, bool is_private_allowed);
