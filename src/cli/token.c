/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/token.h"

#include "base/encode.h"
#include "base/json.h"

bool token_read_file(const struct cli *cli, const char *option, struct str path, struct str *content,
                     int *exit_status) {
    enum status status = cli_read_file(cli->arena, path, TOKEN_FILE_MAX, content);
    if (status == OK)
        return true;
    *exit_status = cli_usage(cli, "--%s %.*s: %s", option, STR_ARG(path), cli_file_problem(status));
    return false;
}

bool token_read_secret(const struct cli *cli, struct str path, bool is_base64url, struct str *secret,
                       int *exit_status) {
    if (!token_read_file(cli, "secret-file", path, secret, exit_status))
        return false;
    if (str_ends_with(*secret, STR("\n")))
        secret->len -= str_ends_with(*secret, STR("\r\n")) ? 2 : 1;
    if (!is_base64url || base64url_decode(cli->arena, *secret, secret) == OK)
        return true;
    *exit_status = cli_usage(cli, "--secret-file %.*s: this is not base64url", STR_ARG(path));
    return false;
}

json_t *token_list(const struct option_list *list) {
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        struct str rest = list->at[i];
        struct str piece;
        while (str_cut(&rest, ',', &piece)) {
            if (piece.len > 0)
                json_array_append_new(array, json_from_str(piece));
        }
    }
    return array;
}

const struct command command_token = {
    .name = "token",
    .summary = "Test a visitor's token, verify one without any server, or make one.",
    .subcommands = (const struct command *const[]){&command_token_test, &command_token_verify,
                                                   &command_token_sign, NULL},
};
