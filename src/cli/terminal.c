/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* How many bytes from `i` on are a character that does something to a terminal instead of standing there: the
 * controls C0 and DEL; C1 (U+0080 to U+009F), which some terminals obey; what ends a line elsewhere (U+2028,
 * U+2029); and what turns the direction of writing around, so that text seems to say something else (U+202A
 * to U+202E, U+2066 to U+2069). 0: it stands there. */
static size_t control_at(struct str text, size_t i) {
    const unsigned char *at = (const unsigned char *)text.at + i;
    const size_t left = text.len - i;
    if (at[0] < 0x20 || at[0] == 0x7F)
        return 1;
    if (at[0] == 0xC2 && left >= 2 && at[1] < 0xA0)
        return 2;
    bool is_control = at[0] == 0xE2 && left >= 3 &&
                      ((at[1] == 0x80 && at[2] >= 0xA8 && at[2] <= 0xAE) ||
                       (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9));
    return is_control ? 3 : 0;
}

static struct str without_controls(struct arena *arena, struct str text, bool keeps_lines) {
    struct str copy = arena_copy(arena, text);
    char *at = (char *)copy.at;
    for (size_t i = 0; i < copy.len; i++) {
        if (keeps_lines && at[i] == '\n')
            continue;
        memset(at + i, '?', control_at(copy, i));
    }
    return copy;
}

struct str terminal_harmless(struct arena *arena, struct str text) {
    return str_is_utf8(text) ? without_controls(arena, text, false) : STR("?");
}

struct str terminal_harmless_lines(struct arena *arena, struct str text) {
    struct str copy = without_controls(arena, text, true);
    bool is_text = str_is_utf8(text);
    for (size_t i = 0; !is_text && i < copy.len; i++) /* a path's bytes, perhaps */
        if ((unsigned char)copy.at[i] >= 0x80)
            ((char *)copy.at)[i] = '?';
    return copy;
}

struct str terminal_harmless_json(struct arena *arena, struct str json) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    for (size_t i = 0; i < json.len; i++) {
        const unsigned char *at = (const unsigned char *)json.at + i;
        size_t len = at[0] < 0x20 ? 0 : control_at(json, i); /* those below are JSON's own white space */
        if (len == 0)
            buffer_append_byte(&text, json.at[i]);
        else if (len == 3)
            buffer_print(&text, "\\u%04x", 0x2000U | (at[1] & 0x3FU) << 6 | (at[2] & 0x3FU));
        else
            buffer_print(&text, "\\u%04x", (unsigned)at[len - 1]);
        i += len > 1 ? len - 1 : 0;
    }
    struct str harmless = arena_copy(arena, buffer_text(&text));
    buffer_wipe(&text); /* there may be a secret in it */
    return harmless;
}

unsigned terminal_width(int file) {
    struct winsize size;
    return isatty(file) == 1 && ioctl(file, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool terminal_has_color(int file) {
    const char *no_color = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    if (no_color != NULL && *no_color != '\0')
        return false;
    return isatty(file) == 1 && kind != NULL && strcmp(kind, "dumb") != 0;
}

const char *terminal_style(bool has_color, enum terminal_style style) {
    if (!has_color)
        return "";
    switch (style) {
    case TERMINAL_ADDED:
        return "\033[32m";
    case TERMINAL_REMOVED:
        return "\033[31m";
    case TERMINAL_CHANGED:
        return "\033[33m";
    case TERMINAL_FAINT:
        return "\033[2m";
    case TERMINAL_BOLD:
        return "\033[1m";
    default:
        return "\033[0m";
    }
}

bool terminal_can_ask(void) {
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

static struct str read_line(struct arena *arena) {
    enum { LINE_MAX_BYTES = 1024 };
    AUTO_BUFFER line = BUFFER_EMPTY;
    int byte;
    while ((byte = getchar()) != EOF && byte != '\n') {
        if (line.len < LINE_MAX_BYTES)
            buffer_append_byte(&line, (char)byte);
    }
    return str_trim(arena_copy(arena, buffer_text(&line)));
}

struct str terminal_ask_secret(struct arena *arena, const char *question) {
    struct termios before, silent;
    if (!terminal_can_ask() || tcgetattr(STDIN_FILENO, &before) != 0)
        return STR("");
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "%s: ", question);
    fflush(stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    struct str line = read_line(arena);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return line;
}

static bool ask(const struct cli *cli, struct str name, struct str warning, int *exit_status) {
    struct str wanted = str_is_empty(name) ? STR("yes") : name;
    fprintf(stderr, "%.*s\nType %.*s to go on: ", STR_ARG(warning),
            STR_ARG(terminal_harmless(cli->arena, wanted)));
    fflush(stderr);
    if (str_equal(read_line(cli->arena), wanted))
        return true;
    *exit_status = cli_fail(cli, "Nothing was done.");
    return false;
}

bool terminal_confirm(const struct cli *cli, bool yes, struct str name, int *exit_status, const char *warning,
                      ...) {
    va_list arguments;
    va_start(arguments, warning);
    struct str said = terminal_harmless(cli->arena, arena_print_list(cli->arena, warning, arguments));
    va_end(arguments);
    if (yes)
        return true;
    if (terminal_can_ask())
        return ask(cli, name, said, exit_status);
    *exit_status =
        cli_usage(cli, "%.*s There is nobody here to ask: say --yes where that is meant.", STR_ARG(said));
    return false;
}

bool terminal_ask(const struct cli *cli, bool yes, struct str name, int *exit_status, const char *warning,
                  ...) {
    va_list arguments;
    va_start(arguments, warning);
    struct str said = terminal_harmless(cli->arena, arena_print_list(cli->arena, warning, arguments));
    va_end(arguments);
    return yes || !terminal_can_ask() || ask(cli, name, said, exit_status);
}
