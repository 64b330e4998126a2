/* SPDX-License-Identifier: Apache-2.0 */
/* Subcommands of `chatelaine environment` that stand in files of their own. */
#pragma once

#include "cli/cli.h"

extern const struct command command_environment_apply; /* environment_apply.c */
extern const struct command command_environment_keys;  /* key.c: the same as `chatelaine key list` */
