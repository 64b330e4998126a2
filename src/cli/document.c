/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"

#include "cli/source.h"

/* ---- put ---- */

struct put {
    const struct document_kind *kind;
    struct place place;
    struct str file;
    struct source source;
};

/* The version that is stored under that name; 0: there is none. */
static FIBER bool find_version_wait(struct client *client, struct str path, int64_t *version,
                                    int *exit_status) {
    const struct client_request get = {.method = "GET", .path = path};
    struct client_answer answer;
    client_send_wait(client, &get, &answer);
    *version = client_is_fine(&answer) ? json_get_int(answer.json, "version", 0) : 0;
    if (client_is_fine(&answer) || answer.status == 404)
        return true;
    *exit_status = client_fail(client, &answer);
    return false;
}

/* One document, which stands at `pointer` of the file. */
static FIBER bool put_one_wait(struct client *client, const struct put *request, struct str collection,
                               const json_t *document, struct str pointer, json_t *results,
                               int *exit_status) {
    struct str name = json_get_str(document, request->kind->name);
    struct str path = CLIENT_PATH(client->arena, collection, name);
    int64_t version = 0;
    struct client_answer answer;
    if (!str_is_empty(name) && !find_version_wait(client, path, &version, exit_status))
        return false;
    const struct client_request put = {.method = "PUT", .path = path, .body = document, .if_match = STR("*")};
    const struct client_request post = {.method = "POST", .path = collection, .body = document};
    client_send_wait(client, version != 0 ? &put : &post, &answer);
    if (!client_is_fine(&answer)) {
        *exit_status = source_fail_answer(client, &request->source, STR_NONE, pointer, &answer);
        return false;
    }
    int64_t now = json_get_int(answer.json, "version", 0);
    json_t *result = json_object();
    json_object_set(result, "id", json_object_get(answer.json, "id"));
    json_object_set(result, "name", json_object_get(answer.json, "name"));
    json_set(result, STR("version"), json_integer(now));
    json_set(result, STR("changed"), json_boolean(now != version));
    json_array_append_new(results, result);
    return true;
}

static void print_results(const struct client *client, const json_t *results, bool is_list) {
    if (client->cli->json) {
        cli_print_json(client->cli, is_list ? results : json_array_get(results, 0));
        return;
    }
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i);
        struct str name = json_get_str(result, "name");
        if (json_get_bool(result, "changed", false))
            cli_say("Saved %.*s, as version %lld.", STR_ARG(name),
                    (long long)json_get_int(result, "version", 0));
        else
            cli_say("Nothing to change: %.*s.", STR_ARG(name));
    }
}

static FIBER int put_wait(struct client *client, void *argument) {
    const struct put *request = argument;
    const json_t *document = request->source.json;
    int exit_status;
    struct str collection = CLIENT_PATH_HERE(client, str_from(request->kind->collection));
    json_t *results = json_keep(client->arena, json_array());
    bool is_list = json_is_array(document);
    size_t count = is_list ? json_array_size(document) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = is_list ? json_array_get(document, i) : document;
        struct str pointer = is_list ? arena_print(client->arena, "/%zu", i) : STR("");
        if (!put_one_wait(client, request, collection, one, pointer, results, &exit_status))
            return exit_status;
    }
    print_results(client, results, is_list);
    return CLI_OK;
}

int document_put(struct cli *cli, const struct document_kind *kind) {
    struct put request = {.kind = kind, .place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("file", "FILE", "the document (JSON), or a list of them; - is standard input",
                    &request.file, OPTION_REQUIRED | OPTION_BY_LETTER),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !source_read(cli, request.file, &request.source, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &request.place, put_wait, &request);
}

/* ---- list ---- */

static struct str cell_title(struct arena *arena, const json_t *row, const char *member) {
    (void)arena;
    return json_get_str(json_object_get(row, member), "title");
}

int document_list_wait(struct client *client, const struct plain_call *call) {
    static const struct table_column columns[] = {
        COLUMN("NAME", "name"), COLUMN_AS("TITLE", "document", cell_title),
        COLUMN_AS("VERSION", "version", cell_number), COLUMN_AS("CHANGED (UTC)", "updatedAt", cell_time),
        COLUMN_END};
    const struct document_kind *kind = call->about;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH_HERE(client, str_from(kind->collection))};
    return client_show_list_wait(client, &list, 0, columns, kind->when_empty);
}

/* ---- show, remove ---- */

int document_show_wait(struct client *client, const struct plain_call *call) {
    const struct document_kind *kind = call->about;
    struct str name = call->operands.at[0];
    struct str absent = arena_print(client->arena, "There is no '%.*s' here.", STR_ARG(name));
    const json_t *found;
    int exit_status;
    if (!client_find_wait(client, CLIENT_PATH_HERE(client, str_from(kind->collection), name), absent, &found,
                          &exit_status))
        return exit_status;
    cli_print_json(client->cli, json_object_get(found, "document"));
    return CLI_OK;
}

int document_remove_wait(struct client *client, const struct plain_call *call) {
    const struct document_kind *kind = call->about;
    struct str name = call->operands.at[0];
    struct client_answer answer;
    int exit_status;
    if (!terminal_ask(client->cli, call->yes, name, &exit_status,
                      "%.*s is removed: the assistant has it no more.", STR_ARG(name)))
        return exit_status;
    const struct client_request remove = {.method = "DELETE",
                                          .path = CLIENT_PATH_HERE(client, str_from(kind->collection), name),
                                          .if_match = STR("*")};
    client_send_wait(client, &remove, &answer);
    if (answer.status == 404)
        return cli_fail(client->cli, "There is no %s '%.*s' here.", kind->noun, STR_ARG(name));
    return client_is_fine(&answer) ? CLI_OK : client_fail(client, &answer);
}
