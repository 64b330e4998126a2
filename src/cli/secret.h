/* SPDX-License-Identifier: Apache-2.0 */
/* Subcommands of `chatelaine secret` that stand in files of their own. */
#pragma once

#include "cli/installation.h"

extern const struct command command_secret_generate;       /* secret_generate.c */
extern const struct command command_secret_rotate;         /* secret_generate.c */
extern const struct command command_secret_reseal;         /* secret_reseal.c */
extern const struct command command_secret_new_master_key; /* secret_reseal.c */
