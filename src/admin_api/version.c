/* SPDX-License-Identifier: Apache-2.0 */
/* Versions and preconditions: RFC 9110 sections 8.8.3 and 13.1. */
#include "admin_api/call.h"

static struct str tag_of(struct arena *arena, int64_t version) {
    return arena_print(arena, "\"%lld\"", (long long)version);
}

void call_set_version(struct call *call, int64_t version) {
    call->response->etag = tag_of(call->arena, version);
}

bool call_is_unchanged(struct call *call, int64_t version) {
    struct str given = call->request->if_none_match;
    struct str tag = tag_of(call->arena, version);
    struct str one;
    while (given.at != NULL && str_cut(&given, ',', &one)) {
        one = str_trim(one);
        if (str_starts_with(one, STR("W/"))) /* If-None-Match compares weakly: section 13.1.2 */
            one = str_from_index(one, 2);
        if (!str_equal(one, tag) && !str_equal(one, STR("*")))
            continue;
        call_set_version(call, version);
        call->response->status = 304;
        return true;
    }
    return false;
}

bool call_if_match(struct call *call, int64_t *version) {
    struct str given = str_trim(call->request->if_match);
    if (str_is_empty(given))
        return call_problem(call, 428, "precondition-required",
                            "Say which version you have seen: If-Match with the ETag of your last answer. So "
                            "nobody's change is overwritten unseen.");
    *version = 0;
    if (str_equal(given, STR("*")))
        return true;
    bool is_quoted = given.len > 2 && given.at[0] == '"' && given.at[given.len - 1] == '"';
    if (is_quoted && str_to_int64(str_slice(given, 1, given.len - 1), version) == OK && *version > 0)
        return true;
    return call_changed_meanwhile(call); /* no tag of ours: it cannot match (section 13.1.1) */
}
