/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in pages. A cursor is base64url of a few bytes that bind it to its list, and the place in that list.
 * It says nothing that its owner may not know, and what comes back is compared with, never believed. */
#include "admin_api/page.h"

#include "admin_api/routes.h"
#include "base/digest.h"
#include "base/encode.h"

enum { PAGE_DEFAULT = 50, PAGE_MOST = 200, CURSOR_MOST = 2048, BINDING_LEN = 6 };

static struct str binding_of(struct arena *arena, struct str list) {
    return str_slice(digest_sha256(arena, list), 0, BINDING_LEN);
}

struct str page_cursor_write(struct arena *arena, struct str list, struct str place) {
    return base64url_encode(arena, arena_join(arena, 2, (struct str[]){binding_of(arena, list), place}));
}

enum status page_cursor_read(struct arena *arena, struct str list, struct str cursor, struct str *place) {
    struct str bytes;
    if (cursor.len > CURSOR_MOST)
        return TOO_LARGE;
    TRY(base64url_decode(arena, cursor, &bytes));
    if (!str_starts_with(bytes, binding_of(arena, list)))
        return INVALID;
    *place = str_from_index(bytes, BINDING_LEN);
    bool is_text = !str_is_empty(*place) && str_is_utf8(*place) && str_find_byte(*place, 0) == STR_NOT_FOUND;
    return is_text ? OK : INVALID;
}

/* The list that a call is about: its path says which. */
static struct str list_of(const struct call *call) {
    return call->request->path;
}

bool call_page(struct call *call, struct page *page) {
    int64_t limit = PAGE_DEFAULT;
    struct str cursor = call_query(call, "cursor");
    if (!call_query_number(call, "limit", 1, PAGE_MOST, &limit))
        return false;
    *page = (struct page){(unsigned)limit, STR_NONE};
    if (cursor.at != NULL && page_cursor_read(call->arena, list_of(call), cursor, &page->after) != OK)
        return call_problem(call, 400, "cursor-invalid",
                            "`cursor` is not what a page of this list gave as `next`. Begin without it.");
    return true;
}

void call_answer_list(struct call *call, json_t *items, struct str next) {
    json_t *list = json_object();
    json_object_set_new(list, "items", items);
    set_optional(list, "next",
                 str_is_empty(next) ? STR_NONE : page_cursor_write(call->arena, list_of(call), next));
    call_answer(call, 200, list);
}
