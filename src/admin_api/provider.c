/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of identity providers. */
#include "identity/identity.h"

#include "admin_api/routes.h"

static json_t *field_json(const struct identity_provider_field *field) {
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}", "name", field->name, "label", field->label, "help",
                     field->help, "placeholder", field->placeholder, "isRequired", field->is_required,
                     "pattern", field->pattern);
}

static json_t *texts(const char *const *list) {
    json_t *json = json_array();
    for (; *list != NULL; list++)
        json_array_append_new(json, json_string(*list));
    return json;
}

static const char *need_word(enum identity_provider_need need) {
    switch (need) {
    case IDENTITY_NEEDS_DISCOVERY:
        return "discovery";
    case IDENTITY_NEEDS_CONFIRMATION:
        return "confirmation";
    default:
        return "nothing";
    }
}

static json_t *provider_json(struct arena *arena, const struct identity_provider *provider) {
    json_t *json = json_object();
    json_t *fields = json_array();
    for (size_t i = 0; i < provider->field_count; i++)
        json_array_append_new(fields, field_json(&provider->fields[i]));
    set_text(json, "id", str_from(provider->id));
    set_text(json, "name", str_from(provider->name));
    json_object_set_new(json, "fields", fields);
    set_bool(json, "offersOfflineAccess", provider->offers_offline_access);
    set_text(json, "needs", str_from(need_word(provider->need)));
    json_object_set_new(json, "notes", texts(provider->notes));
    json_object_set_new(json, "rules", texts(provider->rules));
    set_text(json, "tokenLifetimeHint", str_from(provider->lifetime));
    set_text(json, "documentation", arena_print(arena, "docs/providers.md#%s", provider->id));
    return json;
}

FIBER void provider_list(struct call *call) {
    json_t *items = json_array();
    const struct identity_provider *provider;
    for (size_t i = 0; (provider = identity_provider_at(i)) != NULL; i++)
        json_array_append_new(items, provider_json(call->arena, provider));
    json_t *json = json_object();
    json_object_set_new(json, "items", items);
    call_answer(call, 200, json);
}
