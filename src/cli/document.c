/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"

struct request {
    enum store_document_kind kind;
    struct place place;
    struct str file;
    struct option_list names;
    json_t *document;
};

/* ---- put ---- */

static FIBER enum status put_one_wait(struct installation *installation, const struct request *request,
                                      const struct store_environment *environment, const json_t *document,
                                      json_t *results) {
    struct store_document stored;
    bool changed;
    enum status status =
        request->kind == STORE_TOOL
            ? admin_tool_put_wait(&installation->admin, installation->arena, environment, document, &stored,
                                  &changed, &installation->error)
            : admin_knowledge_put_wait(&installation->admin, installation->arena, environment, document,
                                       &stored, &changed, &installation->error);
    TRY(status);
    json_t *result = json_object();
    json_set(result, STR("id"), json_from_str(stored.id));
    json_set(result, STR("name"), json_from_str(stored.name));
    json_set(result, STR("version"), json_integer(stored.version));
    json_set(result, STR("changed"), json_boolean(changed));
    json_array_append_new(results, result);
    return OK;
}

static void print_results(struct installation *installation, const json_t *results, bool is_list) {
    if (installation->cli->json) {
        cli_print_json(installation->cli, is_list ? results : json_array_get(results, 0));
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

static FIBER int put_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    json_auto_t *results = json_array();
    bool is_list = json_is_array(request->document);
    size_t count = is_list ? json_array_size(request->document) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = is_list ? json_array_get(request->document, i) : request->document;
        enum status status = put_one_wait(installation, request, &environment, one, results);
        if (status != OK && is_list)
            installation->error.pointer = arena_join(
                installation->arena, 2,
                (struct str[]){arena_print(installation->arena, "/%zu", i), installation->error.pointer});
        if (status != OK)
            return installation_fail(installation, status);
    }
    print_results(installation, results, is_list);
    return CLI_OK;
}

int document_put(struct cli *cli, enum store_document_kind kind) {
    struct request request = {.kind = kind, .place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("file", "FILE", "the document (JSON), or a list of them; - is standard input",
                    &request.file, OPTION_REQUIRED | OPTION_BY_LETTER),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !installation_read_json(cli, request.file, &request.document, &exit_status))
        return exit_status;
    exit_status = installation_run(cli, &request.place, NEEDS_STORE, put_wait, &request);
    json_decref(request.document);
    return exit_status;
}

/* ---- list ---- */

static struct str title_of(struct arena *arena, const struct store_document *document) {
    json_auto_t *json = NULL;
    if (json_read(document->document, JSON_DEPTH_DOCUMENT, &json, NULL) != OK)
        return STR("");
    return arena_copy(arena, json_get_str(json, "title"));
}

static FIBER int list_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_documents documents;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = store_document_list_wait(installation->store, installation->arena, request->kind,
                                                  environment.id, &documents);
    if (status != OK)
        return installation_fail(installation, status);
    struct table *table = table_new(installation->arena,
                                    (const char *const[]){"NAME", "TITLE", "VERSION", "CHANGED (UTC)", NULL});
    json_auto_t *json = json_array();
    for (size_t i = 0; i < documents.count; i++) {
        const struct store_document *one = &documents.at[i];
        json_array_append_new(json, admin_document_json(one));
        table_add(table, (struct str[]){one->name, title_of(installation->arena, one),
                                        arena_print(installation->arena, "%lld", (long long)one->version),
                                        table_time(installation->arena, one->updated_at)});
    }
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        table_print(table, request->kind == STORE_TOOL ? "There are no tools." : "There is no knowledge.");
    return CLI_OK;
}

static int run_on_place(struct cli *cli, enum store_document_kind kind, size_t name_count,
                        int (*run)(struct installation *installation, void *argument)) {
    struct request request = {.kind = kind, .place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"NAME", name_count, name_count, &request.names};
    int exit_status;
    if (!options_read(cli, options, name_count > 0 ? &operands : NULL, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, run, &request);
}

int document_list(struct cli *cli, enum store_document_kind kind) {
    return run_on_place(cli, kind, 0, list_wait);
}

/* ---- show ---- */

static FIBER int show_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_document document;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = store_document_find_wait(installation->store, installation->arena, request->kind,
                                                  environment.id, request->names.at[0], &document);
    if (status == NOT_FOUND)
        return cli_fail(installation->cli, "There is no '%.*s' here.", STR_ARG(request->names.at[0]));
    if (status != OK)
        return installation_fail(installation, status);
    json_auto_t *json = admin_document_json(&document);
    cli_print_json(installation->cli, json_object_get(json, "document"));
    return CLI_OK;
}

int document_show(struct cli *cli, enum store_document_kind kind) {
    return run_on_place(cli, kind, 1, show_wait);
}

/* ---- remove ---- */

static FIBER int remove_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = admin_document_remove_wait(&installation->admin, installation->arena, request->kind,
                                                    &environment, request->names.at[0], &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

int document_remove(struct cli *cli, enum store_document_kind kind) {
    return run_on_place(cli, kind, 1, remove_wait);
}
