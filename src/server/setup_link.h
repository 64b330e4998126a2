/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: the way in for the first administrator. */
#pragma once

#include "server/front.h"

/* Prints where the dashboard is; and where there is no administrator yet, on standard output, a link with a
 * fresh setup token; the links of starts before end with it. From the first thread, when the server listens.
 */
void setup_link_print(struct process *process);
