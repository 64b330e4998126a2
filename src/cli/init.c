/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine init */
#include "cli/installation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(struct arena *arena, struct str data, const char *name) {
    return access(arena_print(arena, "%.*s/%s", STR_ARG(data), name).at, F_OK) == 0;
}

static int make_directory(const struct cli *cli, struct str data) {
    if (mkdir(arena_terminated(cli->arena, data), 0700) == 0 || errno == EEXIST)
        return CLI_OK;
    return cli_fail(cli, "The directory %.*s cannot be made: %s.", STR_ARG(data), strerrordesc_np(errno));
}

static int make_master_key(const struct cli *cli, struct str data, bool has_database) {
    struct str message = STR_NONE;
    if (getenv("CHATELAINE_MASTER_KEY") != NULL || exists(cli->arena, data, "master.key"))
        return CLI_OK;
    /* A fresh key would open nothing of what is in there, and make that look like damage. */
    if (has_database)
        return cli_fail(
            cli,
            "There is a database, but its master key is missing in %.*s: put master.key back there, or give "
            "it in CHATELAINE_MASTER_KEY. Without it the secrets in the database cannot be opened.",
            STR_ARG(data));
    if (vault_create_file(cli->arena, data, &message) == OK)
        return CLI_OK;
    return cli_fail(cli, "%.*s", STR_ARG(message));
}

static enum status open_database(const struct cli *cli, struct str url, bool create, struct str *message) {
    struct store *store;
    const struct store_options options = {.create = create, .readers = 1, .writers = 1};
    TRY(store_open(cli->arena, url, &options, &store, message));
    store_close(store);
    return OK;
}

struct database {
    struct str url;
    bool is_own; /* in the data directory */
    bool is_there;
};

/* Whether it is there already. */
static int look_for_database(const struct cli *cli, struct str data, struct database *database) {
    struct str message = STR_NONE;
    if (database->is_own) {
        database->is_there = exists(cli->arena, data, "chatelaine.db");
        return CLI_OK;
    }
    enum status status = open_database(cli, database->url, false, &message);
    database->is_there = status == OK;
    return status == OK || status == NOT_FOUND ? CLI_OK : cli_fail(cli, "%.*s", STR_ARG(message));
}

static int make_database(const struct cli *cli, const struct database *database) {
    struct str message = STR_NONE;
    if (open_database(cli, database->url, true, &message) == OK)
        return CLI_OK;
    return cli_fail(cli, "%.*s", STR_ARG(message));
}

static void say_what_is_there(struct cli *cli, struct str data, const struct database *database) {
    if (cli->json) {
        json_auto_t *result = json_pack("{s:b}", "created", !database->is_there);
        json_set(result, STR("data"), json_from_str(data));
        cli_print_json(cli, result);
        return;
    }
    if (database->is_there) {
        cli_say("%.*s is ready; nothing was changed.", STR_ARG(data));
        return;
    }
    cli_say(database->is_own ? "Made %.*s with a database and a master key.\n"
                             : "Made %.*s with a master key, and the tables in the database.\n",
            STR_ARG(data));
    cli_say("Keep a copy of %.*s/master.key somewhere else: without it no secret in the database can be "
            "opened.\n",
            STR_ARG(data));
    if (!database->is_own)
        cli_say("The commands below need the database too: by --store, --store-file or CHATELAINE_STORE.\n");
    cli_say("Next:");
    cli_say("  chatelaine environment apply --data %.*s --product shop --environment live --file shop.json",
            STR_ARG(data));
    cli_say("  chatelaine secret generate --data %.*s --product shop --environment live", STR_ARG(data));
    cli_say("  chatelaine serve --data %.*s", STR_ARG(data));
}

static int run(struct cli *cli) {
    struct place place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_DATA(place), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !installation_read_store(cli, &place.store, place.store_file, &exit_status))
        return exit_status;
    struct database database = {.url = place.store, .is_own = str_is_empty(place.store)};
    if (database.is_own)
        database.url = arena_join(cli->arena, 2, (struct str[]){place.data, STR("/chatelaine.db")});
    umask(077);
    exit_status = make_directory(cli, place.data);
    if (exit_status == CLI_OK)
        exit_status = look_for_database(cli, place.data, &database);
    if (exit_status == CLI_OK)
        exit_status = make_master_key(cli, place.data, database.is_there);
    if (exit_status == CLI_OK)
        exit_status = make_database(cli, &database);
    if (exit_status == CLI_OK)
        say_what_is_there(cli, place.data, &database);
    return exit_status;
}

const struct command command_init = {
    .name = "init",
    .summary = "Make a data directory: database and master key.",
    .details = "The directory gets mode 0700, the master key 0600. Where CHATELAINE_MASTER_KEY is set, no "
               "key file is "
               "made. Run again, it changes nothing.",
    .run = run,
};
