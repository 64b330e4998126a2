/* SPDX-License-Identifier: Apache-2.0 */
/* What a started server gives up. A process that somebody has taken over can do what the kernel lets it do;
 * so the kernel is told what this one needs, and refuses all else:
 *
 * - no new privileges, by no program with a set-user-id bit, and no core dump: memory holds tokens and
 * secrets;
 * - no capability but binding a low port, where one is asked for; as root with `user` set, another user;
 * - files (Landlock): the data directory, and reading what names, certificates and time zones need;
 * - system calls (seccomp): those on the list in calls.c. Another one fails with EPERM. One that only an
 *   intruder makes (a program started, a process traced, kernel code loaded) ends the process.
 *
 * Begun before there are threads, which inherit it; completed when the addresses are bound, for all of them.
 */
#pragma once

#include "base/arena.h"

enum sandbox_mode {
    SANDBOX_BEST_EFFORT, /* what the kernel offers; what it does not is said in the log */
    SANDBOX_ON,          /* all of it, or no start */
    SANDBOX_OFF,         /* core dumps are off all the same */
};

enum sandbox_access {
    SANDBOX_READ, /* all below a directory; of a file all beside it too, unless that is "/", since others may
                     put a new one there */
    SANDBOX_READ_FILE, /* a file that nobody replaces */
    SANDBOX_WRITE,     /* a directory: also to write, make and remove files in it */
    SANDBOX_SOCKET,    /* a directory: to make and remove unix sockets in it */
};

struct sandbox_path {
    struct str path; /* one that does not exist is passed over */
    enum sandbox_access access;
};

struct sandbox_options {
    enum sandbox_mode mode;
    const struct sandbox_path *paths; /* beside those that every server needs */
    size_t path_count;
    const unsigned *ports; /* that will be bound; 0 among them: one that is not known yet */
    size_t port_count;
    bool uses_local_sockets; /* connects to unix sockets: a database's */
    struct str user;         /* to become when the addresses are bound; empty: none */
};

/* What is in force. */
struct sandbox {
    enum sandbox_mode mode;
    bool has_no_new_privileges;
    bool has_no_capabilities; /* none, or the low port's alone */
    unsigned landlock;        /* the kernel's version of it; 0: files are not restricted */
    bool has_bind;            /* TCP ports cannot be bound but the one (Landlock from version 4) */
    bool has_scope;           /* signals and abstract sockets stay inside (from version 6) */
    bool has_calls;           /* seccomp, for all threads */
    bool is_relaxed;          /* a sanitizer or valgrind is at work, which needs more */
    uint32_t uid, gid;        /* of `user` */
};

/* From the first thread, while it is the only one. FAILED in mode SANDBOX_ON where the kernel lacks
 * something, and where `user` does not exist; `*message` is then a sentence for the operator. */
NODISCARD enum status sandbox_begin(const struct sandbox_options *options, struct arena *arena,
                                    struct sandbox *sandbox, struct str *message);

/* When nothing is left to be bound. From the same thread; holds for all. */
NODISCARD enum status sandbox_complete(const struct sandbox_options *options, struct arena *arena,
                                       struct sandbox *sandbox, struct str *message);

/* "no-new-privileges no-capabilities files:7 bind scope calls": what is in force, for the log. */
struct str sandbox_text(struct arena *arena, const struct sandbox *sandbox);
/* What could not be had, likewise; empty where nothing is missing. */
struct str sandbox_missing(struct arena *arena, const struct sandbox *sandbox);
