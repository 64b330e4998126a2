/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine keyset. On the machine itself it asks the issuers from here, and tells running servers by the
 * database; of a server elsewhere it asks what that one holds. */
#include "base/clock.h"
#include "egress/egress.h"
#include "keyset/keyset.h"

#include "cli/client.h"

struct request {
    struct place place;
    struct option_list names;
};

static struct str issuer_of(const struct request *request) {
    return request->names.count > 0 ? request->names.at[0] : STR_NONE;
}

/* The key sets that the request is about; false: it was said why there are none. */
static FIBER bool find_wait(struct installation *installation, const struct request *request,
                            struct store_environment *environment, struct admin_key_sets *key_sets,
                            int *exit_status) {
    if (!installation_find_wait(installation, &request->place, environment, exit_status))
        return false;
    enum status status = admin_key_set_list(installation->arena, environment, issuer_of(request), key_sets,
                                            &installation->error);
    if (status == OK)
        return true;
    *exit_status = installation_fail(installation, status);
    return false;
}

/* ---- of a server elsewhere ---- */

static FIBER int refresh_elsewhere_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    int exit_status;
    json_auto_t *body = json_object();
    if (!str_is_empty(issuer_of(request)))
        json_set(body, STR("issuer"), json_from_str(issuer_of(request)));
    const struct client_request refresh = {.method = "POST",
                                           .path = CLIENT_PATH_HERE(client, STR("key-sets"), STR("refresh")),
                                           .body = body,
                                           .is_slow = true};
    if (!client_call_wait(client, &refresh, &answer, &exit_status))
        return exit_status;
    const json_t *items = json_get_array(answer.json, "items");
    json_auto_t *names = json_array();
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        if (!str_equal(json_get_str(one, "source"), STR("fetched")))
            continue;
        json_array_append(names, json_object_get(one, "issuer"));
        if (!client->cli->json)
            cli_say("Running servers fetch the keys of %.*s anew.", STR_ARG(json_get_str(one, "issuer")));
    }
    if (client->cli->json)
        cli_print_json(client->cli, names);
    return CLI_OK;
}

static struct str cell_count(struct arena *arena, const json_t *row, const char *member) {
    return arena_print(arena, "%zu", json_array_size(json_get_array(row, member)));
}

static FIBER int status_elsewhere_wait(struct client *client, void *argument) {
    static const struct table_column columns[] = {COLUMN("ISSUER", "issuer"),
                                                  COLUMN("STATE", "state"),
                                                  COLUMN_AS("KEYS", "keys", cell_count),
                                                  COLUMN_AS("FETCHED (UTC)", "fetchedAt", cell_time),
                                                  COLUMN_AS("NEXT (UTC)", "nextFetchAt", cell_time),
                                                  COLUMN("WHAT IS WRONG", "sentence"),
                                                  COLUMN_END};
    const struct str issuer = issuer_of(argument);
    json_t *json;
    int exit_status;
    if (!client_get_wait(client, CLIENT_PATH_HERE(client, STR("key-sets")), &json, &exit_status))
        return exit_status;
    const json_t *items = json_get_array(json, "items");
    json_auto_t *shown = json_array();
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *one = json_array_get(items, i);
        if (str_is_empty(issuer) || str_equal(json_get_str(one, "issuer"), issuer))
            json_array_append(shown, one);
    }
    client_print(client, shown, columns, "There are no key sets.");
    return CLI_OK;
}

/* ---- refresh ---- */

static FIBER int refresh_wait(struct installation *installation, void *argument) {
    const struct request *request = argument;
    struct store_environment environment;
    struct admin_key_sets key_sets;
    int exit_status;
    if (!find_wait(installation, request, &environment, &key_sets, &exit_status))
        return exit_status;
    json_auto_t *json = json_array();
    for (size_t i = 0; i < key_sets.count; i++) {
        enum status status = admin_key_set_refresh_wait(&installation->admin, installation->arena,
                                                        &environment, &key_sets.at[i], &installation->error);
        if (status != OK)
            return installation_fail(installation, status);
        json_array_append_new(json, json_from_str(key_sets.at[i].issuer));
        if (!installation->cli->json)
            cli_say("Running servers fetch the keys of %.*s anew.", STR_ARG(key_sets.at[i].issuer));
    }
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    return CLI_OK;
}

static int refresh(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"[ISSUER]", 0, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    if (!str_is_empty(request.place.server))
        return client_run_in_environment(cli, &request.place, refresh_elsewhere_wait, &request);
    return installation_run(cli, &request.place, NEEDS_STORE, refresh_wait, &request);
}

static const struct command command_refresh = {
    .name = "refresh",
    .summary = "Have running servers fetch an environment's key sets anew, within a second.",
    .run = refresh,
};

/* ---- status ---- */

static const char *type_name(enum jose_key_type type) {
    switch (type) {
    case JOSE_RSA:
        return "RSA";
    case JOSE_EC:
        return "EC";
    case JOSE_OKP:
        return "OKP";
    default:
        return "oct";
    }
}

