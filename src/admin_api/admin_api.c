/* SPDX-License-Identifier: Apache-2.0 */
/* A call from its request to its answer: the order of the steps. */
#include "admin_api/admin_api.h"

#include "admin_api/access_call.h"
#include "admin_api/idempotency.h"
#include "admin_api/routes.h"
#include "environment/environment.h"

/* ---- who ---- */

static bool ask_for_sign_in(struct call *call) {
    return call_problem(call, 401, "sign-in-required",
                        "Sign in, or send a personal API token: Authorization: Bearer ca_…");
}

/* Who has not signed in may call some routes, too; what they show is then of no account. */
static FIBER bool authenticate_wait(struct call *call) {
    const struct access_credentials credentials = credentials_of(call);
    struct access_refusal refusal = {0};
    if (call->api->access == NULL)
        return call_not_here(call);
    enum status status =
        access_authenticate_wait(call->api->access, call->arena, &credentials, &call->principal, &refusal);
    if (status != OK)
        call->principal = NULL;
    if (status == NOT_FOUND)
        return call->route->right == FOR_ALL || ask_for_sign_in(call);
    return is_done(call, status, &refusal);
}

/* ---- on what, and whether they may ---- */

static enum access_right right_of(enum route_right right) {
    switch (right) {
    case FOR_CONFIGURE:
        return ACCESS_CONFIGURE;
    case FOR_SECRETS:
        return ACCESS_SECRETS;
    case FOR_PEOPLE_WRITE:
        return ACCESS_PEOPLE_WRITE;
    case FOR_MANAGE:
        return ACCESS_MANAGE;
    case FOR_OWN:
        return ACCESS_OWN;
    case FOR_ALL:
    case FOR_SIGNED_IN:
    case FOR_READ:
        break;
    }
    return ACCESS_READ;
}

bool call_check_right(struct call *call, struct str product, enum access_right right) {
    if (access_may(call->principal, product, right))
        return true;
    return call_problem(call, 403, "role-insufficient",
                        "This takes the role %s%s, or a token with that right. An owner can give it to you.",
                        access_role_for(right), str_is_empty(product) ? " of all products" : " here");
}

struct str call_role(const struct call *call, struct str product) {
    return str_from(access_role_name(access_role_over(call->principal, product)));
}

/* What is not there and what is somebody else's are the same. */
static FIBER bool find_place_wait(struct call *call) {
    struct str product = call_parameter(call, "product");
    struct str environment = call_parameter(call, "environment");
    enum status status = OK;
    if (environment.at != NULL) {
        status = store_environment_find_wait(call->api->store, call->arena, environment, &call->environment);
        call->product =
            (struct store_product){.id = call->environment.product, .name = call->environment.product_name};
    } else if (product.at != NULL) {
        status = store_product_find_wait(call->api->store, call->arena, product, &call->product);
    }
    if (status == OK && call->product.id.len > 0 && !access_sees(call->principal, call->product.id))
        status = NOT_FOUND;
    return status == OK || call_refuse(call, status, STR_NONE);
}

static FIBER bool admit_wait(struct call *call) {
    if (call->principal == NULL)
        return true; /* only where the route is for all */
    call->guard = (struct store_guard){.administrator = call->principal->administrator,
                                       .roles = call->principal->roles};
    call->admin = (struct admin){.store = call->api->store,
                                 .vault = call->api->vault,
                                 .actor = call->principal->actor,
                                 .guard = &call->guard};
    if (!find_place_wait(call))
        return false;
    if (call->route->right <= FOR_SIGNED_IN)
        return true;
    return call_check_right(call, call->product.id, right_of(call->route->right));
}

/* ---- the query ---- */

static bool is_known(const char *names, struct str name) {
    struct str rest = str_from(names);
    struct str known;
    while (rest.at != NULL && str_cut(&rest, ' ', &known)) {
        if (str_equal(known, name))
            return true;
    }
    return false;
}

/* A misspelt restriction must not be taken for none. */
static bool check_query(struct call *call) {
    for (size_t i = 0; i < call->request->query_count; i++) {
        struct str name = call->request->query[i].name;
        if (is_known(call->route->query, name))
            continue;
        if (call->route->query == NULL)
            return call_problem(call, 400, "query-invalid", "This address takes nothing in its query.");
        return call_problem(call, 400, "query-invalid",
                            "The query holds a name that is not known here. "
                            "There are: %s.",
                            call->route->query);
    }
    return true;
}

/* ---- the whole ---- */

static bool find_route(struct call *call) {
    struct str allow;
    enum status status = routes_find(call->arena, call->request->method, call->request->path, &call->route,
                                     call->parameters, &call->parameter_count, &allow);
    if (status == OK)
        return true;
    if (status == NOT_FOUND)
        return call_not_found(call);
    call_problem(call, 405, "method-not-allowed", "This address takes %.*s.", STR_ARG(allow));
    call_add_header(call, STR("Allow"), allow);
    return false;
}

static FIBER void handle_wait(struct call *call) {
    if (!admit_wait(call) || !check_query(call))
        return;
    if (call->route->is_idempotent && call->principal != NULL &&
        !str_is_empty(call->request->idempotency_key))
        idempotency_handle_wait(call);
    else
        call->route->handle(call);
    /* Before the answer is out, no thread of this process serves what was loaded before the change. */
    if (call_is_unsafe(call) && !str_is_empty(call->environment.id))
        environment_changed(call->environment.id);
}

void admin_api_handle_wait(struct admin_api *api, const struct admin_request *request, struct arena *arena,
                           struct admin_response *response) {
    struct call call = {.api = api, .request = request, .response = response, .arena = arena};
    *response = (struct admin_response){0};
    if (find_route(&call) && authenticate_wait(&call))
        handle_wait(&call);
}

void admin_api_handle_as_wait(struct admin_api *api, const struct access_principal *principal,
                              const struct admin_request *request, struct arena *arena,
                              struct admin_response *response) {
    struct call call = {
        .api = api, .request = request, .response = response, .arena = arena, .principal = principal};
    *response = (struct admin_response){0};
    if (find_route(&call))
        handle_wait(&call);
}
