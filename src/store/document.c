/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rows.h"

static const struct {
    enum statement find, list;
} kinds[] = {
    [STORE_TOOL] = {TOOL_FIND, TOOL_LIST},
    [STORE_KNOWLEDGE] = {KNOWLEDGE_FIND, KNOWLEDGE_LIST},
};

static struct store_document read_document(struct arena *arena, const struct row *row) {
    return (struct store_document){
        .environment = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .name = row_text(arena, row, 2),
        .document = row_text(arena, row, 3),
        .version = row_number(row, 4),
        .created_at = row_number(row, 5),
        .updated_at = row_number(row, 6),
    };
}

struct store_documents read_documents(struct arena *arena, const struct step *step) {
    struct store_documents documents = {
        arena_alloc_array(arena, step->row_count, sizeof(struct store_document)), 0};
    for (const struct row *row = step->first; row != NULL; row = row->next)
        documents.at[documents.count++] = read_document(arena, row);
    return documents;
}

enum status store_document_find_wait(struct store *store, struct arena *arena, enum store_document_kind kind,
                                     struct str environment, struct str name, struct store_document *stored) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, kinds[kind].find, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(name));
    TRY(unit_read_wait(&unit));
    *stored = read_document(arena, unit_row(unit, 0));
    return OK;
}

enum status store_document_list_wait(struct store *store, struct arena *arena, enum store_document_kind kind,
                                     struct str environment, struct store_documents *documents) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, kinds[kind].list, ANY, value_text(environment));
    TRY(unit_read_wait(&unit));
    *documents = read_documents(arena, &unit->steps[0]);
    return OK;
}
