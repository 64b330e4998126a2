/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine export */
#include "cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
    struct place place;
    struct str output;
};

/* ---- one environment ---- */

/* The name of the variable that a secret is to be had from: "LIVE_MODEL_KEY". */
static struct str variable_name(struct arena *arena, struct str prefix, struct str name) {
    struct str text = str_is_empty(prefix) ? arena_copy(arena, name)
                                           : arena_join(arena, 3, (struct str[]){prefix, STR("_"), name});
    char *at = (char *)text.at;
    for (size_t i = 0; i < text.len; i++) {
        char c = at[i];
        bool is_fine = (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9');
        at[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : (is_fine ? c : '_');
    }
    return text;
}

static int compare_text(const void *a, const void *b) {
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* References to the secrets of others that the environment keeps: their values are nobody's to read. */
static FIBER bool read_secrets_wait(struct client *client, struct str id, struct str prefix,
                                    json_t **references, int *exit_status) {
    const struct client_request list = {
        .method = "GET", .path = CLIENT_PATH(client->arena, STR("/environments"), id, STR("secrets"))};
    json_t *items;
    if (!client_list_wait(client, &list, 0, &items, exit_status))
        return false;
    struct str *names = arena_alloc_array(client->arena, json_array_size(items) + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        if (str_equal(json_get_str(one, "purpose"), STR("named")) &&
            str_equal(json_get_str(one, "state"), STR("usable")))
            names[count++] = json_get_str(one, "name");
    }
    qsort(names, count, sizeof *names, compare_text);
    *references = json_object();
    for (size_t i = 0; i < count; i++) {
        json_t *reference = json_object();
        json_set(reference, STR("$env"), json_from_str(variable_name(client->arena, prefix, names[i])));
        json_set(*references, names[i], reference);
    }
    return true;
}

/* Adds the environment's members to `into`. */
static FIBER bool read_environment_wait(struct client *client, const json_t *environment, struct str prefix,
                                        json_t *into, int *exit_status) {
    struct str id = json_get_str(environment, "id");
    json_t *document, *references;
    if (!client_get_wait(client, CLIENT_PATH(client->arena, STR("/environments"), id, STR("document")),
                         &document, exit_status) ||
        !read_secrets_wait(client, id, prefix, &references, exit_status))
        return false;
    json_object_set(into, "product", json_object_get(environment, "productName"));
    json_object_set(into, "environment", json_object_get(environment, "name"));
    json_object_set(into, "config", json_object_get(document, "config"));
    json_object_set(into, "tools", json_object_get(document, "tools"));
    json_object_set(into, "knowledge", json_object_get(document, "knowledge"));
    if (json_object_size(references) > 0)
        json_object_set(into, "secrets", references);
    json_decref(references);
    return true;
}

/* ---- several ---- */

static FIBER bool read_product_wait(struct client *client, const json_t *product, bool has_many_products,
                                    json_t *into, int *exit_status) {
    const struct client_request list = {
        .method = "GET",
        .path =
            CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id"), STR("environments"))};
    json_t *environments;
    if (!client_list_wait(client, &list, 0, &environments, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(environments); i++) {
        const json_t *environment = json_array_get(environments, i);
        struct str prefix = json_get_str(environment, "name");
        if (has_many_products)
            prefix = arena_join(client->arena, 3,
                                (struct str[]){json_get_str(environment, "productName"), STR("_"), prefix});
        json_t *one = json_object();
        json_array_append_new(into, one);
        if (!read_environment_wait(client, environment, prefix, one, exit_status))
            return false;
    }
    return true;
}

static FIBER bool read_products_wait(struct client *client, json_t *into, int *exit_status) {
    const struct client_request list = {.method = "GET", .path = STR("/products")};
    const json_t *product;
    json_t *products;
    if (!str_is_empty(client->place->product))
        return client_find_product_wait(client, client->place->product, &product, exit_status) &&
               read_product_wait(client, product, false, into, exit_status);
    if (!client_list_wait(client, &list, 0, &products, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(products); i++) {
        if (!read_product_wait(client, json_array_get(products, i), json_array_size(products) > 1, into,
                               exit_status))
            return false;
    }
    return true;
}

/* ---- writing ---- */

/* Beside it first, then in its place: whoever reads it never sees half of it. */
static int write_file(const struct client *client, struct str file, struct str text) {
    const char *name = arena_terminated(client->arena, file);
    const char *beside = arena_print(client->arena, "%.*s.new", STR_ARG(file)).at;
    FILE *into = fopen(beside, "we");
    if (into == NULL)
        return cli_fail(client->cli, "%s: it cannot be written there: %s.", name, strerrordesc_np(errno));
    bool is_written = fwrite(text.at, 1, text.len, into) == text.len;
    is_written = fclose(into) == 0 && is_written && rename(beside, name) == 0;
    if (is_written)
        return CLI_OK;
    unlink(beside);
    return cli_fail(client->cli, "%s: it could not be written: is the disk full?", name);
}

static FIBER int export_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct str path;
    int exit_status;
    json_t *json = json_keep(client->arena, json_object());
    json_set(json, STR("$schema"), json_string("./chatelaine.schema.json"));
    if (!str_is_empty(client->place->environment)) {
        if (!client_find_environment_wait(client, &environment, &path, &exit_status) ||
            !read_environment_wait(client, environment, STR(""), json, &exit_status))
            return exit_status;
    } else {
        json_t *list = json_array();
        json_set(json, STR("environments"), list);
        if (!read_products_wait(client, list, &exit_status))
            return exit_status;
    }
    struct str text =
        client->cli->json ? json_write(client->arena, json) : json_write_pretty(client->arena, json);
    if (!str_ends_with(text, STR("\n")))
        text = arena_join(client->arena, 2, (struct str[]){text, STR("\n")});
    if (!str_equal(request->output, STR("-")))
        return write_file(client, request->output, text);
    fwrite(text.at, 1, text.len, stdout);
    return CLI_OK;
}

static int export(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .output = STR("-")};
    const struct option options[] = {
        OPTIONS_WHERE(request.place), OPTION_PRODUCT(request.place, 0), OPTION_ENVIRONMENT(request.place, 0),
        OPTION_TEXT("output", "FILE", "where to write it (default: -, standard output)", &request.output,
                    OPTION_BY_LETTER),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, export_wait, &request);
}

const struct command command_export = {
    .name = "export",
    .summary = "Write environments as a configuration file, for version control.",
    .details = "One environment, all of a product (without --environment), or all there are. Keys and "
               "secrets are not in it:\n"
               "secrets of others are named by the environment variable that `chatelaine apply` is to read "
               "them from.\n"
               "`chatelaine schema > chatelaine.schema.json` gives editors what the file may hold.",
    .run = export,
};
