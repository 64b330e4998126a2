/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: which files can be opened, and for what. Its calls and structures are written down here, since
 * they never change while the system's headers may be older than the kernel. */
#include "sandbox/parts.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same numbers on every architecture. */
enum { CALL_CREATE_RULESET = 444, CALL_ADD_RULE = 445, CALL_RESTRICT_SELF = 446, RULESET_VERSION = 1 };
enum { RULE_PATH = 1, RULE_PORT = 2 };

enum {
    FILE_EXECUTE = 1 << 0,
    FILE_WRITE = 1 << 1,
    FILE_READ = 1 << 2,
    DIRECTORY_READ = 1 << 3,
    DIRECTORY_REMOVE = 1 << 4,
    FILE_REMOVE = 1 << 5,
    MAKE_FILE = 1 << 8,
    MAKE_SOCKET = 1 << 9,
    FILE_TRUNCATE = 1 << 14,  /* version 3 */
    DEVICE_CONTROL = 1 << 15, /* version 5 */

    VERSION_1 = (1 << 13) - 1, /* all of the first version's */
    VERSION_2 = 1 << 13,       /* linking and renaming between directories */
    ON_A_FILE = FILE_EXECUTE | FILE_WRITE | FILE_READ | FILE_TRUNCATE | DEVICE_CONTROL,
};
enum { BIND_TCP = 1 };
enum { SCOPE_ABSTRACT_SOCKETS = 1, SCOPE_SIGNALS = 2 };

struct ruleset {
    uint64_t files;
    uint64_t network; /* version 4 */
    uint64_t scope;   /* version 6 */
};

struct path_rule {
    uint64_t allowed;
    int32_t directory;
} __attribute__((packed));

struct port_rule {
    uint64_t allowed;
    uint64_t port;
};

struct making {
    int fd;
    uint64_t handled;
    struct arena *arena;
};

static uint64_t rights(enum sandbox_access access) {
    switch (access) {
    case SANDBOX_READ:
    case SANDBOX_READ_FILE:
        return FILE_READ | DIRECTORY_READ;
    case SANDBOX_WRITE:
        return FILE_READ | DIRECTORY_READ | FILE_WRITE | FILE_TRUNCATE | MAKE_FILE | FILE_REMOVE;
    case SANDBOX_SOCKET:
        return MAKE_SOCKET | FILE_REMOVE;
    }
    return 0;
}

/* A place that is not there, or not for us, needs no rule. */
static void allow(const struct making *making, const char *path, enum sandbox_access access) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat found;
    if (fd < 0)
        return;
    if (fstat(fd, &found) == 0) {
        uint64_t allowed = rights(access) & making->handled;
        if (!S_ISDIR(found.st_mode))
            allowed &= ON_A_FILE;
        struct path_rule rule = {.allowed = allowed, .directory = fd};
        syscall(CALL_ADD_RULE, making->fd, RULE_PATH, &rule, 0);
    }
    close(fd);
}

/* What every server reads: to look up names, to know whom to trust, to tell the time, for randomness. */
static void allow_system(const struct making *making) {
    static const char *const paths[] = {
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/nsswitch.conf",
        "/etc/host.conf",
        "/etc/gai.conf",
        "/etc/services",
        "/etc/protocols",
        "/run/systemd/resolve",
        "/run/resolvconf",
        "/run/NetworkManager",
        "/etc/ssl/certs",
        "/etc/ssl/cert.pem",
        "/etc/ssl/openssl.cnf",
        "/etc/pki/tls/certs",
        "/etc/pki/ca-trust/extracted",
        "/usr/lib/ssl",
        "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
        "/var/lib/ca-certificates",
        "/etc/localtime",
        "/usr/share/zoneinfo",
        "/dev/urandom",
        "/sys/devices/system/cpu",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        allow(making, paths[i], SANDBOX_READ);
    allow(making, "/dev/null", SANDBOX_WRITE);
    static const char *const variables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *path = getenv(variables[i]);
        if (path != NULL)
            allow(making, path, SANDBOX_READ);
    }
    if (sandbox_is_watched()) /* to find its own map, and names for addresses */
        allow(making, "/", SANDBOX_READ);
}

