/* SPDX-License-Identifier: Apache-2.0 */
#include "store/load.h"
#include "store/rows.h"

enum status store_load_by_id_wait(struct store *store, struct arena *arena, struct str id,
                                  struct store_loaded *loaded) {
    AUTO_UNIT unit = unit_new(store);
    unsigned environment = unit_add(unit, ENVIRONMENT_FIND, ONE_ELSE_NOT_FOUND, value_text(id));
    unsigned tools = unit_add(unit, TOOL_LIST, ANY, value_text(id));
    unsigned knowledge = unit_add(unit, KNOWLEDGE_LIST, ANY, value_text(id));
    unsigned secrets = unit->step_count;
    unit_add_secret_list(unit, id, STR_NONE, STR_NONE, true);
    unsigned revocations = unit->step_count;
    unit_add_revocation_list(unit, id);
    TRY(unit_read_wait(&unit));
    *loaded = (struct store_loaded){
        .environment = read_environment(arena, unit_row(unit, environment)),
        .tools = read_documents(arena, &unit->steps[tools]),
        .knowledge = read_documents(arena, &unit->steps[knowledge]),
        .secrets = read_secrets(arena, &unit->steps[secrets]),
        .revocations = read_revocations(arena, &unit->steps[revocations]),
    };
    return OK;
}

enum status store_load_by_key_wait(struct store *store, struct arena *arena, struct str lookup,
                                   bool is_secret, struct store_loaded *loaded) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, KEY_FIND, ONE_ELSE_NOT_FOUND, value_text(lookup),
             value_text(is_secret ? STR("secret") : STR("publishable")));
    TRY(unit_read_wait(&unit));
    struct store_key key = read_key(arena, unit_row(unit, 0));
    TRY(store_load_by_id_wait(store, arena, key.environment, loaded));
    loaded->key = key;
    return OK;
}
