/* SPDX-License-Identifier: Apache-2.0 */
/* Fibers for programs that have no loop: the command line and tests run the very functions that the server
 * runs. */
#pragma once

#include "base/fiber.h"

/* Runs `run(argument)` as a fiber of a loop made for it, and returns when it has returned. Not from within a
 * loop. */
void blocking_run(void (*run)(void *argument), void *argument);
