/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client_transport.h"

#include "base/blocking.h"
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { KEPT_MAX = 256 * 1024 * 1024, PAGE_LIMIT = 200 };

/* ---- running ---- */

struct run {
    struct client *client;
    int (*run)(struct client *client, void *request);
    void *request;
    bool is_in_environment;
    int exit_status;
};

static FIBER void run_opened(void *argument) {
    struct run *run = argument;
    struct client *client = run->client;
    if (!run->is_in_environment || client_find_environment_wait(client, &client->environment,
                                                                &client->environment_path, &run->exit_status))
        run->exit_status = run->run(client, run->request);
}

static int run_with(struct cli *cli, const struct place *place, struct run opened) {
    struct client client = {.cli = cli, .arena = cli->arena, .place = place};
    opened.client = &client;
    bool is_open = str_is_empty(place->server) ? client_open_here(&client, &opened.exit_status)
                                               : client_open_remote(&client, &opened.exit_status);
    if (!is_open)
        return opened.exit_status;
    blocking_run(run_opened, &opened);
    client.transport->close(&client);
    return opened.exit_status;
}

int client_run(struct cli *cli, const struct place *place, int (*run)(struct client *client, void *request),
               void *request) {
    return run_with(cli, place, (struct run){.run = run, .request = request, .exit_status = CLI_REFUSED});
}

int client_run_in_environment(struct cli *cli, const struct place *place,
                              int (*run)(struct client *client, void *request), void *request) {
    return run_with(
        cli, place,
        (struct run){.run = run, .request = request, .is_in_environment = true, .exit_status = CLI_REFUSED});
}

/* ---- asking ---- */

struct keeper { /* a sink that keeps everything */
    struct client_sink sink;
    struct buffer buffer;
};

static enum status keep(struct client_sink *sink, const struct client_answer *answer, struct str piece) {
    struct keeper *keeper = (struct keeper *)sink;
    (void)answer;
    if (piece.len > KEPT_MAX - keeper->buffer.len)
        return TOO_LARGE;
    buffer_append(&keeper->buffer, piece);
    return OK;
}

static void read_body(struct client *client, struct buffer *buffer, struct client_answer *answer) {
    answer->body = arena_copy(client->arena, buffer_text(buffer));
    buffer_wipe(buffer); /* it may have been a secret */
    json_t *json = NULL;
    if (!str_is_empty(answer->body) && json_read(answer->body, JSON_DEPTH_DOCUMENT, &json, NULL) == OK)
        answer->json = json_keep(client->arena, json);
}

static FIBER void send_wait(struct client *client, const struct client_request *request,
                            struct client_sink *sink, struct client_answer *answer) {
    struct str body = request->body != NULL ? json_write(client->arena, request->body) : request->text;
    *answer = (struct client_answer){0};
    client->transport->send_wait(client, request, body, sink, answer);
    if (answer->status == 0 && str_is_empty(answer->why))
        answer->why = STR("It was interrupted.");
}

void client_send_wait(struct client *client, const struct client_request *request,
                      struct client_answer *answer) {
    struct keeper keeper = {{keep}, BUFFER_EMPTY};
    send_wait(client, request, &keeper.sink, answer);
    read_body(client, &keeper.buffer, answer);
}

bool client_call_wait(struct client *client, const struct client_request *request,
                      struct client_answer *answer, int *exit_status) {
    client_send_wait(client, request, answer);
    if (client_is_fine(answer))
        return true;
    *exit_status = client_fail(client, answer);
    return false;
}

bool client_get_wait(struct client *client, struct str path, json_t **json, int *exit_status) {
    const struct client_request request = {.method = "GET", .path = path};
    struct client_answer answer;
    if (!client_call_wait(client, &request, &answer, exit_status))
        return false;
    *json = answer.json;
    if (*json != NULL)
        return true;
    *exit_status = cli_fail(client->cli, "The answer is no JSON: is that a Chatelaine server?");
    return false;
}

int client_do_wait(struct client *client, const struct client_request *request) {
    struct client_answer answer;
    int exit_status;
    return client_call_wait(client, request, &answer, &exit_status) ? CLI_OK : exit_status;
}

int64_t client_version(const struct client_answer *answer) {
    int64_t version;
    struct str digits = str_slice(answer->etag, 1, answer->etag.len > 0 ? answer->etag.len - 1 : 0);
    return answer->etag.len > 2 && str_to_int64(digits, &version) == OK ? version : 0;
}

struct writer { /* a sink that writes what is fine, and keeps what is not */
    struct keeper keeper;
    FILE *into;
    int error; /* the errno of a write that failed; 0: none did */
};

