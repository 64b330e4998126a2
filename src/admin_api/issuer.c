/* SPDX-License-Identifier: Apache-2.0 */
/* The issuers of an environment's configuration, one by one. Their version is the configuration's. */
#include "admin_api/config.h"
#include "admin_api/routes.h"

#define WITHIN "/signIn/issuers/"

/* The list within `config`, made where it is missing. */
static json_t *issuers_of(json_t *config) {
    json_t *sign_in = json_get_object(config, "signIn");
    if (sign_in == NULL) {
        sign_in = json_object();
        json_object_set_new(config, "signIn", sign_in);
    }
    json_t *issuers = json_get_array(sign_in, "issuers");
    if (issuers == NULL) {
        issuers = json_array();
        json_object_set_new(sign_in, "issuers", issuers);
    }
    return issuers;
}

/* Its place in the list; the list's size where there is none of that name. */
static size_t find(const json_t *issuers, struct str name) {
    size_t i = 0;
    while (i < json_array_size(issuers) && !str_equal(json_get_str(json_array_get(issuers, i), "name"), name))
        i++;
    return i;
}

static struct str within(struct call *call, size_t index) {
    return arena_print(call->arena, WITHIN "%zu", index);
}

static bool is_taken(struct call *call, const json_t *issuers, size_t but) {
    size_t other = find(issuers, json_get_str(call->body, "name"));
    if (other == json_array_size(issuers) || other == but)
        return false;
    call_problem_with(call, 409, "conflict", STR("There is an issuer of that name already."), NULL);
    return true;
}

static void answer(struct call *call, unsigned status, size_t index) {
    const json_t *issuer = json_array_get(issuers_of(config_of(call)), index);
    call_set_version(call, call->environment.version);
    call_answer(call, status, json_deep_copy(issuer));
}

void issuer_list(struct call *call) {
    if (call_is_unchanged(call, call->environment.version))
        return;
    call_set_version(call, call->environment.version);
    call_answer_list(call, json_deep_copy(issuers_of(config_of(call))), STR_NONE);
}

void issuer_create(struct call *call) {
    if (!call_read_body(call, NULL))
        return;
    json_t *config = config_of(call);
    json_t *issuers = issuers_of(config);
    size_t index = json_array_size(issuers);
    if (is_taken(call, issuers, index))
        return;
    json_array_append(issuers, call->body);
    if (!config_save_wait(call, 0, config, within(call, index)))
        return;
    struct str path = call->request->path;
    answer(call, 201, index);
    call->response->location = arena_join(
        call->arena, 4, (struct str[]){STR("/admin/v1"), path, STR("/"), json_get_str(call->body, "name")});
}

/* The issuer that the path names; false: it has answered. */
static bool find_named(struct call *call, json_t *issuers, size_t *index) {
    *index = find(issuers, call_parameter(call, "name"));
    return *index < json_array_size(issuers) || call_not_found(call);
}

void issuer_read(struct call *call) {
    size_t index;
    if (find_named(call, issuers_of(config_of(call)), &index) &&
        !call_is_unchanged(call, call->environment.version))
        answer(call, 200, index);
}

void issuer_replace(struct call *call) {
    int64_t version;
    size_t index;
    json_t *config = config_of(call);
    json_t *issuers = issuers_of(config);
    if (!find_named(call, issuers, &index) || !call_if_match(call, &version) || !call_read_body(call, NULL) ||
        is_taken(call, issuers, index))
        return;
    json_array_set(issuers, index, call->body);
    if (config_save_wait(call, version, config, within(call, index)))
        answer(call, 200, index);
}

void issuer_delete(struct call *call) {
    int64_t version;
    size_t index;
    json_t *config = config_of(call);
    json_t *issuers = issuers_of(config);
    if (!find_named(call, issuers, &index) || !call_if_match(call, &version))
        return;
    json_array_remove(issuers, index);
    if (config_save_wait(call, version, config, STR("")))
        call_answer_nothing(call);
}
