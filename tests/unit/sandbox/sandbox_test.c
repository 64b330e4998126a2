/* SPDX-License-Identifier: Apache-2.0 */
/* From inside a sandbox, what somebody would try who has taken the server over. Each attempt is a process of
 * its own, since nothing comes back from a sandbox. */
#include "sandbox/parts.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A directory that may be written, one that may be read with a certificate in it, and one that is nobody's.
 */
static char top[] = "/tmp/chatelaine-sandbox-XXXXXX";
static char data[sizeof top + 16];
static char certificates[sizeof top + 16];
static char certificate[sizeof top + 32];
static char outside[sizeof top + 16];
static char secret[sizeof top + 32];

static struct sandbox sandbox; /* of this process */

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state) {
    (void)state;
    assert_non_null(mkdtemp(top));
    snprintf(data, sizeof data, "%s/data", top);
    snprintf(certificates, sizeof certificates, "%s/tls", top);
    snprintf(certificate, sizeof certificate, "%s/tls/cert.pem", top);
    snprintf(outside, sizeof outside, "%s/outside", top);
    snprintf(secret, sizeof secret, "%s/outside/secret", top);
    assert_int_equal(mkdir(data, 0700) | mkdir(certificates, 0700) | mkdir(outside, 0700), 0);
    put(certificate, "first");
    put(secret, "secret");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    return system(command);
}

static struct sandbox_options usual(struct sandbox_path paths[2]) {
    static const unsigned ports[] = {0};
    paths[0] = (struct sandbox_path){str_from(data), SANDBOX_WRITE};
    paths[1] = (struct sandbox_path){str_from(certificate), SANDBOX_READ};
    return (struct sandbox_options){
        .mode = SANDBOX_BEST_EFFORT, .paths = paths, .path_count = 2, .ports = ports, .port_count = 1};
}

static void enter(void) {
    struct sandbox_path paths[2];
    struct sandbox_options options = usual(paths);
    struct str message = STR_NONE;
    struct arena *arena = arena_new();
    if (sandbox_begin(&options, arena, &sandbox, &message) != OK ||
        sandbox_complete(&options, arena, &sandbox, &message) != OK)
        _exit(99);
    arena_free(arena);
}

enum { SKIPPED = 77 };

/* 0: as it should be. A signal: 1,000 and its number. */
static int in_child(int (*attempt)(void)) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(attempt());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define assert_attempt(attempt, expected)                                                                    \
    do {                                                                                                     \
        int came = in_child(attempt);                                                                        \
        if (came == SKIPPED)                                                                                 \
            skip();                                                                                          \
        if (came != (expected))                                                                              \
            fail_msg("%s: %d", #attempt, came);                                                              \
    } while (0)

/* Ends an attempt with the line where it was not as it should be. */
#define MUST(condition)                                                                                      \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%d: %s (errno %d)\n", __LINE__, #condition, errno);                             \
            return 1;                                                                                        \
        }                                                                                                    \
    } while (0)

static bool is_refused(long result, int error) {
    return result < 0 && errno == error;
}

/* ---- files ---- */

static int try_files(void) {
    char path[128];
    enter();
    if (sandbox.landlock == 0)
        return SKIPPED;
    snprintf(path, sizeof path, "%s/new", data);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    MUST(fd >= 0 && write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0 && fsync(fd) == 0);
    MUST(unlink(path) == 0);
    MUST(open(certificate, O_RDONLY) >= 0);
    MUST(is_refused(open(certificate, O_WRONLY), EACCES));
    snprintf(path, sizeof path, "%s/new", certificates);
    MUST(is_refused(open(path, O_WRONLY | O_CREAT, 0600), EACCES));
    snprintf(path, sizeof path, "%s/new", outside);
    MUST(is_refused(open(path, O_WRONLY | O_CREAT, 0600), EACCES));
    MUST(is_refused(open(secret, O_WRONLY), EACCES));
    MUST(is_refused(unlink(secret), EACCES));
    MUST(open("/dev/urandom", O_RDONLY) >= 0);
    return 0;
}

