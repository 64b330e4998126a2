/* SPDX-License-Identifier: Apache-2.0 */
/* The API says the first thing that is wrong with a document. Who wrote it wants to know all: so what is
 * wrong is left out, and the rest is asked about again. Nothing is written meanwhile. */
#include "cli/apply.h"

enum { ERRORS_MAX = 20, LISTS = 2 };

struct survey {
    struct client *client;
    const struct apply_state *state;
    json_t *document; /* what is left of it */
    struct {
        const char *member;
        json_t *left;
        size_t *places; /* in the file, of those that are left */
    } lists[LISTS];
    struct source_error errors[ERRORS_MAX];
    size_t count;
};

static void begin(struct survey *survey) {
    struct arena *arena = survey->client->arena;
    survey->document = json_keep(arena, json_copy(survey->state->target->document));
    json_t *config = json_get_object(survey->document, "config");
    if (config != NULL)
        json_object_set_new(survey->document, "config", json_copy(config));
    survey->lists[0].member = "tools";
    survey->lists[1].member = "knowledge";
    for (size_t i = 0; i < LISTS; i++) {
        json_t *given = json_get_array(survey->document, survey->lists[i].member);
        size_t count = json_array_size(given);
        survey->lists[i].left = given == NULL ? NULL : json_copy(given);
        survey->lists[i].places = arena_alloc_array(arena, count + 1, sizeof *survey->lists[i].places);
        for (size_t k = 0; k < count; k++)
            survey->lists[i].places[k] = k;
        if (given != NULL)
            json_object_set_new(survey->document, survey->lists[i].member, survey->lists[i].left);
    }
}

static void add_error(struct survey *survey, struct str pointer, struct str detail) {
    struct str whole =
        arena_join(survey->client->arena, 2, (struct str[]){survey->state->target->pointer, pointer});
    survey->errors[survey->count++] =
        (struct source_error){.pointer = whole,
                              .detail = detail,
                              .is_about_name = str_find(detail, STR("no such member")) != STR_NOT_FOUND};
}

/* Where the pointer is into a list: says it in the file's numbers, and leaves that one out. */
static bool leave_out_of_list(struct survey *survey, size_t which, struct str pointer, struct str detail) {
    struct str rest = str_from_index(pointer, 1), member, number;
    uint64_t at;
    if (!str_cut(&rest, '/', &member) || !str_equal(member, str_from(survey->lists[which].member)) ||
        rest.at == NULL || !str_cut(&rest, '/', &number) || str_to_uint64(number, &at) != OK ||
        at >= json_array_size(survey->lists[which].left))
        return false;
    size_t *places = survey->lists[which].places;
    size_t count = json_array_size(survey->lists[which].left);
    add_error(survey,
              arena_print(survey->client->arena, "/%s/%zu%s%.*s", survey->lists[which].member, places[at],
                          rest.at == NULL ? "" : "/", STR_ARG(rest)),
              detail);
    json_array_remove(survey->lists[which].left, (size_t)at);
    for (size_t i = (size_t)at; i + 1 < count; i++)
        places[i] = places[i + 1];
    return true;
}

/* "/config/signIn/…": leaves `signIn` out; the whole of it where the pointer names no member that is there.
 */
static bool leave_out_of_config(struct survey *survey, struct str pointer, struct str detail) {
    struct str prefix = STR("/config");
    json_t *config = json_get_object(survey->document, "config");
    if (!str_starts_with(pointer, prefix) || config == NULL)
        return false;
    add_error(survey, pointer, detail);
    struct json_walk walk = {0};
    while (json_walk_next(config, &walk)) {
        struct str place = json_pointer_add(survey->client->arena, prefix, walk.name);
        if (str_equal(pointer, place) || (str_starts_with(pointer, place) && pointer.at[place.len] == '/')) {
            json_object_deln(config, walk.name.at, walk.name.len);
            return true;
        }
    }
    json_object_del(survey->document, "config");
    return true;
}

/* False: nothing could be left out, so it would only be said again. */
static bool leave_out(struct survey *survey, const json_t *error) {
    struct str pointer = json_get_str(error, "pointer"), detail = json_get_str(error, "detail");
    if (leave_out_of_config(survey, pointer, detail))
        return true;
    for (size_t i = 0; i < LISTS; i++) {
        if (leave_out_of_list(survey, i, pointer, detail))
            return true;
    }
    add_error(survey, pointer, detail);
    return false;
}

int apply_fail_wait(struct client *client, const struct source *source, const struct apply_state *state,
                    const struct client_answer *refused) {
    struct survey *survey = ARENA_NEW(client->arena, struct survey);
    struct client_answer answer = *refused;
    *survey = (struct survey){.client = client, .state = state};
    begin(survey);
    const struct client_request again = {.method = "PUT",
                                         .path = state->path,
                                         .query = {{"dryRun", STR("true")}},
                                         .body = survey->document,
                                         .if_match = state->etag,
                                         .is_slow = true};
    while (answer.status == 422 && survey->count < ERRORS_MAX) {
        const json_t *errors = json_get_array(answer.json, "errors");
        if (json_array_size(errors) == 0 || !leave_out(survey, json_array_get(errors, 0)))
            break;
        client_send_wait(client, &again, &answer);
    }
    if (survey->count == 0)
        return client_fail(client, refused);
    return source_fail(client->cli, source, survey->errors, survey->count);
}
