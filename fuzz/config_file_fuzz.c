/* SPDX-License-Identifier: Apache-2.0 */
/* A pointer, and two documents, each on from a line with a single "%": the pointer's place in the first one
 * lies in it, where its line and column say; and the difference of the two is empty just where they are
 * equal. */
#include "cli/diff.h"
#include "cli/position.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static struct str cut(struct str *rest) {
    size_t end = str_find(*rest, STR("\n%\n"));
    struct str piece = str_slice(*rest, 0, end);
    *rest = end == STR_NOT_FOUND ? STR("") : str_from_index(*rest, end + 3);
    return piece;
}

static void check_place(struct str text, const struct position *place) {
    require(place->line >= 1 && place->column >= 1 && place->len >= 1);
    require(place->offset + place->len <= text.len);
    struct str line = position_line(text, place->line);
    require(line.at != NULL && line.at <= text.at + place->offset &&
            text.at + place->offset <= line.at + line.len);
    struct position again = position_at(text, place->offset);
    require(again.line == place->line && again.column == place->column);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER out = BUFFER_EMPTY;
    const struct json_item *root;
    json_auto_t *before = NULL;
    json_auto_t *after = NULL;
    struct str pointer = cut(&rest), text = cut(&rest), other = cut(&rest);
    if (json_item_read(text, JSON_DEPTH_DOCUMENT, arena, &root, NULL) != OK)
        return 0;
    struct position place = position_find(text, root, pointer),
                    name = position_find_name(text, root, pointer);
    check_place(text, &place);
    check_place(text, &name);
    require(place.is_exact == name.is_exact);
    if (json_read(text, JSON_DEPTH_DOCUMENT, &before, NULL) != OK ||
        json_read(other, JSON_DEPTH_DOCUMENT, &after, NULL) != OK)
        return 0;
    const struct diff diff = {arena, &out, size % 2 == 0};
    bool differs = diff_json(&diff, 2, STR("x"), before, after);
    require(differs == (out.len > 0) && differs == (json_equal(before, after) == 0));
    require(str_is_utf8(buffer_text(&out)));
    return 0;
}
