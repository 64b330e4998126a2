/* SPDX-License-Identifier: Apache-2.0 */
/* What a person sees: harmless letters, colours where they can be seen, and questions. */
#pragma once

#include "cli/cli.h"

/* Text from outside cannot write to the terminal more than letters: control characters, and those that turn
 * the direction of writing around, are shown as '?', and so is all of what is not UTF-8. */
struct str terminal_harmless(struct arena *arena, struct str text);
/* The same for lines of ours with such text in them: their ends stay. */
struct str terminal_harmless_lines(struct arena *arena, struct str text);
/* The same for JSON, which stays what it is: control characters are escaped. */
struct str terminal_harmless_json(struct arena *arena, struct str json);

enum terminal_style {
    TERMINAL_PLAIN,
    TERMINAL_ADDED,
    TERMINAL_REMOVED,
    TERMINAL_CHANGED,
    TERMINAL_FAINT,
    TERMINAL_BOLD
};

/* Whether colours are wanted on standard output or standard error: where that is a terminal other than a dumb
 * one, and NO_COLOR (no-color.org) is not set to anything. */
bool terminal_has_color(int file);
/* The escape sequence for what follows; "" where `has_color` is false. TERMINAL_PLAIN ends a style. */
const char *terminal_style(bool has_color, enum terminal_style style);

unsigned terminal_width(int file); /* in columns; 0: it is no terminal, or does not say */

bool terminal_can_ask(void); /* somebody sits at standard input, and reads standard error */

/* Asks for a line that is not shown while it is typed. Empty where nobody answers, or there is nobody to ask.
 */
struct str terminal_ask_secret(struct arena *arena, const char *question);

/* Before something is done that cannot be undone. Says `warning` (what will happen to whom), then asks for
 * `name` to be typed, or where that is empty for "yes". `yes` (the option): neither is needed. False: it is
 * not to be done, return
 * `*exit_status`. Where there is nobody to ask, it is refused with a word about --yes. */
__attribute__((format(printf, 5, 6))) NODISCARD bool terminal_confirm(const struct cli *cli, bool yes,
                                                                      struct str name, int *exit_status,
                                                                      const char *warning, ...);
/* The same where scripts have always gone on without a word: where there is nobody to ask, it is done. */
__attribute__((format(printf, 5, 6))) NODISCARD bool
terminal_ask(const struct cli *cli, bool yes, struct str name, int *exit_status, const char *warning, ...);

#define OPTION_YES(into) OPTION_FLAG("yes", "do it without asking", &(into), 0)
