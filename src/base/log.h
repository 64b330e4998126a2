/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON object a line on standard error. Never a secret, a token or a token's content: the callers give
 * codes, ids and counts. Safe from any thread; a line is one write. */
#pragma once

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
    const char *name; /* NULL ends the list */
    struct str text;  /* used when `is_number` is false */
    int64_t number;
    bool is_number;
};

#define LOG_STR(field, value) ((struct log_field){(field), (value), 0, false})
#define LOG_INT(field, value) ((struct log_field){(field), STR_NONE, (int64_t)(value), true})

void log_set_level(enum log_level lowest); /* default LOG_INFO */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* log_event(LOG_INFO, "listening", LOG_STR("address", a), LOG_INT("threads", n)); `event` is a fixed word. */
#ifdef __cppcheck__ /* says make check: it does not know __VA_OPT__ */
#define log_event(level, event, ...) log_write((level), (event), NULL)
#else
#define log_event(level, event, ...)                                                                         \
    log_write((level), (event),                                                                              \
              (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){NULL, STR_NONE, 0, false}})
#endif
