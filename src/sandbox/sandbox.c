/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "sandbox/parts.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

bool sandbox_is_watched(void) {
    return IS_SANITIZED || RUNNING_ON_VALGRIND;
}

/* In mode `on` what is missing ends the start. */
static enum status insist(const struct sandbox *sandbox, bool is_there, struct arena *arena, const char *what,
                          struct str *message) {
    if (is_there || sandbox->mode != SANDBOX_ON)
        return OK;
    *message = arena_print(arena, "This system does not offer %s; --sandbox best-effort does without.", what);
    return FAILED;
}

enum status sandbox_begin(const struct sandbox_options *options, struct arena *arena, struct sandbox *sandbox,
                          struct str *message) {
    *sandbox = (struct sandbox){.mode = options->mode, .is_relaxed = sandbox_is_watched()};
    privileges_forbid_dumps();
    if (options->user.len > 0 && privileges_find_user(arena, options->user, sandbox) != OK) {
        *message = STR("There is no user of the name that --user gives.");
        return INVALID;
    }
    if (options->mode == SANDBOX_OFF)
        return OK;
    modules_load();
    sandbox->has_no_new_privileges = privileges_forbid_new();
    TRY(insist(sandbox, sandbox->has_no_new_privileges, arena, "no_new_privs", message));
    sandbox->has_no_capabilities = privileges_reduce(options);
    TRY(insist(sandbox, sandbox->has_no_capabilities, arena, "the dropping of capabilities", message));
    files_restrict(options, arena, sandbox);
    return insist(sandbox, sandbox->landlock > 0, arena, "Landlock, which restricts files", message);
}

enum status sandbox_complete(const struct sandbox_options *options, struct arena *arena,
                             struct sandbox *sandbox, struct str *message) {
    if (options->user.len > 0) {
        if (privileges_change_user(sandbox) != OK) {
            *message = STR("The system does not let us become the user that --user gives: only root can.");
            return FAILED;
        }
        privileges_forbid_dumps(); /* a change of user sets that anew */
    }
    if (options->mode == SANDBOX_OFF)
        return OK;
    sandbox->has_calls = calls_restrict(options);
    return insist(sandbox, sandbox->has_calls, arena, "seccomp, which restricts system calls", message);
}

static void add_word(struct buffer *words, const char *word) {
    buffer_print(words, "%s%s", words->len > 0 ? " " : "", word);
}

struct str sandbox_text(struct arena *arena, const struct sandbox *sandbox) {
    AUTO_BUFFER words = BUFFER_EMPTY;
    if (sandbox->mode == SANDBOX_OFF)
        return STR("off");
    if (sandbox->has_no_new_privileges)
        add_word(&words, "no-new-privileges");
    if (sandbox->has_no_capabilities)
        add_word(&words, "no-capabilities");
    if (sandbox->landlock > 0)
        buffer_print(&words, "%sfiles:%u", words.len > 0 ? " " : "", sandbox->landlock);
    if (sandbox->has_bind)
        add_word(&words, "bind");
    if (sandbox->has_scope)
        add_word(&words, "scope");
    if (sandbox->has_calls)
        add_word(&words, "calls");
    if (sandbox->is_relaxed)
        add_word(&words, "relaxed-for-a-sanitizer");
    return arena_copy(arena, buffer_text(&words));
}

struct str sandbox_missing(struct arena *arena, const struct sandbox *sandbox) {
    AUTO_BUFFER words = BUFFER_EMPTY;
    if (sandbox->mode == SANDBOX_OFF)
        return STR("");
    if (!sandbox->has_no_new_privileges)
        add_word(&words, "no-new-privileges");
    if (!sandbox->has_no_capabilities)
        add_word(&words, "no-capabilities");
    if (sandbox->landlock == 0)
        add_word(&words, "files");
    if (!sandbox->has_calls)
        add_word(&words, "calls");
    return arena_copy(arena, buffer_text(&words));
}
