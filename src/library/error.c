/* SPDX-License-Identifier: Apache-2.0 */
/* Failing without ending the process: memory that has run out, and errors in words. */
#include "base/memory.h"
#include "library/handles.h"

#include <stdlib.h>
#include <string.h>

bool library_run(void (*run)(void *argument), void *argument) {
    jmp_buf place;
    jmp_buf *before = mem_escape(NULL);
    if (setjmp(place) != 0) {
        mem_escape(before);
        return false;
    }
    mem_escape(&place);
    run(argument);
    mem_escape(before);
    return true;
}

static char *copy(struct str text) {
    char *copied = malloc(text.len + 1);
    if (copied == NULL)
        return NULL;
    if (text.len > 0)
        memcpy(copied, text.at, text.len);
    copied[text.len] = '\0';
    return copied;
}

enum chatelaine_status library_error(struct chatelaine_error **error, struct str place, struct str message) {
    if (error == NULL)
        return CHATELAINE_INVALID;
    *error = calloc(1, sizeof **error);
    if (*error == NULL)
        return CHATELAINE_NO_MEMORY;
    (*error)->place = copy(place);
    (*error)->message = copy(message);
    if ((*error)->place != NULL && (*error)->message != NULL)
        return CHATELAINE_INVALID;
    chatelaine_error_free(*error);
    *error = NULL;
    return CHATELAINE_NO_MEMORY;
}

const char *chatelaine_error_message(const struct chatelaine_error *error) {
    return error->message;
}

const char *chatelaine_error_place(const struct chatelaine_error *error) {
    return error->place;
}

void chatelaine_error_free(struct chatelaine_error *error) {
    if (error == NULL)
        return;
    free(error->place);
    free(error->message);
    free(error);
}