static bool is_top(const char *directory) {
    struct stat found;
    struct stat top;
    return stat(directory, &found) != 0 || stat("/", &top) != 0 ||
           (found.st_dev == top.st_dev && found.st_ino == top.st_ino);
}

/* What lies beside a file at the very top is the whole system: there it is this file alone. */
static void allow_beside(const struct making *making, const char *path) {
    const char *directory = dirname(arena_terminated(making->arena, str_from(path)));
    allow(making, is_top(directory) ? path : directory, SANDBOX_READ);
}

/* A file that others replace, such as a certificate, is a new one each time, in the same directory; or in the
 * one to which a link there leads. */
static void allow_file(const struct making *making, const char *path) {
    char *real = realpath(path, NULL);
    allow_beside(making, path);
    if (real != NULL)
        allow_beside(making, real);
    free(real);
}

static void allow_path(const struct making *making, const struct sandbox_path *path) {
    struct stat found;
    const char *terminated = arena_terminated(making->arena, path->path);
    if (path->access == SANDBOX_READ && stat(terminated, &found) == 0 && !S_ISDIR(found.st_mode))
        allow_file(making, terminated);
    else
        allow(making, terminated, path->access);
}

static uint64_t handled_by(unsigned version) {
    uint64_t handled = VERSION_1;
    if (version >= 2)
        handled |= VERSION_2;
    if (version >= 3)
        handled |= FILE_TRUNCATE;
    if (version >= 5)
        handled |= DEVICE_CONTROL;
    return handled;
}

static bool restrict_self(const struct sandbox_options *options, const struct ruleset *ruleset, size_t size,
                          struct arena *arena) {
    struct making making = {
        .fd = (int)syscall(CALL_CREATE_RULESET, ruleset, size, 0), .handled = ruleset->files, .arena = arena};
    if (making.fd < 0)
        return false;
    allow_system(&making);
    for (size_t i = 0; i < options->path_count; i++)
        allow_path(&making, &options->paths[i]);
    bool is_done = true;
    for (size_t i = 0; i < options->port_count && ruleset->network != 0; i++) {
        struct port_rule port = {.allowed = BIND_TCP, .port = options->ports[i]};
        is_done = is_done && syscall(CALL_ADD_RULE, making.fd, RULE_PORT, &port, 0) == 0;
    }
    is_done = is_done && syscall(CALL_RESTRICT_SELF, making.fd, 0) == 0;
    close(making.fd);
    return is_done;
}

/* A port that the kernel is to choose cannot be named beforehand; once all are bound, seccomp forbids more.
 */
static bool knows_ports(const struct sandbox_options *options) {
    for (size_t i = 0; i < options->port_count; i++) {
        if (options->ports[i] == 0)
            return false;
    }
    return true;
}

void files_restrict(const struct sandbox_options *options, struct arena *arena, struct sandbox *sandbox) {
    long version = syscall(CALL_CREATE_RULESET, NULL, 0, RULESET_VERSION);
    if (version < 1)
        return;
    struct ruleset ruleset = {.files = handled_by((unsigned)version)};
    size_t size = sizeof ruleset.files;
    if (version >= 4) {
        ruleset.network = knows_ports(options) ? BIND_TCP : 0;
        size = offsetof(struct ruleset, scope);
    }
    if (version >= 6) {
        ruleset.scope = SCOPE_SIGNALS | (options->uses_local_sockets ? 0U : (unsigned)SCOPE_ABSTRACT_SOCKETS);
        size = sizeof ruleset;
    }
    if (!restrict_self(options, &ruleset, size, arena))
        return;
    sandbox->landlock = (unsigned)version;
    sandbox->has_bind = ruleset.network != 0;
    sandbox->has_scope = ruleset.scope != 0;
}
