/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine secret new-master-key | reseal */
#include "access/access.h"
#include "cli/secret.h"

#include <stdlib.h>

static bool read_data(struct cli *cli, struct place *place, int *exit_status) {
    *place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_DATA(*place), OPTION_END};
    return options_read(cli, options, NULL, exit_status);
}

static int new_master_key(struct cli *cli) {
    struct place place;
    struct str id, message;
    int exit_status;
    if (!read_data(cli, &place, &exit_status))
        return exit_status;
    if (getenv("CHATELAINE_MASTER_KEY") != NULL)
        return cli_fail(
            cli, "The master keys come from CHATELAINE_MASTER_KEY: put the new one in front of them there.");
    if (vault_rotate_file(cli->arena, place.data, &id, &message) != OK)
        return cli_fail(cli, "%.*s", STR_ARG(message));
    json_auto_t *json = json_object();
    json_set(json, STR("id"), json_from_str(id));
    if (cli_printed_as_json(cli, json))
        return CLI_OK;
    cli_say("New secrets are sealed with the master key %.*s; the older ones still open what they sealed.",
            STR_ARG(id));
    cli_say(
        "Now let every server read it (systemctl reload chatelaine, or SIGHUP), then run: chatelaine secret "
        "reseal --data %.*s",
        STR_ARG(place.data));
    return CLI_OK;
}

const struct command command_secret_new_master_key = {
    .name = "new-master-key",
    .summary = "Put a fresh master key in front of those in master.key.",
    .details = "Servers know the keys that were there when they started, or when they were last sent SIGHUP "
               "(`systemctl reload chatelaine`): send it to all of them. `chatelaine secret reseal` "
               "then seals every secret anew, after which the old keys can be taken out of the file.",
    .run = new_master_key,
};

static FIBER int reseal_wait(struct installation *installation, void *argument) {
    (void)argument;
    size_t resealed, unopened;
    enum status status = admin_secret_reseal_wait(&installation->admin, installation->arena, &resealed,
                                                  &unopened, &installation->error);
    if (status == OK)
        status = access_reseal_wait(installation->store, installation->vault, installation->arena, &resealed,
                                    &unopened);
    if (status != OK)
        return installation_fail(installation, status);
    json_auto_t *json =
        json_pack("{s:I, s:I}", "resealed", (json_int_t)resealed, "unopened", (json_int_t)unopened);
    if (!cli_printed_as_json(installation->cli, json))
        cli_say("Sealed %zu secrets anew.", resealed);
    if (unopened == 0)
        return CLI_OK;
    return cli_fail(installation->cli, "%zu secrets do not open with any master key that is loaded.",
                    unopened);
}

static int reseal(struct cli *cli) {
    struct place place;
    int exit_status;
    if (!read_data(cli, &place, &exit_status))
        return exit_status;
    return installation_run(cli, &place, NEEDS_STORE_AND_VAULT, reseal_wait, NULL);
}

const struct command command_secret_reseal = {
    .name = "reseal",
    .summary = "Seal every secret with the newest master key.",
    .run = reseal,
};