static enum status write_piece(struct client_sink *sink, const struct client_answer *answer,
                               struct str piece) {
    struct writer *writer = (struct writer *)sink;
    if (!client_is_fine(answer))
        return keep(sink, answer, piece);
    if (fwrite(piece.at, 1, piece.len, writer->into) == piece.len)
        return OK;
    writer->error = errno;
    return FAILED;
}

/* Of standard output main tells, for whatever was to be written there. */
static int fail_to_write(const struct client *client, const struct writer *writer) {
    return writer->into == stdout
               ? CLI_REFUSED
               : cli_fail(client->cli, "It could not be written: %s.", strerrordesc_np(writer->error));
}

bool client_download_wait(struct client *client, const struct client_request *request, FILE *into,
                          int *exit_status) {
    struct writer writer = {{{write_piece}, BUFFER_EMPTY}, into, 0};
    struct client_answer answer;
    send_wait(client, request, &writer.keeper.sink, &answer);
    read_body(client, &writer.keeper.buffer, &answer);
    if (client_is_fine(&answer) && fflush(into) != 0)
        writer.error = errno;
    if (client_is_fine(&answer) && writer.error == 0)
        return true;
    *exit_status = writer.error != 0 ? fail_to_write(client, &writer) : client_fail(client, &answer);
    return false;
}

int client_download_to_wait(struct client *client, const struct client_request *request, struct str file) {
    int exit_status = CLI_OK;
    if (str_equal(file, STR("-")))
        return client_download_wait(client, request, stdout, &exit_status) ? CLI_OK : exit_status;
    const char *name = arena_terminated(client->arena, file);
    int handle = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (handle < 0)
        return cli_fail(client->cli, "%s: %s.", name,
                        errno == EEXIST ? "this file is there already" : strerrordesc_np(errno));
    FILE *into = fdopen(handle, "w");
    bool is_fine = client_download_wait(client, request, into, &exit_status);
    if (fclose(into) != 0 && is_fine)
        return cli_fail(client->cli, "%s: it could not be written: %s.", name, strerrordesc_np(errno));
    if (!is_fine)
        unlink(name); /* half an export is none */
    return is_fine ? CLI_OK : exit_status;
}

/* ---- lists ---- */

static void set_query(struct client_request *request, const char *name, struct str value) {
    size_t i = 0;
    while (i < CLIENT_QUERY_MAX - 1 && request->query[i].name != NULL &&
           strcmp(request->query[i].name, name) != 0)
        i++;
    request->query[i] = (struct client_query){name, value};
}

bool client_list_wait(struct client *client, const struct client_request *request, size_t most,
                      json_t **items, int *exit_status) {
    struct client_request page = *request;
    *items = json_keep(client->arena, json_array());
    for (;;) {
        size_t left = most == 0 ? PAGE_LIMIT : most - json_array_size(*items);
        struct client_answer answer;
        set_query(&page, "limit", arena_print(client->arena, "%zu", left < PAGE_LIMIT ? left : PAGE_LIMIT));
        if (!client_call_wait(client, &page, &answer, exit_status))
            return false;
        json_array_extend(*items, json_get_array(answer.json, "items"));
        struct str next = json_get_str(answer.json, "next");
        if (str_is_empty(next) || (most != 0 && json_array_size(*items) >= most))
            return true;
        set_query(&page, "cursor", next);
    }
}

/* ---- what went wrong ---- */

static struct str sentence_of(const struct client *client, const struct client_answer *answer) {
    if (answer->status == 0)
        return answer->why;
    if (answer->status == 501 && !str_is_empty(client->vault_problem))
        return client->vault_problem;
    struct str detail = json_get_str(answer->json, "detail");
    if (str_is_empty(detail))
        detail = json_get_str(answer->json, "title");
    if (!str_is_empty(detail))
        return detail;
    return arena_print(client->arena,
                       "The server answered %u, and not as the admin API does: is it one of this version?",
                       answer->status);
}

/* "/config/origins/0: …": the first place, and below it the others. */
static struct str with_places(const struct client *client, const json_t *errors) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);
        struct str pointer = json_get_str(error, "pointer");
        if (i > 0)
            buffer_append_byte(&text, '\n');
        buffer_append(&text, pointer);
        buffer_append(&text, str_is_empty(pointer) ? STR("") : STR(": "));
        buffer_append(&text, json_get_str(error, "detail"));
    }
    return arena_copy(client->arena, buffer_text(&text));
}

int client_fail(const struct client *client, const struct client_answer *answer) {
    const json_t *errors = json_get_array(answer->json, "errors");
    struct str sentence =
        json_array_size(errors) > 0 ? with_places(client, errors) : sentence_of(client, answer);
    return cli_fail_with(client->cli, sentence, "problem", answer->json);
}