static json_t *keys_json(const struct jose_key_set *keys) {
    json_t *list = json_array();
    for (size_t i = 0; i < jose_key_set_count(keys); i++) {
        const struct jose_key *key = jose_key_set_at(keys, i);
        json_t *one = json_object();
        json_set(one, STR("kid"), json_from_str(jose_key_kid(key)));
        json_set(one, STR("type"), json_string(type_name(jose_key_type(key))));
        if (!str_is_empty(jose_key_alg(key)))
            json_set(one, STR("algorithm"), json_from_str(jose_key_alg(key)));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *skipped_json(const struct jose_key_set *keys) {
    enum { SHOWN_MAX = 32 };
    json_t *list = json_array();
    for (size_t i = 0; i < jose_key_set_skipped_count(keys) && i < SHOWN_MAX; i++) {
        const struct jose_skipped_key *skipped = jose_key_set_skipped_at(keys, i);
        json_t *one = json_object();
        json_set(one, STR("kid"), json_from_str(skipped->kid));
        json_set(one, STR("why"), json_string(skipped->why));
        json_array_append_new(list, one);
    }
    return list;
}

static FIBER json_t *look_wait(const struct installation *installation, struct keyset_registry *registry,
                               struct keyset_cache *cache, const struct admin_key_set *key_set) {
    struct jose_key_set *keys = NULL;
    struct keyset_error error = {0};
    enum status status = keyset_get_wait(cache, key_set->url, installation->arena, &keys, &error);
    json_t *json = json_object();
    json_set(json, STR("issuer"), json_from_str(key_set->issuer));
    json_set(json, STR("url"), json_from_str(key_set->url));
    json_set(json, STR("usable"), json_boolean(status == OK && jose_key_set_count(keys) > 0));
    struct keyset_health health;
    bool is_known = keyset_read_health(registry, key_set->url, installation->arena, &health) == OK;
    if (status != OK) {
        json_set(json, STR("problem"), json_string(keyset_problem_word(error.problem)));
        json_set(json, STR("message"), json_from_str(error.sentence));
    } else {
        json_set(json, STR("keys"), keys_json(keys));
        json_set(json, STR("skipped"), skipped_json(keys));
        json_set(json, STR("showsPrivateKeys"), json_boolean(jose_key_set_leaked_private(keys)));
    }
    if (status == OK && is_known && health.next_try_at_s > 0)
        json_set(json, STR("refreshAfterSeconds"), json_integer(health.next_try_at_s - clock_now_s()));
    jose_key_set_release(keys);
    return json;
}

static void print(const json_t *json) {
    cli_say("%s  %s", json_string_value(json_object_get(json, "issuer")),
            json_string_value(json_object_get(json, "url")));
    if (json_object_get(json, "problem") != NULL) {
        cli_say("  not usable: %s", json_string_value(json_object_get(json, "message")));
        return;
    }
    size_t index;
    json_t *one;
    json_array_foreach(json_object_get(json, "keys"), index, one) {
        const char *kid = json_string_value(json_object_get(one, "kid"));
        const char *algorithm = json_string_value(json_object_get(one, "algorithm"));
        cli_say("  key %s  %s %s", kid != NULL ? kid : "(without kid)",
                json_string_value(json_object_get(one, "type")), algorithm != NULL ? algorithm : "");
    }
    json_array_foreach(json_object_get(json, "skipped"), index, one) {
        const char *kid = json_string_value(json_object_get(one, "kid"));
        cli_say("  left out %s: %s", kid != NULL ? kid : "(without kid)",
                json_string_value(json_object_get(one, "why")));
    }
    if (json_is_true(json_object_get(json, "showsPrivateKeys")))
        cli_say("  It shows private keys: whoever reads it can sign. Tell its owner.");
    cli_say("  a server would fetch it anew after %lld s",
            (long long)json_integer_value(json_object_get(json, "refreshAfterSeconds")));
}

static FIBER int look_all_wait(struct installation *installation, const struct request *request,
                               struct egress *egress, const struct admin_key_sets *key_sets) {
    const struct keyset_options options = {.is_private_allowed = request->place.is_private_egress_allowed};
    struct keyset_registry *registry = keyset_registry_new(egress, &options);
    struct keyset_cache *cache = keyset_cache_new(registry);
    json_auto_t *list = json_array();
    bool are_all_usable = true;
    for (size_t i = 0; i < key_sets->count; i++) {
        json_t *json = look_wait(installation, registry, cache, &key_sets->at[i]);
        json_array_append_new(list, json);
        are_all_usable = are_all_usable && json_is_true(json_object_get(json, "usable"));
        if (!installation->cli->json)
            print(json);
    }
    keyset_cache_free(cache);
    keyset_registry_free(registry);
    if (installation->cli->json)
        cli_print_json(installation->cli, list);
    return are_all_usable ? CLI_OK : CLI_REFUSED;
}

static FIBER int status_wait(struct installation *installation, void *argument) {
    const struct request *request = argument;
    struct store_environment environment;
    struct admin_key_sets key_sets;
    struct egress *egress = NULL;
    int exit_status;
    if (!find_wait(installation, request, &environment, &key_sets, &exit_status))
        return exit_status;
    const struct egress_options options = {.is_private_allowed = request->place.is_private_egress_allowed,
                                           .extra_ca_file = request->place.extra_ca_file};
    if (egress_start(&options, &egress) != OK)
        return cli_fail(installation->cli, "The certificate authorities cannot be read.");
    exit_status = look_all_wait(installation, request, egress, &key_sets);
    egress_stop(egress);
    return exit_status;
}

static int show_status(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_PRIVATE_EGRESS(request.place),
        OPTION_END,
    };
    const struct operands operands = {"[ISSUER]", 0, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    if (!str_is_empty(request.place.server))
        return client_run_in_environment(cli, &request.place, status_elsewhere_wait, &request);
    return installation_run(cli, &request.place, NEEDS_STORE, status_wait, &request);
}

static const struct command command_status = {
    .name = "status",
    .summary = "Fetch an environment's key sets as a server would, and say what is in them.",
    .details =
        "It asks the issuers themselves, from here. What running servers hold, and for how long, stands in "
        "their /metrics.",
    .run = show_status,
};

const struct command command_keyset = {
    .name = "keyset",
    .summary = "Key sets: the public keys of an environment's issuers.",
    .subcommands = (const struct command *const[]){&command_status, &command_refresh, NULL},
};
