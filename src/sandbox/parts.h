/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the sandbox, one a file. */
#pragma once

#include "sandbox/sandbox.h"

/* A sanitizer or valgrind looks at its own process in ways that nobody else may. */
bool sandbox_is_watched(void);

/* privileges.c */
void privileges_forbid_dumps(void);
bool privileges_forbid_new(void);
/* Gives up all capabilities but those that are needed until the addresses are bound. Own thread only. */
bool privileges_reduce(const struct sandbox_options *options);
/* INVALID: there is no such user. */
NODISCARD enum status privileges_find_user(struct arena *arena, struct str user, struct sandbox *sandbox);
/* All threads. FAILED: the kernel refused. */
NODISCARD enum status privileges_change_user(const struct sandbox *sandbox);

/* files.c: Landlock's version that is in force, 0 where the kernel has none. */
void files_restrict(const struct sandbox_options *options, struct arena *arena, struct sandbox *sandbox);

/* calls.c: false where the kernel has no seccomp, or none for all threads at once. */
bool calls_restrict(const struct sandbox_options *options);

/* modules.c: loads what the system's configuration wants for looking up names, while that is possible. */
void modules_load(void);
