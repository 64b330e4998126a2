/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/client_kind.h"

struct word {
    const char *sought, *said;
};

/* The first that stands in the text: those that also name themselves after others come first. */
static const struct word programs[] = {
    {"", "another program"}, {"Edg", "Edge"},
    {"OPR/", "Opera"},       {"SamsungBrowser", "Samsung Internet"},
    {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"},    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
};
static const struct word systems[] = {
    {"", ""},
    {"Android", "Android"},
    {"iPhone", "iPhone"},
    {"iPad", "iPad"},
    {"Windows", "Windows"},
    {"CrOS", "ChromeOS"},
    {"Mac OS X", "macOS"},
    {"Linux", "Linux"},
};

static uint8_t find(const struct word *words, size_t count, struct str text) {
    for (size_t i = 1; i < count; i++) {
        if (str_find(text, str_from(words[i].sought)) != STR_NOT_FOUND)
            return (uint8_t)i;
    }
    return 0;
}

struct client_kind client_kind_of(struct str user_agent) {
    enum { LOOKED_AT = 512 };
    struct str text = str_slice(user_agent, 0, LOOKED_AT);
    return (struct client_kind){find(programs, sizeof programs / sizeof *programs, text),
                                find(systems, sizeof systems / sizeof *systems, text)};
}

struct str client_kind_text(struct arena *arena, struct client_kind kind) {
    struct str program = str_from(programs[kind.program].said);
    if (kind.program == 0 || kind.system == 0)
        return program;
    return arena_join(arena, 3, (struct str[]){program, STR(" on "), str_from(systems[kind.system].said)});
}
