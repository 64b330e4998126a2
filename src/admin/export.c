/* SPDX-License-Identifier: Apache-2.0 */
/* An environment as one document. */
#include "admin/admin_internal.h"
#include "base/digest.h"

static json_t *list_of(const struct store_documents *documents) {
    json_t *list = json_array();
    for (size_t i = 0; i < documents->count; i++) {
        json_t *document = NULL;
        if (json_read(documents->at[i].document, JSON_DEPTH_DOCUMENT, &document, NULL) == OK)
            json_array_append_new(list, document);
    }
    return list;
}

json_t *admin_export_json(const struct store_loaded *loaded) {
    json_t *config = NULL;
    json_t *document = json_object();
    if (json_read(loaded->environment.config, JSON_DEPTH_DOCUMENT, &config, NULL) != OK)
        config = json_object();
    json_object_set_new(document, "config", config);
    json_object_set_new(document, "tools", list_of(&loaded->tools));
    json_object_set_new(document, "knowledge", list_of(&loaded->knowledge));
    return document;
}

static void append_versions(struct buffer *text, const struct store_documents *documents) {
    for (size_t i = 0; i < documents->count; i++) /* ids are never used again, so a copy differs */
        buffer_print(text, "%.*s %lld\n", STR_ARG(documents->at[i].id), (long long)documents->at[i].version);
}

int64_t admin_export_version(const struct store_loaded *loaded) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    unsigned char digest[DIGEST_SHA256_LEN];
    int64_t version = 0;
    buffer_print(&text, "%lld\n", (long long)loaded->environment.version);
    append_versions(&text, &loaded->tools);
    append_versions(&text, &loaded->knowledge);
    digest_sha256_into(buffer_text(&text), digest);
    for (int i = 0; i < 6; i++) /* 48 bits: a number that JavaScript keeps exactly */
        version = version << 8 | digest[i];
    return version + 1; /* never 0, which stands for any */
}

enum status admin_export_wait(const struct admin *admin, struct arena *arena,
                              const struct store_environment *environment, json_t **document,
                              int64_t *version, struct admin_error *error) {
    struct store_loaded loaded;
    TRY(admin_store_error(error, arena, store_load_by_id_wait(admin->store, arena, environment->id, &loaded),
                          "the environment"));
    *document = admin_export_json(&loaded);
    *version = admin_export_version(&loaded);
    return OK;
}
