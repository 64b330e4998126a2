/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plan.h"

#include <stdlib.h>

enum { ERRORS_MAX = 50, SECRET_MAX = 4096 };

struct reader {
    struct cli *cli;
    const struct source *source;
    struct source_error errors[ERRORS_MAX];
    size_t error_count;
};

static void complain(struct reader *reader, struct str pointer, bool is_about_name, const char *sentence) {
    if (reader->error_count < ERRORS_MAX)
        reader->errors[reader->error_count++] =
            (struct source_error){.pointer = pointer,
                                  .detail = str_from(sentence),
                                  .is_about_name = is_about_name,
                                  .is_secret = str_find(pointer, STR("/secrets/")) != STR_NOT_FOUND};
}

static struct str below(const struct reader *reader, struct str pointer, const char *member) {
    return json_pointer_add(reader->cli->arena, pointer, str_from(member));
}

/* ---- secrets, by reference ---- */

static bool is_variable_name(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

static void read_variable(const struct reader *reader, struct str name, struct plan_secret *secret) {
    struct arena *arena = reader->cli->arena;
    secret->from = arena_join(arena, 2, (struct str[]){STR("$"), name});
    secret->value = str_trim(str_from(getenv(arena_terminated(arena, name))));
    if (str_is_empty(secret->value))
        secret->problem = arena_print(arena, "The environment variable %.*s is not set here.", STR_ARG(name));
}

/* Relative to the configuration file, as everything else in it is. */
static struct str beside(const struct reader *reader, struct str path) {
    struct str file = reader->source->name;
    size_t slash = file.len;
    while (slash > 0 && file.at[slash - 1] != '/')
        slash--;
    if (str_starts_with(path, STR("/")) || slash == 0)
        return path;
    return arena_join(reader->cli->arena, 2, (struct str[]){str_slice(file, 0, slash), path});
}

static void read_secret_file(const struct reader *reader, struct str path, struct plan_secret *secret) {
    struct arena *arena = reader->cli->arena;
    struct str name = beside(reader, path);
    secret->from = arena_join(arena, 2, (struct str[]){STR("the file "), path});
    enum status status = cli_read_file(arena, name, SECRET_MAX + 2, &secret->value);
    if (status != OK) {
        secret->value = STR_NONE;
        secret->problem = arena_print(arena, "%.*s: %s.", STR_ARG(name),
                                      status == TOO_LARGE ? "the file is larger than a secret may be"
                                                          : cli_file_problem(status));
        return;
    }
    secret->value = str_trim(secret->value);
    if (str_is_empty(secret->value))
        secret->problem = arena_print(arena, "%.*s: the file is empty.", STR_ARG(name));
}

static void read_secret(struct reader *reader, struct plan_secret *secret, const json_t *value) {
    struct str variable = json_get_str(value, "$env"), file = json_get_str(value, "$file");
    if (!json_is_object(value) || json_object_size(value) != 1 ||
        (str_is_empty(variable) && str_is_empty(file))) {
        complain(reader, secret->pointer, true,
                 json_is_string(value) ? "A secret does not belong into a file: say where it stands, "
                                         "{\"$env\": \"NAME\"} or {\"$file\": \"path\"}."
                                       : "This is {\"$env\": \"NAME\"} or {\"$file\": \"path\"}.");
        return;
    }
    if (!str_is_empty(file))
        read_secret_file(reader, file, secret);
    else if (is_variable_name(variable))
        read_variable(reader, variable, secret);
    else
        complain(reader, below(reader, secret->pointer, "$env"), false,
                 "This is no name of an environment variable.");
    if (secret->value.len > SECRET_MAX || !str_is_utf8(secret->value)) {
        secret->value = STR_NONE;
        secret->problem = STR("That is no secret: it is longer than 4096 bytes, or no text.");
    }
}

static void read_secrets(struct reader *reader, struct plan_target *target, const json_t *secrets) {
    struct str pointer = below(reader, target->pointer, "secrets");
    if (secrets == NULL)
        return;
    if (!json_is_object(secrets)) {
        complain(reader, pointer, false, "This is an object: {\"model-key\": {\"$env\": \"OPENAI_KEY\"}}.");
        return;
    }
    target->secrets =
        arena_alloc_array(reader->cli->arena, json_object_size(secrets) + 1, sizeof *target->secrets);
    struct json_walk walk = {0};
    while (json_walk_next(secrets, &walk)) {
        struct plan_secret *secret = &target->secrets[target->secret_count++];
        secret->name = walk.name;
        secret->pointer = json_pointer_add(reader->cli->arena, pointer, walk.name);
        read_secret(reader, secret, walk.value);
    }
}

/* ---- environments ---- */

static bool is_one_of(struct str name, const char *const *names) {
    for (; *names != NULL; names++) {
        if (str_equal(name, str_from(*names)))
            return true;
    }
    return false;
}

static void check_members(struct reader *reader, const json_t *object, struct str pointer,
                          const char *const *names) {
    struct json_walk walk = {0};
    while (json_walk_next(object, &walk)) {
        if (!is_one_of(walk.name, names))
            complain(reader, json_pointer_add(reader->cli->arena, pointer, walk.name), true,
                     json_no_such_member(reader->cli->arena, walk.name, names).at);
    }
}

/* The name that the option gives, or the object, or what holds the object. */
static struct str read_name(struct reader *reader, const json_t *object, const char *member,
                            struct str pointer, struct str option, struct str otherwise) {
    const json_t *value = json_object_get(object, member);
    if (value != NULL && (!json_is_string(value) || str_is_empty(json_str(value))))
        complain(reader, below(reader, pointer, member), false, "This is a name.");
    if (!str_is_empty(option))
        return option;
    return json_is_string(value) ? json_str(value) : otherwise;
}

static void copy_member(const json_t *from, json_t *to, const char *member) {
    json_t *value = json_object_get(from, member);
    if (value != NULL)
        json_object_set(to, member, value);
}

static void read_target(struct reader *reader, const json_t *object, struct plan_target *target) {
    target->document = json_keep(reader->cli->arena, json_object());
    copy_member(object, target->document, "config");
    copy_member(object, target->document, "tools");
    copy_member(object, target->document, "knowledge");
    read_secrets(reader, target, json_object_get(object, "secrets"));
    if (str_is_empty(target->environment))
        complain(reader, target->pointer, false,
                 "Which environment is this? Name it by --environment, or here: \"environment\": \"live\".");
    else if (str_is_empty(target->product) && !str_starts_with(target->environment, STR("env_")))
        complain(reader, target->pointer, false,
                 "Of which product is this? Name it by --product, or here: \"product\": \"acme\".");
}

static void read_single(struct reader *reader, const struct place *place, struct plan *plan) {
    const json_t *json = reader->source->json;
    check_members(reader, json, STR(""),
                  (const char *const[]){"$schema", "product", "environment", "config", "tools", "knowledge",
                                        "secrets", NULL});
    struct plan_target *target = &plan->targets[plan->count++];
    target->pointer = STR("");
    target->product = read_name(reader, json, "product", STR(""), place->product, STR(""));
    target->environment = read_name(reader, json, "environment", STR(""), place->environment, STR(""));
    read_target(reader, json, target);
}

static bool is_picked(const struct place *place, const struct plan_target *target) {
    return (str_is_empty(place->product) || str_equal(place->product, target->product)) &&
           (str_is_empty(place->environment) || str_equal(place->environment, target->environment));
}

static void check_unique(struct reader *reader, const struct plan *plan, const struct plan_target *target) {
    for (size_t i = 0; i + 1 < plan->count; i++) {
        if (str_equal(plan->targets[i].product, target->product) &&
            str_equal(plan->targets[i].environment, target->environment))
            complain(reader, target->pointer, false, "This environment stands there twice.");
    }
}

static void read_several(struct reader *reader, const struct place *place, const json_t *list,
                         struct plan *plan) {
    const json_t *json = reader->source->json;
    struct str pointer = STR("/environments");
    check_members(reader, json, STR(""), (const char *const[]){"$schema", "product", "environments", NULL});
    struct str product = read_name(reader, json, "product", STR(""), STR(""), place->product);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct plan_target target = {.pointer =
                                         arena_print(reader->cli->arena, "%.*s/%zu", STR_ARG(pointer), i)};
        if (!json_is_object(one)) {
            complain(reader, target.pointer, false, "An environment is an object.");
            continue;
        }
        check_members(
            reader, one, target.pointer,
            (const char *const[]){"product", "environment", "config", "tools", "knowledge", "secrets", NULL});
        target.product = read_name(reader, one, "product", target.pointer, STR(""), product);
        target.environment = read_name(reader, one, "environment", target.pointer, STR(""), STR(""));
        if (!is_picked(place, &target))
            continue;
        struct plan_target *kept = &plan->targets[plan->count++];
        *kept = target;
        read_target(reader, one, kept);
        check_unique(reader, plan, kept);
    }
    if (plan->count == 0 && reader->error_count == 0)
        complain(reader, pointer, false,
                 json_array_size(list) == 0 ? "There is no environment in this list."
                                            : "No environment in this list has that name.");
}

