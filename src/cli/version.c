/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <openssl/crypto.h>
#include <sodium.h>

static int run(struct cli *cli) {
    const struct option options[] = {OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (!cli->json) {
        cli_say("chatelaine %s", CHATELAINE_VERSION);
        return CLI_OK;
    }
    json_auto_t *version = json_pack("{s:s, s:s, s:s, s:s}", "version", CHATELAINE_VERSION, "openssl",
                                     OpenSSL_version(OPENSSL_VERSION_STRING), "libsodium",
                                     sodium_version_string(), "jansson", jansson_version_str());
    cli_print_json(cli, version);
    return CLI_OK;
}

const struct command command_version = {
    .name = "version",
    .summary = "Show the version.",
    .details = "With --json also the versions of the libraries that do the cryptography.",
    .run = run,
};
