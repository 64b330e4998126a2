/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events: the same events whatever the pieces in which the bytes come. */
#include "unit/unit.h"

#include "assistant/sse_reader.h"
#include "base/buffer.h"

enum { MAX = 64 };

/* The events as "type=data;", read in pieces of `piece` bytes. "!" at the end: over the bound. */
static struct str read_events(struct arena *arena, struct str stream, size_t piece) {
    struct sse_reader reader;
    sse_reader_init(&reader, MAX);
    AUTO_BUFFER events = BUFFER_EMPTY;
    enum status status = NOT_FOUND;
    for (size_t at = 0; at < stream.len && status != TOO_LARGE; at += piece) {
        struct str bytes = str_slice(stream, at, at + piece);
        struct sse_event event;
        while ((status = sse_reader_next(&reader, &bytes, &event)) == OK) {
            buffer_append(&events, event.type);
            buffer_append_byte(&events, '=');
            buffer_append(&events, event.data);
            buffer_append_byte(&events, ';');
        }
        assert_true(status == TOO_LARGE || bytes.len == 0);
    }
    if (status == TOO_LARGE)
        buffer_append_byte(&events, '!');
    sse_reader_end(&reader);
    return arena_copy(arena, buffer_text(&events));
}

static void events_are_the_same_in_whatever_pieces(void **state) {
    (void)state;
    static const struct {
        const char *stream, *events;
    } cases[] = {
        {"", ""},
        {"data: a\n\n", "message=a;"},
        {"data: a\r\n\r\n", "message=a;"},
        {"data: a\r\r", "message=a;"},
        {"data: a\n\r\n", "message=a;"},
        {"data: a\r\n\ndata: b\r\r\ndata: c\n\n", "message=a;message=b;message=c;"},
        {"data: a\n\rdata: b\n\n", "message=a;message=b;"}, /* "\n\r" is two line ends, "\r\n" is one */
        {"data:a\n\n", "message=a;"},
        {"data:  a\n\n", "message= a;"}, /* one space, no more */
        {"data: a\ndata: b\n\n", "message=a\nb;"},
        {"data\n\n", "message=;"},
        {"data:\n\n", "message=;"},
        {"data\ndata\n\n", "message=\n;"},
        {"event: x\ndata: a\n\ndata: b\n\n", "x=a;message=b;"},
        {"event: x\n\ndata: b\n\n", "message=b;"}, /* without data it was none */
        {": comment\ndata: a\n: more\n\n", "message=a;"},
        {":\n\n:\n\n", ""},
        {"id: 7\nretry: 10\nfoo: bar\nfoo\ndata: a\n\n", "message=a;"},
        {"Data: a\n\n", ""}, /* names are exact */
        {" data: a\n\n", ""},
        {"data: a: b\n\n", "message=a: b;"},
        {"\n\n\ndata: a\n\n\n\n", "message=a;"},
        {"\xEF\xBB\xBF"
         "data: a\n\n",
         "message=a;"},
        {"\xEF\xBB\xBF\xEF\xBB\xBF"
         "data: a\n\n",
         ""}, /* only one is a mark */
        {"data: a\n\n\xEF\xBB\xBF"
         "data: b\n\n",
         "message=a;"},
        {"data: \xC3\xA4\xF0\x9F\x98\x80\n\n", "message=\xC3\xA4\xF0\x9F\x98\x80;"},
        {"data: unfinished", ""},
        {"data: unfinished\n", ""},
        {"data: 0123456789012345678901234567890123456789012345678901234567\n\n",
         "message=0123456789012345678901234567890123456789012345678901234567;"},
        {"data: 01234567890123456789012345678901234567890123456789012345678\n\n",
         "!"}, /* 65 bytes in a line */
        {"data: a\n\n: 01234567890123456789012345678901234567890123456789012345678901234567", "message=a;!"},
        {"data: 012345678901234567890123456789\ndata: 012345678901234567890123456789\ndata: 0\n\n",
         "message=012345678901234567890123456789\n012345678901234567890123456789\n0;"},
        {"data: 012345678901234567890123456789\ndata: 012345678901234567890123456789\ndata: 01\n\n", "!"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= 80; piece++) {
            AUTO_ARENA arena = arena_new();
            struct str events = read_events(arena, str_from(cases[i].stream), piece);
            if (!str_equal(events, str_from(cases[i].events)))
                fail_msg("%s in pieces of %zu: %.*s", cases[i].stream, piece, STR_ARG(events));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_are_the_same_in_whatever_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