bool plan_read(struct cli *cli, const struct source *source, const struct place *place, struct plan *plan,
               int *exit_status) {
    struct reader *reader = ARENA_NEW(cli->arena, struct reader);
    const json_t *list = json_object_get(source->json, "environments");
    reader->cli = cli;
    reader->source = source;
    *plan = (struct plan){
        .targets = arena_alloc_array(cli->arena, json_array_size(list) + 1, sizeof *plan->targets)};
    if (!json_is_object(source->json))
        complain(reader, STR(""), false, "A configuration file is a JSON object.");
    else if (list == NULL)
        read_single(reader, place, plan);
    else if (!json_is_array(list))
        complain(reader, STR("/environments"), false, "This is a list of environments.");
    else
        read_several(reader, place, list, plan);
    if (reader->error_count == 0)
        return true;
    *exit_status = source_fail(cli, source, reader->errors, reader->error_count);
    return false;
}

bool plan_has_secrets(const struct cli *cli, const struct source *source, const struct plan *plan,
                      int *exit_status) {
    struct source_error errors[ERRORS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        for (size_t j = 0; j < plan->targets[i].secret_count && count < ERRORS_MAX; j++) {
            const struct plan_secret *secret = &plan->targets[i].secrets[j];
            if (!str_is_empty(secret->problem))
                errors[count++] =
                    (struct source_error){.pointer = secret->pointer, .detail = secret->problem};
        }
    }
    if (count == 0)
        return true;
    *exit_status = source_fail(cli, source, errors, count);
    return false;
}
