/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/random.h"
#include "store/rows.h"

struct kind {
    const char *word; /* in `changes` */
    const char *id_prefix;
    enum statement put, find, list, remove;
};

static const struct kind kinds[] = {
    [STORE_TOOL] = {"tool", "tool", TOOL_PUT, TOOL_FIND, TOOL_LIST, TOOL_REMOVE},
    [STORE_KNOWLEDGE] = {"knowledge", "know", KNOWLEDGE_PUT, KNOWLEDGE_FIND, KNOWLEDGE_LIST,
                         KNOWLEDGE_REMOVE},
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

static FIBER enum status write_wait(struct store *store, struct arena *arena, const struct kind *kind,
                                    struct str environment, struct str name, struct str document,
                                    const struct store_audit *audit, struct store_document *stored) {
    struct str id = id_new(arena, str_from(kind->id_prefix));
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, str_from(kind->word), environment, id);
    unit_add(unit, kind->put, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(name), value_text(id),
             value_text(document), value_number(clock_now_ms()));
    unsigned found =
        unit_add(unit, kind->find, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(name));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *stored = read_document(arena, unit_row(unit, found));
    return OK;
}

enum status store_document_put_wait(struct store *store, struct arena *arena, enum store_document_kind kind,
                                    struct str environment, struct str name, struct str document,
                                    const struct store_audit *audit, struct store_document *stored,
                                    bool *changed) {
    /* The same again would only make every server load it anew. */
    enum status found = store_document_find_wait(store, arena, kind, environment, name, stored);
    bool is_same = found == OK && str_equal(stored->document, document);
    if (changed != NULL)
        *changed = !is_same;
    if (is_same || (found != OK && found != NOT_FOUND))
        return found;
    return write_wait(store, arena, &kinds[kind], environment, name, document, audit, stored);
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

enum status store_document_remove_wait(struct store *store, struct arena *arena,
                                       enum store_document_kind kind, struct str environment, struct str name,
                                       const struct store_audit *audit) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_change(unit, str_from(kinds[kind].word), environment, name);
    unit_add(unit, kinds[kind].remove, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(name));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}
