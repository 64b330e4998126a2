/* SPDX-License-Identifier: Apache-2.0 */
/* Settings in C: each setter writes a member of the JSON document that the server would read. Of an issuer
 * for which there was no memory (NULL) they set nothing: the verifier says so when it is made. */
#include "base/json.h"
#include "base/memory.h"
#include "library/handles.h"

#include <stdlib.h>
#include <string.h>

struct chatelaine_issuer *chatelaine_issuer_new(const char *name, enum chatelaine_mode mode) {
    struct chatelaine_issuer *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return NULL;
    issuer->json = json_object();
    const char *word = mode == CHATELAINE_HMAC ? "hmac" : (mode == CHATELAINE_KEY_SET ? "key-set" : "");
    json_t *name_json = json_string(name);
    if (name_json == NULL) {
        issuer->unreadable = "name"; /* not UTF-8, or no memory, which the next lines will meet too */
        name_json = json_null();
    }
    if (json_object_set_new(issuer->json, "name", name_json) == 0 &&
        json_object_set_new(issuer->json, "mode", json_string(word)) == 0)
        return issuer;
    chatelaine_issuer_free(issuer);
    return NULL;
}

void chatelaine_issuer_free(struct chatelaine_issuer *issuer) {
    if (issuer == NULL)
        return;
    json_decref(issuer->json);
    for (size_t i = 0; i < issuer->secret_count; i++) {
        mem_wipe((void *)issuer->secrets[i].at, issuer->secrets[i].len);
        free((void *)issuer->secrets[i].at);
    }
    free(issuer);
}

/* A new JSON string; NULL, and noted, where the text cannot be one. */
static json_t *text(struct chatelaine_issuer *issuer, const char *member, const char *value) {
    json_t *string = issuer == NULL ? NULL : json_string(value);
    if (string != NULL || issuer == NULL)
        return string;
    if (str_is_utf8(str_from(value)))
        issuer->lacks_memory = true;
    else
        issuer->unreadable = member;
    return NULL;
}

/* Takes `value` over; NULL is fine, and noted already. */
static void set(struct chatelaine_issuer *issuer, const char *member, json_t *value) {
    if (value != NULL && json_object_set_new(issuer->json, member, value) != 0)
        issuer->lacks_memory = true;
}

/* The member, made where it is not there yet; NULL where there is no memory. */
static json_t *member(struct chatelaine_issuer *issuer, const char *name, json_t *(*make)(void)) {
    if (issuer == NULL)
        return NULL;
    if (json_object_get(issuer->json, name) == NULL)
        set(issuer, name, make());
    json_t *found = json_object_get(issuer->json, name);
    issuer->lacks_memory = issuer->lacks_memory || found == NULL;
    return found;
}

static void add(struct chatelaine_issuer *issuer, const char *name, const char *value) {
    json_t *list = member(issuer, name, json_array);
    json_t *string = list == NULL ? NULL : text(issuer, name, value);
    if (string != NULL && json_array_append_new(list, string) != 0)
        issuer->lacks_memory = true;
}

void chatelaine_issuer_set_iss(struct chatelaine_issuer *issuer, const char *iss) {
    set(issuer, "issuer", text(issuer, "issuer", iss));
}

void chatelaine_issuer_add_audience(struct chatelaine_issuer *issuer, const char *audience) {
    add(issuer, "audiences", audience);
}

void chatelaine_issuer_add_algorithm(struct chatelaine_issuer *issuer, const char *algorithm) {
    add(issuer, "algorithms", algorithm);
}

void chatelaine_issuer_add_type(struct chatelaine_issuer *issuer, const char *type) {
    add(issuer, "types", type);
}

void chatelaine_issuer_set_leeway(struct chatelaine_issuer *issuer, unsigned seconds) {
    if (issuer == NULL)
        return;
    json_t *number = json_integer(seconds);
    issuer->lacks_memory = issuer->lacks_memory || number == NULL;
    set(issuer, "leewaySeconds", number);
}

void chatelaine_issuer_add_mapping(struct chatelaine_issuer *issuer, const char *name, const char *claim) {
    json_t *mapping = member(issuer, "mapping", json_object);
    json_t *path = mapping == NULL ? NULL : text(issuer, "mapping", claim);
    if (path == NULL)
        return;
    if (json_object_set_new(mapping, name, path) == 0)
        return;
    if (str_is_utf8(str_from(name)))
        issuer->lacks_memory = true;
    else
        issuer->unreadable = "mapping";
}

void chatelaine_issuer_add_permission_claim(struct chatelaine_issuer *issuer, const char *claim) {
    add(issuer, "permissionClaims", claim);
}

void chatelaine_issuer_add_secret(struct chatelaine_issuer *issuer, const void *secret, size_t len) {
    if (issuer == NULL)
        return;
    if (issuer->secret_count == SECRETS_MAX) {
        issuer->has_too_many_secrets = true;
        return;
    }
    void *copy = malloc(len > 0 ? len : 1);
    if (copy == NULL) {
        issuer->lacks_memory = true;
        return;
    }
    if (len > 0)
        memcpy(copy, secret, len);
    issuer->secrets[issuer->secret_count].at = copy;
    issuer->secrets[issuer->secret_count].len = len;
    issuer->secret_count++;
}

struct reading {
    struct str text;
    json_t *json;
};

static void read_json(void *argument) {
    struct reading *reading = argument;
    if (json_read(reading->text, JSON_DEPTH_DOCUMENT, &reading->json, NULL) != OK)
        reading->json = NULL;
}

void chatelaine_issuer_set_keys(struct chatelaine_issuer *issuer, const char *json, size_t len) {
    if (issuer == NULL)
        return;
    struct reading reading = {str_of(json, len), NULL};
    if (!library_run(read_json, &reading))
        issuer->lacks_memory = true;
    else if (reading.json == NULL)
        issuer->unreadable = "keys";
    else
        set(issuer, "keys", reading.json);
}

void chatelaine_issuer_set_key_set_url(struct chatelaine_issuer *issuer, const char *url) {
    set(issuer, "keySetUrl", text(issuer, "keySetUrl", url));
}
