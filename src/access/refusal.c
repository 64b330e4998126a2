/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"

#include <stdarg.h>

enum status access_refuse(struct access_refusal *refusal, struct arena *arena, unsigned status,
                          const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    *refusal = (struct access_refusal){
        .status = status, .code = code, .sentence = arena_print_list(arena, format, arguments)};
    va_end(arguments);
    return DENIED;
}

enum status access_refuse_at(struct access_refusal *refusal, struct arena *arena, const char *code,
                             const char *pointer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    *refusal = (struct access_refusal){.status = 422,
                                       .code = code,
                                       .sentence = arena_print_list(arena, format, arguments),
                                       .pointer = str_from(pointer)};
    va_end(arguments);
    return DENIED;
}

enum status access_refuse_no_vault(struct access_refusal *refusal, struct arena *arena) {
    return access_refuse(refusal, arena, 501, "not-here",
                         "This process has no master key, which this needs. Ask the running server.");
}