static int try_reading_outside(void) {
    enter();
    if (sandbox.landlock == 0 || sandbox.is_relaxed)
        return SKIPPED;
    static const char *const paths[] = {"/etc/passwd",     "/etc/shadow",
                                        "/proc/self/mem",  "/proc/self/environ",
                                        "/proc/self/maps", "/proc/1/cmdline",
                                        "/usr/bin/env",    "/root",
                                        "/home",           "/"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        MUST(open(paths[i], O_RDONLY) < 0 && (errno == EACCES || errno == ENOENT || errno == EPERM));
    MUST(is_refused(open(secret, O_RDONLY), EACCES));
    char path[128];
    snprintf(path, sizeof path, "%s/../outside/secret", data);
    MUST(is_refused(open(path, O_RDONLY), EACCES));
    snprintf(path, sizeof path, "%s/link", data);
    MUST(is_refused(symlink(secret, path), EPERM) || is_refused(open(path, O_RDONLY), EACCES));
    return 0;
}

/* As in a container that was given "/cert.pem": what lies beside it is the whole system. */
static int try_certificate_at_the_top(void) {
    if (chroot(top) != 0)
        return SKIPPED;
    MUST(chdir("/") == 0);
    put("/cert.pem", "first");
    struct sandbox_path path = {STR("/cert.pem"), SANDBOX_READ};
    struct sandbox_options options = {.mode = SANDBOX_BEST_EFFORT, .paths = &path, .path_count = 1};
    struct str message = STR_NONE;
    struct arena *arena = arena_new();
    MUST(sandbox_begin(&options, arena, &sandbox, &message) == OK);
    arena_free(arena);
    if (sandbox.landlock == 0 || sandbox.is_relaxed)
        return SKIPPED;
    MUST(open("/cert.pem", O_RDONLY) >= 0);
    MUST(is_refused(open("/outside/secret", O_RDONLY), EACCES));
    MUST(is_refused(open("/", O_RDONLY), EACCES));
    return 0;
}

/* As certbot and Kubernetes do it: another file takes the name. */
static void test_a_replaced_certificate_is_read(void **state) {
    (void)state;
    int go[2];
    int ready[2];
    char byte = 'r';
    assert_int_equal(pipe(go) | pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        char text[8] = "";
        enter();
        if (write(ready[1], "r", 1) != 1 || read(go[0], text, 1) != 1)
            _exit(2);
        int fd = open(certificate, O_RDONLY);
        _exit(fd >= 0 && read(fd, text, 6) == 6 && memcmp(text, "second", 6) == 0 ? 0 : 1);
    }
    char next[128];
    assert_int_equal(read(ready[0], &byte, 1), 1);
    snprintf(next, sizeof next, "%s.next", certificate);
    put(next, "second");
    assert_int_equal(rename(next, certificate), 0);
    assert_int_equal(write(go[1], "g", 1), 1);
    int status = 0;
    waitpid(child, &status, 0);
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(ready[i]);
    }
    assert_int_equal(status, 0);
}

/* ---- system calls ---- */

static int try_sockets(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    MUST(fd >= 0 && socket(AF_INET6, SOCK_DGRAM, 0) >= 0);
    MUST(is_refused(socket(AF_UNIX, SOCK_STREAM, 0), EPERM));
    MUST(is_refused(socket(AF_NETLINK, SOCK_RAW, 0), EPERM));
    MUST(is_refused(socket(AF_PACKET, SOCK_RAW, 0), EPERM));
    MUST(is_refused(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM));
    MUST(is_refused(socket(AF_VSOCK, SOCK_STREAM, 0), EPERM));
    struct sockaddr_in any = {.sin_family = AF_INET};
    MUST(is_refused(bind(fd, (struct sockaddr *)&any, sizeof any), EPERM));
    MUST(is_refused(listen(fd, 1), EPERM));
    return 0;
}

static int try_memory(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(page != MAP_FAILED);
    MUST(is_refused(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM));
    MUST(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
         errno == EPERM);
    MUST(is_refused(syscall(SYS_memfd_create, "code", 0), EPERM));
    MUST(is_refused(syscall(SYS_personality, 0x0400000UL), EPERM));
    return 0;
}

static int try_processes(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    MUST(is_refused(fork(), EPERM));
    MUST(is_refused(kill(getppid(), 0), EPERM));
    MUST(is_refused(syscall(SYS_tgkill, getppid(), getppid(), 0), EPERM));
    MUST(is_refused(prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L), EPERM));
    MUST(is_refused(prctl(PR_SET_SECCOMP, 0L, 0L, 0L, 0L), EPERM));
    const struct rlimit much = {RLIM_INFINITY, RLIM_INFINITY};
    MUST(is_refused(setrlimit(RLIMIT_CORE, &much), EPERM));
    MUST(is_refused(ioctl(0, 0x5412UL /* TIOCSTI: to type on our terminal */, "x"), EPERM));
    MUST(is_refused(chmod(data, 0777), EPERM));
    MUST(is_refused(mkdir("/tmp/x", 0700), EPERM) || errno == EACCES);
    return 0;
}

