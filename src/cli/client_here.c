/* SPDX-License-Identifier: Apache-2.0 */
/* This installation, in this process: the operator on the machine itself, who may do everything. */
#include "cli/client_transport.h"

#include "access/access.h"
#include "admin_api/admin_api.h"
#include "egress/egress.h"
#include "environment/environment.h"
#include "keyset/keyset.h"
#include "verifier/verifier.h"

struct here {
    struct installation installation;
    struct access_principal principal;
    struct egress *egress;
    struct keyset_registry *registry;
    struct keyset_cache *key_sets;
    struct environment_cache *environments;
    struct verifier *verifier;
    struct access *access;
    struct admin_api api;
};

static FIBER void pass_pieces_wait(struct client_sink *sink, struct admin_response *response,
                                   struct client_answer *answer) {
    AUTO_ARENA arena = arena_new();
    for (;;) {
        struct str piece;
        enum status status = response->next_wait(response->context, arena, &piece);
        if (status == NOT_FOUND)
            return;
        if (status != OK || sink->take(sink, answer, piece) != OK) {
            answer->status = 0;
            answer->why = status == OK ? STR("The answer is too large, or could not be written.")
                                       : STR("It broke off: the database does not answer. Try again.");
            return;
        }
        arena_reset(arena);
    }
}

static FIBER void send_wait(struct client *client, const struct client_request *request, struct str body,
                            struct client_sink *sink, struct client_answer *answer) {
    struct here *here = client->state;
    struct admin_pair query[CLIENT_QUERY_MAX];
    struct admin_request asked = {
        .method = str_from(request->method),
        .path = request->path,
        .query = query,
        .body = body,
        .content_type = body.at != NULL ? STR("application/json") : STR_NONE,
        .if_match = request->if_match,
        .is_secure = true,
    };
    for (size_t i = 0; i < CLIENT_QUERY_MAX && request->query[i].name != NULL; i++) {
        if (!str_is_empty(request->query[i].value))
            query[asked.query_count++] =
                (struct admin_pair){str_from(request->query[i].name), request->query[i].value};
    }
    struct admin_response response = {0};
    admin_api_handle_as_wait(&here->api, &here->principal, &asked, client->arena, &response);
    answer->status = response.status;
    answer->etag = response.etag;
    if (response.status == 0)
        return;
    if (response.next_wait != NULL) {
        pass_pieces_wait(sink, &response, answer);
    } else if (!str_is_empty(response.body) && sink->take(sink, answer, response.body) != OK) {
        answer->status = 0;
        answer->why = STR("The answer is too large, or could not be written.");
    }
}

static void close_here(struct client *client) {
    struct here *here = client->state;
    verifier_free(here->verifier);
    environment_cache_free(here->environments);
    keyset_cache_free(here->key_sets);
    keyset_registry_free(here->registry);
    access_free(here->access);
    egress_stop(here->egress);
    installation_close(&here->installation);
}

static const struct client_transport transport = {send_wait, close_here};

static bool open_egress(struct client *client, struct here *here, int *exit_status) {
    const struct place *place = client->place;
    const struct egress_options options = {.is_private_allowed = place->is_private_egress_allowed,
                                           .extra_ca_file = place->extra_ca_file};
    const struct keyset_options key_set_options = {.is_private_allowed = place->is_private_egress_allowed};
    if (egress_start(&options, &here->egress) != OK) {
        *exit_status = cli_fail(client->cli, "The certificate authorities cannot be read.");
        return false;
    }
    here->registry = keyset_registry_new(here->egress, &key_set_options);
    here->key_sets = keyset_cache_new(here->registry);
    here->verifier = verifier_new(here->key_sets);
    here->environments = environment_cache_new(here->installation.store, here->installation.vault);
    return true;
}

static bool open_vault(struct client *client, struct here *here, int *exit_status) {
    struct str message = STR_NONE;
    if (vault_load(client->arena, client->place->data, &here->installation.vault, &message) == OK)
        return true;
    if (client->place->needs & CLIENT_VAULT_IF_THERE) {
        client->vault_problem = message;
        return true;
    }
    *exit_status = cli_fail(client->cli, "%.*s", STR_ARG(message));
    return false;
}

bool client_open_here(struct client *client, int *exit_status) {
    struct here *here = ARENA_NEW(client->arena, struct here);
    const unsigned needs = client->place->needs;
    client->state = here;
    client->transport = &transport;
    here->installation = (struct installation){.cli = client->cli, .arena = client->arena};
    *exit_status = installation_open(&here->installation, client->place);
    bool is_open = *exit_status == CLI_OK;
    if (is_open && (needs & (CLIENT_VAULT | CLIENT_VAULT_IF_THERE)))
        is_open = open_vault(client, here, exit_status);
    if (is_open && (needs & CLIENT_EGRESS))
        is_open = open_egress(client, here, exit_status);
    if (!is_open) {
        close_here(client);
        return false;
    }
    here->principal = access_command_line(client->arena, installation_user(client->arena));
    const struct access_options access_options = {.store = here->installation.store,
                                                  .vault = here->installation.vault,
                                                  .egress = here->egress,
                                                  .is_private_egress_allowed =
                                                      client->place->is_private_egress_allowed};
    here->access = access_new(&access_options);
    here->api = (struct admin_api){
        .store = here->installation.store,
        .vault = here->installation.vault,
        .egress = here->egress,
        .key_sets = here->key_sets,
        .key_set_registry = here->registry,
        .environments = here->environments,
        .verifier = here->verifier,
        .access = here->access,
        .is_private_egress_allowed = client->place->is_private_egress_allowed,
    };
    return true;
}
