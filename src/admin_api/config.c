/* SPDX-License-Identifier: Apache-2.0 */
/* An environment's configuration, as a whole and by its parts. All parts have the configuration's version:
 * whoever changes one has seen the others as they are. */
#include "admin_api/config.h"

#include "admin_api/discovery.h"
#include "admin_api/routes.h"

json_t *config_of(struct call *call) {
    json_t *config = NULL;
    if (json_read(call->environment.config, JSON_DEPTH_DOCUMENT, &config, NULL) != OK)
        config = json_object();
    return json_keep(call->arena, config);
}

/* Where in the body: the part of the pointer behind `within`. */
static void cut_pointer(struct call *call, struct str within) {
    struct str pointer = call->error.pointer;
    if (str_starts_with(pointer, within))
        call->error.pointer = str_from_index(pointer, within.len);
}

/* Whatever the version is, the one that `config` was made of must be that which is there. */
bool config_save_wait(struct call *call, int64_t version, const json_t *config, struct str within) {
    bool changed;
    struct store_environment *environment = &call->environment;
    if (!discovery_pin_wait(call, environment->config, config, within))
        return false;
    enum status status = admin_environment_set_config_wait(&call->admin, call->arena, environment,
                                                           version == 0 ? environment->version : version,
                                                           config, &changed, &call->error);
    if (status == OK)
        return true;
    cut_pointer(call, within);
    return call_refuse(call, status, STR_NONE);
}

static void answer_config(struct call *call) {
    call_set_version(call, call->environment.version);
    call_answer(call, 200, json_incref(config_of(call)));
}

void config_read(struct call *call) {
    if (!call_is_unchanged(call, call->environment.version))
        answer_config(call);
}

void config_replace(struct call *call) {
    int64_t version;
    if (call_if_match(call, &version) && call_read_body(call, NULL) &&
        config_save_wait(call, version, call->body, STR("")))
        answer_config(call);
}

/* ---- parts ---- */

/* How a part stands in the API, and where in the configuration. */
struct part {
    const char *name;                                           /* of its address */
    const char *member;                                         /* in the configuration */
    json_t *(*read)(const json_t *member);                      /* a new reference; `member` may be NULL */
    json_t *(*write)(const json_t *member, const json_t *body); /* what stands there afterwards */
    const struct member *members; /* of the body; NULL: the configuration's own rules say */
    const char *within;           /* where the body stands in the configuration */
};

static json_t *read_origins(const json_t *member) {
    json_t *json = json_object();
    json_object_set_new(json, "origins", member == NULL ? json_array() : json_deep_copy(member));
    return json;
}

static json_t *write_origins(const json_t *member, const json_t *body) {
    (void)member;
    return json_deep_copy(json_object_get(body, "origins"));
}

static json_t *read_sign_in(const json_t *member) {
    json_t *json = json_object();
    struct str enforcement = json_get_str(member, "enforcement");
    if (str_is_empty(enforcement)) /* as identity/ takes it */
        enforcement = member == NULL ? STR("off") : STR("optional");
    set_text(json, "enforcement", enforcement);
    set_optional(json, "signInUrl", json_get_str(member, "signInUrl"));
    set_bool(json, "carryAnonymousConversation", json_get_bool(member, "carryAnonymousConversation", true));
    return json;
}

static json_t *write_sign_in(const json_t *member, const json_t *body) {
    static const char *const names[] = {"enforcement", "signInUrl", "carryAnonymousConversation"};
    json_t *json = member == NULL ? json_object() : json_deep_copy(member);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *value = json_object_get(body, names[i]);
        json_object_del(json, names[i]);
        if (value != NULL && !json_is_null(value))
            json_object_set_new(json, names[i], json_deep_copy(value));
    }
    return json;
}

static json_t *read_object(const json_t *member) {
    return member == NULL ? json_object() : json_deep_copy(member);
}

static json_t *write_object(const json_t *member, const json_t *body) {
    (void)member;
    return json_deep_copy(body);
}

static const struct member origin_members[] = {{"origins", MEMBER_ARRAY, true, false, 0}, {0}};
static const struct member sign_in_members[] = {
    {"enforcement", MEMBER_STRING, true, false, 0},
    {"signInUrl", MEMBER_STRING, false, true, 0},
    {"carryAnonymousConversation", MEMBER_BOOLEAN, false, false, 0},
    {0}};

static const struct part parts[] = {
    {"origins", "origins", read_origins, write_origins, origin_members, ""},
    {"sign-in", "signIn", read_sign_in, write_sign_in, sign_in_members, "/signIn"},
    {"assistant", "assistant", read_object, write_object, NULL, "/assistant"},
    {"appearance", "appearance", read_object, write_object, NULL, "/appearance"},
    {"limits", "limits", read_object, write_object, NULL, "/limits"},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

/* The route's pattern ends with the part's name. */
static const struct part *part_of(const struct call *call) {
    struct str pattern = str_from(call->route->pattern);
    const struct part *part = parts;
    while (part[1].name != NULL && !str_ends_with(pattern, str_from(part->name)))
        part++;
    return part;
}

static void answer_part(struct call *call, const struct part *part) {
    call_set_version(call, call->environment.version);
    call_answer(call, 200, part->read(json_object_get(config_of(call), part->member)));
}

void config_part_read(struct call *call) {
    if (!call_is_unchanged(call, call->environment.version))
        answer_part(call, part_of(call));
}

void config_part_replace(struct call *call) {
    int64_t version;
    const struct part *part = part_of(call);
    static const struct member any[] = {{0}};
    if (!call_if_match(call, &version) || !call_read_body(call, part->members))
        return;
    if (!json_is_object(call->body) && !call_check_members(call, call->body, STR(""), any))
        return;
    json_t *config = config_of(call);
    json_object_set_new(config, part->member, part->write(json_object_get(config, part->member), call->body));
    if (config_save_wait(call, version, config, str_from(part->within)))
        answer_part(call, part);
}