static int try_execve(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    char *const arguments[] = {(char[]){"true"}, NULL};
    execv("/bin/true", arguments);
    return 1;
}

static int try_ptrace(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
    return 1;
}

static int try_reading_another(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
    return 1;
}

static int try_becoming_root(void) {
    enter();
    if (!sandbox.has_calls || sandbox.is_relaxed)
        return SKIPPED;
    syscall(SYS_setuid, 0);
    return 1;
}

/* One attempt, in a process of its own, that ends as it should. */
#define ATTEMPT(name, attempt)                                                                               \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        assert_attempt(attempt, 0);                                                                          \
    }
ATTEMPT(files, try_files)
ATTEMPT(reading_outside, try_reading_outside)
ATTEMPT(a_certificate_at_the_top_opens_nothing_else, try_certificate_at_the_top)
ATTEMPT(sockets, try_sockets)
ATTEMPT(memory, try_memory)
ATTEMPT(processes, try_processes)

static void test_what_only_an_intruder_does_is_the_end(void **state) {
    (void)state;
    assert_attempt(try_execve, 1000 + SIGSYS);
    assert_attempt(try_ptrace, 1000 + SIGSYS);
    assert_attempt(try_reading_another, 1000 + SIGSYS);
    assert_attempt(try_becoming_root, 1000 + SIGSYS);
}

/* ---- threads ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *run_earlier(void *result) {
    pthread_mutex_lock(&gate);
    *(int *)result =
        socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EPERM && geteuid() == getuid() ? (int)geteuid() : -1;
    pthread_mutex_unlock(&gate);
    return NULL;
}

static void *run_later(void *result) {
    struct addrinfo *found = NULL;
    *(int *)result = getaddrinfo("localhost", NULL, NULL, &found);
    if (found != NULL)
        freeaddrinfo(found);
    return NULL;
}

/* One that was there before the filter has it too; others can still be started, and look names up. */
static int try_threads(void) {
    pthread_t earlier;
    pthread_t later;
    int of_earlier = -1;
    int of_later = -1;
    struct sandbox_path paths[2];
    struct sandbox_options options = usual(paths);
    struct str message = STR_NONE;
    struct arena *arena = arena_new();
    MUST(sandbox_begin(&options, arena, &sandbox, &message) == OK);
    pthread_mutex_lock(&gate);
    MUST(pthread_create(&earlier, NULL, run_earlier, &of_earlier) == 0);
    MUST(sandbox_complete(&options, arena, &sandbox, &message) == OK);
    pthread_mutex_unlock(&gate);
    pthread_join(earlier, NULL);
    MUST(pthread_create(&later, NULL, run_later, &of_later) == 0);
    pthread_join(later, NULL);
    arena_free(arena);
    MUST(of_later == 0);
    MUST(!sandbox.has_calls || sandbox.is_relaxed || of_earlier == (int)getuid());
    return 0;
}

static void test_threads(void **state) {
    (void)state;
    assert_attempt(try_threads, 0);
}

/* ---- privileges ---- */

static bool has_no_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct mine[_LINUX_CAPABILITY_U32S_3];
    return syscall(SYS_capget, &header, mine) == 0 && (mine[0].permitted | mine[1].permitted) == 0 &&
           (mine[0].effective | mine[1].effective | mine[0].inheritable | mine[1].inheritable) == 0;
}

