/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/installation.h"

#include "base/blocking.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024 };

struct str installation_user(struct arena *arena) {
    const struct passwd *user = getpwuid(getuid());
    if (user == NULL)
        return arena_print(arena, "%lu", (unsigned long)getuid());
    return arena_copy(arena, str_from(user->pw_name));
}

bool installation_read_store(struct cli *cli, struct str *url, struct str file, int *exit_status) {
    struct str text;
    if (str_is_empty(file))
        return true;
    if (!str_is_empty(*url)) {
        *exit_status = cli_usage(cli, "give the store by --store or by --store-file (or in the environment), "
                                      "not by both");
        return false;
    }
    if (!installation_read_text(cli, file, &text, exit_status))
        return false;
    *url = str_trim(str_slice(text, 0, str_find_byte(text, '\n')));
    if (!str_is_empty(*url))
        return true;
    *exit_status = cli_fail(cli, "%.*s: there is no URL in its first line.", STR_ARG(file));
    return false;
}

int installation_open(struct installation *installation, const struct place *place) {
    umask(077); /* whatever the database makes beside itself is nobody else's either */
    struct arena *arena = installation->arena;
    struct str message = STR_NONE, url = place->store, data = place->data;
    struct store_options options = {.readers = 1, .writers = 1};
    int exit_status = CLI_OK;
    if (!installation_read_store(installation->cli, &url, place->store_file, &exit_status))
        return exit_status;
    bool is_own = str_is_empty(url);
    if (is_own)
        url = arena_join(arena, 2, (struct str[]){data, STR("/chatelaine.db")});
    enum status status = store_open(arena, url, &options, &installation->store, &message);
    if (status == OK)
        return CLI_OK;
    if (status == NOT_FOUND && is_own)
        return cli_fail(installation->cli,
                        "There is no installation in %.*s. `chatelaine init --data %.*s` makes one; --data "
                        "names another.",
                        STR_ARG(data), STR_ARG(data));
    return cli_fail(installation->cli, "%.*s", STR_ARG(message));
}

void installation_close(struct installation *installation) {
    store_close(installation->store);
    vault_free(installation->vault);
}

static int open_vault(struct installation *installation, struct str data) {
    struct str message = STR_NONE;
    if (vault_load(installation->arena, data, &installation->vault, &message) == OK)
        return CLI_OK;
    return cli_fail(installation->cli, "%.*s", STR_ARG(message));
}

struct call {
    struct installation *installation;
    int (*run)(struct installation *installation, void *request);
    void *request;
    int exit_status;
};

static FIBER void run_call(void *argument) {
    struct call *call = argument;
    call->exit_status = call->run(call->installation, call->request);
}

int installation_run(struct cli *cli, const struct place *place, enum installation_needs needs,
                     int (*run)(struct installation *installation, void *request), void *request) {
    struct installation installation = {.cli = cli, .arena = cli->arena};
    int exit_status = installation_open(&installation, place);
    if (exit_status == CLI_OK && needs == NEEDS_STORE_AND_VAULT)
        exit_status = open_vault(&installation, place->data);
    if (exit_status == CLI_OK) {
        installation.admin = (struct admin){
            .store = installation.store,
            .vault = installation.vault,
            .actor = arena_join(cli->arena, 2, (struct str[]){STR("cli:"), installation_user(cli->arena)})};
        struct call call = {&installation, run, request, CLI_REFUSED};
        blocking_run(run_call, &call);
        exit_status = call.exit_status;
    }
    installation_close(&installation);
    return exit_status;
}

int installation_fail(const struct installation *installation, enum status status) {
    const struct admin_error *error = &installation->error;
    if (str_is_empty(error->sentence))
        return cli_fail(installation->cli, "This did not work (%s).", status_name(status));
    if (str_is_empty(error->pointer))
        return cli_fail(installation->cli, "%.*s", STR_ARG(error->sentence));
    return cli_fail(installation->cli, "%.*s: %.*s", STR_ARG(error->pointer), STR_ARG(error->sentence));
}

bool installation_find_wait(struct installation *installation, const struct place *place,
                            struct store_environment *environment, int *exit_status) {
    enum status status =
        admin_environment_find_wait(&installation->admin, installation->arena, place->product,
                                    place->environment, environment, &installation->error);
    if (status != OK)
        *exit_status = installation_fail(installation, status);
    return status == OK;
}

bool installation_read_text(struct cli *cli, struct str path, struct str *text, int *exit_status) {
    enum status status = cli_read_file(cli->arena, path, FILE_MAX, text);
    if (status == OK)
        return true;
    *exit_status = cli_fail(cli, "%.*s: %s", STR_ARG(path), cli_file_problem(status));
    return false;
}
