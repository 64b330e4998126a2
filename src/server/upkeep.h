/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: what one thread of a process does now and then for all: finishes erasures that were
 * begun and left, throws away what is kept for a time only, and looks where providers have their keys. */
#pragma once

#include "server/front.h"

void upkeep_start(struct front *front);
void upkeep_stop(struct front *front);