static int try_privileges(void) {
    struct sandbox_path paths[2];
    struct sandbox_options options = usual(paths);
    struct str message = STR_NONE;
    struct rlimit core;
    MUST(sandbox_begin(&options, arena_new(), &sandbox, &message) == OK);
    MUST(sandbox.has_no_capabilities && has_no_capabilities());
    MUST(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1);
    MUST(sandbox.is_relaxed || prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0);
    MUST(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
    return 0;
}

static void test_privileges(void **state) {
    (void)state;
    assert_attempt(try_privileges, 0);
}

/* Another user, in all threads, and no way back. */
static int try_user(void) {
    pthread_t earlier;
    int of_earlier = -1;
    struct sandbox_path paths[2];
    struct sandbox_options options = usual(paths);
    struct str message = STR_NONE;
    struct arena *arena = arena_new();
    if (getuid() != 0)
        return SKIPPED;
    options.user = STR("nobody");
    MUST(sandbox_begin(&options, arena, &sandbox, &message) == OK);
    pthread_mutex_lock(&gate);
    MUST(pthread_create(&earlier, NULL, run_earlier, &of_earlier) == 0);
    MUST(sandbox_complete(&options, arena, &sandbox, &message) == OK);
    pthread_mutex_unlock(&gate);
    pthread_join(earlier, NULL);
    MUST(getuid() == sandbox.uid && geteuid() == sandbox.uid && getgid() == sandbox.gid && sandbox.uid != 0);
    MUST(sandbox.is_relaxed || of_earlier == (int)sandbox.uid);
    return 0;
}

static int try_nobody_known(void) {
    struct sandbox_options options = {.user = STR("no-such-user-here")};
    struct str message = STR_NONE;
    MUST(sandbox_begin(&options, arena_new(), &sandbox, &message) == INVALID);
    MUST(str_find(message, STR("--user")) != STR_NOT_FOUND);
    return 0;
}

static void test_user(void **state) {
    (void)state;
    assert_attempt(try_nobody_known, 0);
    assert_attempt(try_user, 0);
}

/* ---- modes ---- */

static int try_off(void) {
    struct sandbox_options options = {.mode = SANDBOX_OFF};
    struct str message = STR_NONE;
    struct arena *arena = arena_new();
    MUST(sandbox_begin(&options, arena, &sandbox, &message) == OK);
    MUST(sandbox_complete(&options, arena, &sandbox, &message) == OK);
    MUST(open(secret, O_RDONLY) >= 0 && socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    MUST(str_equal(sandbox_text(arena, &sandbox), STR("off")));
    return 0;
}

/* As a container does that has neither, or an old kernel. */
static bool take_both_away(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool is_done = filter != NULL &&
                   seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) == 0 &&
                   seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)) == 0;
    for (int call = 444; call <= 446; call++)
        is_done = is_done && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0) == 0;
    is_done = is_done && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_done;
}

static int try_without(void) {
    struct arena *arena = arena_new();
    if (!take_both_away())
        return SKIPPED;
    enter();
    MUST(str_equal(sandbox_missing(arena, &sandbox), STR("files calls")));
    MUST(str_starts_with(sandbox_text(arena, &sandbox), STR("no-new-privileges no-capabilities")));
    return 0;
}

static int try_insisting_without(void) {
    struct sandbox_options options = {.mode = SANDBOX_ON};
    struct str message = STR_NONE;
    if (!take_both_away())
        return SKIPPED;
    MUST(sandbox_begin(&options, arena_new(), &sandbox, &message) == FAILED);
    MUST(str_find(message, STR("Landlock")) != STR_NOT_FOUND);
    return 0;
}

static int try_text(void) {
    struct arena *arena = arena_new();
    enter();
    struct str text = sandbox_text(arena, &sandbox);
    MUST((str_find(text, STR("files:")) != STR_NOT_FOUND) == (sandbox.landlock > 0));
    MUST((str_find(text, STR(" calls")) != STR_NOT_FOUND) == sandbox.has_calls);
    MUST(sandbox.landlock == 0 || !sandbox.has_calls || str_is_empty(sandbox_missing(arena, &sandbox)));
    return 0;
}

static void test_modes(void **state) {
    (void)state;
    assert_attempt(try_off, 0);
    assert_attempt(try_text, 0);
    assert_attempt(try_without, 0);
    assert_attempt(try_insisting_without, 0);
}

/* Where the port is known, no other can be bound, by whomever. */
static int try_port(void) {
    const unsigned ports[] = {47113};
    struct sandbox_options options = {.mode = SANDBOX_BEST_EFFORT, .ports = ports, .port_count = 1};
    struct str message = STR_NONE;
    MUST(sandbox_begin(&options, arena_new(), &sandbox, &message) == OK);
    if (!sandbox.has_bind)
        return SKIPPED;
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(47114)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    MUST(is_refused(bind(fd, (struct sockaddr *)&other, sizeof other), EACCES));
    other.sin_port = htons(47113);
    MUST(bind(fd, (struct sockaddr *)&other, sizeof other) == 0 || errno == EADDRINUSE);
    return 0;
}

static void test_port(void **state) {
    (void)state;
    assert_attempt(try_port, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_reading_outside),
        cmocka_unit_test(test_a_certificate_at_the_top_opens_nothing_else),
        cmocka_unit_test(test_a_replaced_certificate_is_read),
        cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_what_only_an_intruder_does_is_the_end),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_privileges),
        cmocka_unit_test(test_user),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_port),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
