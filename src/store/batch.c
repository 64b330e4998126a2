/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/load.h"
#include "store/product.h"
#include "store/rows.h"

/* A batch is a unit of work with as many steps as it takes; nothing stands behind its name. */
static struct unit *unit_of(struct store_batch *batch) {
    return (struct unit *)batch;
}

static struct str environment_of(struct store_batch *batch) {
    return unit_of(batch)->environment;
}

struct store_batch *store_batch_new(struct store *store, struct str environment) {
    struct unit *unit = unit_new(store);
    unit->environment = arena_copy(unit->arena, environment);
    unit_add_change(unit, STR("environment"), environment, environment);
    return (struct store_batch *)unit;
}

void store_batch_free(struct store_batch *batch) {
    unit_free(unit_of(batch));
}

static int64_t sum_versions(const struct store_documents *documents) {
    int64_t sum = 0;
    for (size_t i = 0; i < documents->count; i++)
        sum += documents->at[i].version;
    return sum;
}

/* Nothing else changes what is administered until this unit is committed: see unit_add_change. */
void store_batch_expect(struct store_batch *batch, const struct store_loaded *seen) {
    struct unit *unit = unit_of(batch);
    unit_add(unit, ENVIRONMENT_FIND, ONE_ELSE_NOT_FOUND, value_text(environment_of(batch)));
    unit_add(unit, ENVIRONMENT_UNCHANGED, ONE_ELSE_CONFLICT, value_text(environment_of(batch)),
             value_number(seen->environment.version), value_number((int64_t)seen->tools.count),
             value_number(sum_versions(&seen->tools)), value_number((int64_t)seen->knowledge.count),
             value_number(sum_versions(&seen->knowledge)));
}

void store_batch_add_product(struct store_batch *batch, const struct store_product *product,
                             const struct store_audit *audit) {
    struct unit *unit = unit_of(batch);
    unit_add(unit, PRODUCT_INSERT, ANY, value_text(product->id), value_text(product->name),
             value_number(product->created_at));
    unit_add_audit(unit, audit);
}

void store_batch_add_environment(struct store_batch *batch, const struct store_environment *environment,
                                 const struct store_audit *audit) {
    struct unit *unit = unit_of(batch);
    unit_add(unit, ENVIRONMENT_INSERT, ONE_ELSE_NOT_FOUND, value_text(environment->id),
             value_text(environment->product), value_text(environment->name), value_text(environment->config),
             value_number(environment->created_at));
    unit_add_audit(unit, audit);
}

void store_batch_add_key(struct store_batch *batch, const struct store_key *key, struct str lookup,
                         const struct store_audit *audit) {
    struct unit *unit = unit_of(batch);
    unit_add(unit, KEY_INSERT, ONE_ELSE_NOT_FOUND, value_text(environment_of(batch)), value_text(key->id),
             value_text(key->is_secret ? STR("secret") : STR("publishable")), value_text(lookup),
             value_text(key->text), value_number(key->created_at));
    unit_add_audit(unit, audit);
}

void store_batch_set_config(struct store_batch *batch, int64_t version, struct str config,
                            const struct store_audit *audit) {
    struct unit *unit = unit_of(batch);
    unit_add(unit, ENVIRONMENT_SET_CONFIG, ONE_ELSE_CONFLICT, value_text(environment_of(batch)),
             value_number(version), value_text(config), value_number(clock_now_ms()));
    unit_add_audit(unit, audit);
}

void store_batch_put_document(struct store_batch *batch, enum store_document_kind kind, struct str name,
                              struct str document, int64_t version, const struct store_audit *audit) {
    struct unit *unit = unit_of(batch);
    bool is_tool = kind == STORE_TOOL;
    struct value environment = value_text(environment_of(batch));
    struct value now = value_number(clock_now_ms());
    if (version == 0)
        unit_add(unit, is_tool ? TOOL_INSERT : KNOWLEDGE_INSERT, ONE_ELSE_CONFLICT, environment,
                 value_text(name), value_text(id_new(unit->arena, is_tool ? STR("tool") : STR("know"))),
                 value_text(document), now);
    else
        unit_add(unit, is_tool ? TOOL_REPLACE : KNOWLEDGE_REPLACE, ONE_ELSE_CONFLICT, environment,
                 value_text(name), value_number(version), value_text(document), now);
    unit_add_audit(unit, audit);
}

void store_batch_drop_document(struct store_batch *batch, enum store_document_kind kind, struct str name,
                               int64_t version, const struct store_audit *audit) {
    struct unit *unit = unit_of(batch);
    unit_add(unit, kind == STORE_TOOL ? TOOL_DROP : KNOWLEDGE_DROP, ONE_ELSE_CONFLICT,
             value_text(environment_of(batch)), value_text(name), value_number(version));
    unit_add_audit(unit, audit);
}

enum status store_batch_write_wait(struct store_batch *batch) {
    AUTO_UNIT unit = unit_of(batch);
    return unit_write_wait(&unit);
}
