/* SPDX-License-Identifier: Apache-2.0 */
/* Subcommands of `chatelaine secret` that stand in files of their own. */
#pragma once

#include "cli/plain.h"

/* As the API has it, and the name of a visitor-signing one also as `issuer`. A new reference. */
json_t *secret_json(const json_t *secret);

extern const struct command command_secret_generate;       /* secret_generate.c */
extern const struct command command_secret_rotate;         /* secret_generate.c */
extern const struct command command_secret_reseal;         /* secret_reseal.c */
extern const struct command command_secret_new_master_key; /* secret_reseal.c */
