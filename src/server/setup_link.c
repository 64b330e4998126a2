/* SPDX-License-Identifier: Apache-2.0 */
#include "server/setup_link.h"

#include "access/access.h"
#include "base/blocking.h"
#include "base/log.h"
#include "server/assets_find.h"

#include <stdio.h>

struct asking {
    struct process *process;
    struct arena *arena;
    struct str token;
    enum status status;
};

static void ask(void *argument) {
    struct asking *asking = argument;
    asking->status = access_setup_token_wait(asking->process->store, asking->arena, &asking->token);
}

/* As a browser on this machine calls it, where nobody has said how others do. */
static struct str address_for_people(const struct process *process, struct arena *arena) {
    struct str address = process->address;
    if (!str_is_empty(process->options->public_url))
        return process->options->public_url;
    if (str_starts_with(address, STR("unix:")))
        return STR("http://(your server's name)");
    if (str_starts_with(address, STR("0.0.0.0:")) || str_starts_with(address, STR("[::]:"))) {
        size_t port = address.len;
        while (port > 0 && address.at[port - 1] != ':')
            port--;
        address = arena_join(arena, 2, (struct str[]){STR("localhost:"), str_from_index(address, port)});
    }
    return arena_join(arena, 2,
                      (struct str[]){process->tls != NULL ? STR("https://") : STR("http://"), address});
}

/* On standard output, not in the log: the log is often kept, and sent elsewhere. */
void setup_link_print(struct process *process) {
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena);
    struct asking asking = {.process = process, .arena = arena};
    struct str url = address_for_people(process, arena);
    if (assets_find(STR("/index.html")) != NULL)
        printf("The dashboard is at %.*s/\n", STR_ARG(url));
    fflush(stdout);
    blocking_run(ask, &asking);
    if (asking.status == CONFLICT)
        return;
    if (asking.status != OK) {
        log_event(LOG_ERROR, "setup-token-failed", LOG_STR("status", str_from(status_name(asking.status))));
        return;
    }
    printf("Create the first administrator here, once:\n\n    %.*s/setup#%.*s\n\n", STR_ARG(url),
           STR_ARG(asking.token));
    fflush(stdout);
}
