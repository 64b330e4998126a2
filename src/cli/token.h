/* SPDX-License-Identifier: Apache-2.0 */
/* What the token commands share: reading secrets and keys. */
#pragma once

#include "cli/options.h"
#include "jose/jose.h"

enum { TOKEN_FILE_MAX = 1 << 20 };

/* A file, or a complaint in `*exit_status` (wrong usage). */
NODISCARD bool token_read_file(const struct cli *cli, const char *option, struct str path,
                               struct str *content, int *exit_status);

/* A shared secret: the bytes of the file but for one newline at its end; decoded where `is_base64url`. */
NODISCARD bool token_read_secret(const struct cli *cli, struct str path, bool is_base64url,
                                 struct str *secret, int *exit_status);

/* "a,b" and repeated options as one list in a JSON array. */
json_t *token_list(const struct option_list *list);

extern const struct command command_token_sign;
extern const struct command command_token_test; /* token_test.c */
extern const struct command command_token_verify;
