/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked. */
#include "admin_api/call.h"

bool call_is_unsafe(const struct call *call) {
    return !str_equal(call->request->method, STR("GET"));
}

struct str call_parameter(const struct call *call, const char *name) {
    for (size_t i = 0; i < call->parameter_count; i++) {
        if (str_equal(call->parameters[i].name, str_from(name)))
            return call->parameters[i].value;
    }
    return STR_NONE;
}

struct str call_query(const struct call *call, const char *name) {
    for (size_t i = 0; i < call->request->query_count; i++) {
        if (str_equal(call->request->query[i].name, str_from(name)))
            return call->request->query[i].value;
    }
    return STR_NONE;
}

bool call_query_bool(struct call *call, const char *name, bool *value) {
    struct str text = call_query(call, name);
    if (text.at == NULL)
        return true;
    *value = str_equal(text, STR("true"));
    if (*value || str_equal(text, STR("false")))
        return true;
    return call_problem(call, 400, "query-invalid", "`%s` must be true or false.", name);
}

bool call_query_number(struct call *call, const char *name, int64_t lowest, int64_t highest, int64_t *value) {
    struct str text = call_query(call, name);
    int64_t number = 0;
    if (text.at == NULL)
        return true;
    if (str_to_int64(text, &number) != OK || number < lowest || number > highest)
        return call_problem(call, 400, "query-invalid", "`%s` must be a whole number from %lld to %lld.",
                            name, (long long)lowest, (long long)highest);
    *value = number;
    return true;
}
