/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API, as commands see it: a request goes in, an answer comes out. Which way it goes is settled
 * before the command runs: into this installation's database, in this process and in the name of who sits
 * there (client_here.c), or to a server that runs elsewhere, by an API token (client_remote.c). Commands
 * cannot tell the difference. */
#pragma once

#include "base/fiber.h"
#include "base/json.h"
#include "cli/installation.h"
#include "cli/table.h"

#include <stdio.h>

struct client;

enum { CLIENT_QUERY_MAX = 16 };
struct client_query {
    const char *name;
    struct str value; /* empty: it is not sent */
};

struct client_request {
    const char *method;
    struct str path;                             /* decoded, below /admin/v1: "/products" */
    struct client_query query[CLIENT_QUERY_MAX]; /* to the first without a name */
    const json_t *body;                          /* borrowed; NULL: none */
    struct str text;                             /* a body as text, in the place of `body` */
    struct str if_match;                         /* as the header has it: `"7"` or `*` */
    bool is_slow;                                /* it may take minutes */
};

struct client_answer {
    unsigned status;   /* 0: none came */
    struct str why;    /* why none came, for a person */
    struct str body;   /* as it came */
    json_t *json;      /* the same, where it is JSON; belongs to the arena; NULL: none */
    struct str etag;   /* with its quotes; empty: none */
    struct str cookie; /* "name=value" that it set */
};

/* By which way a request goes. `take` is called with the pieces of the answer's body, after `answer` has its
 * status; what it gives but OK ends it. */
struct client_sink {
    enum status (*take)(struct client_sink *sink, const struct client_answer *answer, struct str piece);
};
struct client_transport {
    FIBER void (*send_wait)(struct client *client, const struct client_request *request, struct str body,
                            struct client_sink *sink, struct client_answer *answer);
    void (*close)(struct client *client);
};

struct client {
    struct cli *cli;
    struct arena *arena; /* the command's: answers live as long as it runs */
    const struct place *place;
    const struct client_transport *transport;
    void *state;              /* the transport's */
    struct str vault_problem; /* why there is no master key at hand; empty: there is, or nobody asked */
    /* Of client_run_in_environment. */
    const json_t *environment;
    struct str environment_path; /* "/environments/env_…" */
};

/* Runs `run(client, request)` as a fiber with the transport that `place` asks for. Gives the exit status. */
int client_run(struct cli *cli, const struct place *place, int (*run)(struct client *client, void *request),
               void *request);

/* The same in the environment that `place` names, which is looked for first. */
int client_run_in_environment(struct cli *cli, const struct place *place,
                              int (*run)(struct client *client, void *request), void *request);

/* ---- asking ---- */

/* Fills `answer`, whatever comes of it. */
FIBER void client_send_wait(struct client *client, const struct client_request *request,
                            struct client_answer *answer);
static inline bool client_is_fine(const struct client_answer *answer) {
    return answer->status >= 200 && answer->status < 300;
}
/* Says why an answer is not fine, with the places in what was sent. Gives the exit status. */
int client_fail(const struct client *client, const struct client_answer *answer);

/* Sends; true: the answer is fine. False: it was said why not, return `*exit_status`. */
FIBER NODISCARD bool client_call_wait(struct client *client, const struct client_request *request,
                                      struct client_answer *answer, int *exit_status);
/* GET `path` alone. */
FIBER NODISCARD bool client_get_wait(struct client *client, struct str path, json_t **json, int *exit_status);
/* For requests of whose answer nothing is shown. Gives the exit status. */
FIBER int client_do_wait(struct client *client, const struct client_request *request);
/* The version that an answer's entity tag names; 0: none. */
int64_t client_version(const struct client_answer *answer);
/* Writes the answer's body to the file of that name (new, its owner's alone; "-" is standard output) as it
 * comes, however large. Gives the exit status. */
FIBER int client_download_to_wait(struct client *client, const struct client_request *request,
                                  struct str file);
/* Writes the answer's body to `into` as it comes, however large. */
FIBER NODISCARD bool client_download_wait(struct client *client, const struct client_request *request,
                                          FILE *into, int *exit_status);
/* The items of a list, page after page, at most `most` (0: all), as a new array that belongs to the arena.
 * The request's query has room for limit and cursor. */
FIBER NODISCARD bool client_list_wait(struct client *client, const struct client_request *request,
                                      size_t most, json_t **items, int *exit_status);

/* For commands whose lists can be long. */
enum { CLIENT_LIST_DEFAULT = 50, CLIENT_LIST_MAX = 10000 };
#define OPTION_LIMIT(into)                                                                                   \
    OPTION_RANGE("limit", "N", "at most so many (default: 50, at most 10000)", &(into), 1, CLIENT_LIST_MAX, 0)
/* "/environments/env_…/tools/" and `name`: pieces joined by '/'. A piece that could be taken for several, or
 * for none, gives a path that no route has. */
struct str client_path(struct arena *arena, size_t count, const struct str *pieces);
#define CLIENT_PATH(arena, ...)                                                                              \
    client_path((arena), sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str),                     \
                (const struct str[]){__VA_ARGS__})

/* The same below the environment's own path. */
#define CLIENT_PATH_HERE(client, ...) CLIENT_PATH((client)->arena, (client)->environment_path, __VA_ARGS__)

/* ---- signing in, for the little that no API token may do ---- */
struct client_credentials {
    struct str email, password;
    struct str code; /* of a one-time password or a recovery code; empty: none yet */
};
/* To the server that the place names; what is sent from then on is sent by the session. DENIED: a code is
 * wanted, too. Anything but OK and DENIED: it was said why, return `*exit_status`. */
FIBER NODISCARD enum status
client_sign_in_wait(struct client *client, const struct client_credentials *credentials, int *exit_status);
FIBER void client_sign_out_wait(struct client *client);

/* ---- finding what the options name ---- */

/* GET `path` into `*found`. `absent` is what is said where there is nothing (404). */
FIBER NODISCARD bool client_find_wait(struct client *client, struct str path, struct str absent,
                                      const json_t **found, int *exit_status);
/* The product's resource: `*product` as GET /products/{product} has it. */
FIBER NODISCARD bool client_find_product_wait(struct client *client, struct str id_or_name,
                                              const json_t **product, int *exit_status);
/* The environment that --product and --environment name; `*path` is "/environments/env_…". */
FIBER NODISCARD bool client_find_environment_wait(struct client *client, const json_t **environment,
                                                  struct str *path, int *exit_status);

/* ---- showing ---- */

/* With --json the rows (an array) as they are, else as a table. */
void client_print(const struct client *client, const json_t *rows, const struct table_column *columns,
                  const char *when_empty);
/* Asks for the list (client_list_wait) and prints it. Gives the exit status. */
FIBER int client_show_list_wait(struct client *client, const struct client_request *request, size_t most,
                                const struct table_column *columns, const char *when_empty);
