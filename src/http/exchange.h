/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: what the three files of an exchange know of each other: its life (exchange.c), its body
 * and its answer. */
#pragma once

#include "http/connection.h"

void exchange_append(struct connection *connection, struct str bytes); /* to its output */
void exchange_refuse(struct exchange *exchange,
                     unsigned status);          /* by a problem document, unless it is answered */
void exchange_leave(struct exchange *exchange); /* it is over: the connection goes on without it */

/* May what is left of the body be read and dropped, so that the connection lives on? */
bool exchange_can_discard(const struct exchange *exchange);
void exchange_discard(struct exchange *exchange);