/* ---- finding ---- */

struct str client_path(struct arena *arena, size_t count, const struct str *pieces) {
    AUTO_BUFFER path = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        struct str piece = pieces[i];
        bool is_ours = i == 0; /* begins with a slash, and may hold more of them */
        bool is_one = !str_is_empty(piece) && str_find_byte(piece, '/') == STR_NOT_FOUND &&
                      !str_equal(piece, STR(".")) && !str_equal(piece, STR("..")) && str_is_utf8(piece);
        if (!is_ours)
            buffer_append_byte(&path, '/');
        buffer_append(&path, is_ours || is_one ? piece : STR("-"));
    }
    return arena_copy(arena, buffer_text(&path));
}

bool client_find_wait(struct client *client, struct str path, struct str absent, const json_t **found,
                      int *exit_status) {
    const struct client_request request = {.method = "GET", .path = path};
    struct client_answer answer;
    client_send_wait(client, &request, &answer);
    *found = answer.json;
    if (client_is_fine(&answer))
        return true;
    *exit_status =
        answer.status == 404 ? cli_fail(client->cli, "%.*s", STR_ARG(absent)) : client_fail(client, &answer);
    return false;
}

bool client_find_product_wait(struct client *client, struct str id_or_name, const json_t **product,
                              int *exit_status) {
    struct str path = CLIENT_PATH(client->arena, STR("/products"), id_or_name);
    struct str absent = arena_print(
        client->arena, "There is no product '%.*s'; `chatelaine product list` shows those that there are.",
        STR_ARG(id_or_name));
    return client_find_wait(client, path, absent, product, exit_status);
}

static FIBER bool find_by_id_wait(struct client *client, const json_t **environment, struct str *path,
                                  int *exit_status) {
    struct str id = client->place->environment;
    struct str absent = arena_print(client->arena, "There is no environment '%.*s' here.", STR_ARG(id));
    *path = CLIENT_PATH(client->arena, STR("/environments"), id);
    return client_find_wait(client, *path, absent, environment, exit_status);
}

/* `all` are the product's environments. */
static int fail_without_environment(const struct client *client, const json_t *product, const json_t *all) {
    const struct str name = client->place->environment, of = json_get_str(product, "name");
    const size_t count = json_array_size(all);
    const char **names = arena_alloc_array(client->arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = arena_terminated(client->arena, json_get_str(json_array_get(all, i), "name"));
    const char *meant = cli_nearest(name, names);
    if (meant != NULL)
        return cli_fail(client->cli, "There is no environment '%.*s' in %.*s; did you mean '%s'?",
                        STR_ARG(name), STR_ARG(of), meant);
    return cli_fail(
        client->cli,
        "There is no environment '%.*s' in %.*s; `chatelaine environment list --product %.*s` shows "
        "those that there are.",
        STR_ARG(name), STR_ARG(of), STR_ARG(of));
}

bool client_find_environment_wait(struct client *client, const json_t **environment, struct str *path,
                                  int *exit_status) {
    struct str name = client->place->environment;
    const json_t *product;
    json_t *all;
    if (str_starts_with(name, STR("env_")))
        return find_by_id_wait(client, environment, path, exit_status);
    if (str_is_empty(client->place->product)) {
        *exit_status = cli_usage(
            client->cli,
            "say by --product which product the environment '%.*s' is of, or give the environment's id",
            STR_ARG(name));
        return false;
    }
    if (!client_find_product_wait(client, client->place->product, &product, exit_status))
        return false;
    const struct client_request request = {
        .method = "GET",
        .path =
            CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id"), STR("environments"))};
    if (!client_list_wait(client, &request, 0, &all, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(all); i++) {
        *environment = json_array_get(all, i);
        if (!str_equal(json_get_str(*environment, "name"), name))
            continue;
        *path = CLIENT_PATH(client->arena, STR("/environments"), json_get_str(*environment, "id"));
        return true;
    }
    *exit_status = fail_without_environment(client, product, all);
    return false;
}

/* ---- showing ---- */

void client_print(const struct client *client, const json_t *rows, const struct table_column *columns,
                  const char *when_empty) {
    if (!cli_printed_as_json(client->cli, rows))
        table_print(client->arena, rows, columns, when_empty);
}

int client_show_list_wait(struct client *client, const struct client_request *request, size_t most,
                          const struct table_column *columns, const char *when_empty) {
    json_t *items;
    int exit_status;
    if (!client_list_wait(client, request, most, &items, &exit_status))
        return exit_status;
    client_print(client, items, columns, when_empty);
    return CLI_OK;
}
