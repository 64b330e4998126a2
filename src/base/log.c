/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/* A longer text is cut: a line stays readable, and short enough for one undivided write into a pipe. */
enum { LONGEST_TEXT = 1024 };

static _Atomic int lowest_level = LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_set_level(enum log_level lowest) {
    atomic_store_explicit(&lowest_level, (int)lowest, memory_order_relaxed);
}

static void append_escaped(struct buffer *line, struct str text) {
    size_t start = line->len;
    while (text.len > 0) {
        if (line->len - start > LONGEST_TEXT) {
            buffer_append(line, STR("…"));
            return;
        }
        size_t len = str_utf8_sequence(text);
        unsigned char c = (unsigned char)text.at[0];
        if (len == 0) {
            buffer_append(line, STR("\xEF\xBF\xBD")); /* U+FFFD for each byte that is not UTF-8 */
            len = 1;
        } else if (c == '"' || c == '\\') {
            buffer_append_byte(line, '\\');
            buffer_append_byte(line, (char)c);
        } else if (c < 0x20 || c == 0x7F) {
            buffer_print(line, "\\u%04x", (unsigned)c);
        } else {
            buffer_append(line, str_slice(text, 0, len));
        }
        text = str_from_index(text, len);
    }
}

static void append_name(struct buffer *line, const char *name) {
    buffer_append(line, STR(",\""));
    append_escaped(line, str_from(name));
    buffer_append(line, STR("\":"));
}

static void append_string(struct buffer *line, struct str text) {
    buffer_append_byte(line, '"');
    append_escaped(line, text);
    buffer_append_byte(line, '"');
}

/* RFC 3339, UTC, with milliseconds. */
static void append_time(struct buffer *line, int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    buffer_print(line, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(ms % 1000));
}

void log_write(enum log_level level, const char *event, const struct log_field *fields) {
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed))
        return;
    int saved_errno = errno;
    AUTO_BUFFER line = BUFFER_EMPTY;
    buffer_reserve(&line, 256);
    append_time(&line, clock_now_ms());
    buffer_print(&line, ",\"level\":\"%s\"", level_names[level]);
    append_name(&line, "event");
    append_string(&line, str_from(event));
    for (; fields != NULL && fields->name != NULL; fields++) {
        append_name(&line, fields->name);
        if (fields->is_number)
            buffer_print(&line, "%" PRId64, fields->number);
        else if (fields->text.at == NULL)
            buffer_append(&line, STR("null"));
        else
            append_string(&line, fields->text);
    }
    buffer_append(&line, STR("}\n"));
    ssize_t written = write(STDERR_FILENO, line.at, line.len);
    (void)written; /* nowhere is left to say that the log cannot be written */
    errno = saved_errno;
}
