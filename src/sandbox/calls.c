/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp: the system calls of a server that has started. */
#include "sandbox/parts.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564D41
#endif

static const char *const allowed[] = {
    /* what is open */
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "pwrite64",
    "preadv",
    "pwritev",
    "lseek",
    "close",
    "close_range",
    "dup",
    "dup3",
    "fcntl",
    "flock",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
    "fadvise64",
    "fstat",
    "fchmod",
    "fchown",
    "getdents64",
    /* files, within what Landlock and the user's rights leave */
    "open",
    "openat",
    "stat",
    "lstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "unlink",
    "unlinkat",
    "getcwd",
    "umask",
    "statfs",
    "fstatfs",
    /* sockets; to make one, see below. None is bound or listened on any more */
    "connect",
    "accept",
    "accept4",
    "getsockname",
    "getpeername",
    "getsockopt",
    "setsockopt",
    "sendto",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "shutdown",
    "socketpair",
    /* waiting */
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "eventfd2",
    "pipe2",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "futex",
    "futex_waitv",
    "nanosleep",
    "clock_nanosleep",
    "restart_syscall",
    "sched_yield",
    /* time and chance */
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "getrandom",
    /* memory; mapped as code: see below */
    "brk",
    "munmap",
    "mremap",
    "madvise",
    "mlock",
    "mlock2",
    "munlock",
    "mincore",
    "membarrier",
    /* threads and signals of its own */
    "set_robust_list",
    "set_tid_address",
    "rseq",
    "exit",
    "exit_group",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "rt_sigpending",
    "rt_sigsuspend",
    "sigaltstack",
    "sched_getaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "getcpu",
    "arch_prctl",
    /* who am I */
    "getpid",
    "getppid",
    "gettid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getrusage",
    "getrlimit",
    "times",
    "uname",
    "sysinfo",
};

/* No part of ours makes these, nor does a library it uses. Whoever does has taken the process over: it ends.
 */
static const char *const deadly[] = {
    "execve",
    "execveat",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "bpf",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "setns",
    "unshare",
    "open_by_handle_at",
    "swapon",
    "reboot",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "capset",
};

/* A sanitizer stops the threads and reads them to find leaks, and asks another program for the names of what
 * it has found; valgrind makes code. */
static const char *const watching[] = {
    "execve",
    "fork",
    "vfork",
    "clone",
    "clone3",
    "ptrace",
    "wait4",
    "kill",
    "tgkill",
    "tkill",
    "prctl",
    "mmap",
    "mprotect",
    "process_vm_readv",
    "dup2",
    "pipe",
    "readlink",
    "ioctl",
    "prlimit64",
    "personality",
    "setrlimit",
    "getpgrp",
    "setpgid",
    "getpgid",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "sched_setaffinity",
    "mkdir",
    "rename",
    "modify_ldt",
    "getdents",
    "socket",
    "chdir",
    "sched_setscheduler",
};

static bool add(scmp_filter_ctx filter, uint32_t action, const char *name) {
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0) /* not on this architecture, or too new for the library */
        return true;
    return seccomp_rule_add(filter, action, number, 0) == 0;
}

static bool add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!add(filter, action, names[i]))
            return false;
    }
    return true;
}

#define ADD_ALL(filter, action, names) add_all((filter), (action), (names), sizeof(names) / sizeof *(names))
#define ALLOW_IF(filter, call, ...)                                                                          \
    (seccomp_rule_add((filter), SCMP_ACT_ALLOW, SCMP_SYS(call), 1, __VA_ARGS__) == 0)

/* Threads only, no processes. What clone3 is to do stands in memory, where a filter cannot read; told that
 * the kernel does not have it, the C library takes clone. */
static bool add_threads(scmp_filter_ctx filter) {
    const uint64_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           ALLOW_IF(filter, clone, SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread)) &&
           ALLOW_IF(filter, tgkill, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
}

/* Nothing becomes code that was not code at the start. */
static bool add_memory(scmp_filter_ctx filter) {
    return ALLOW_IF(filter, mmap, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) &&
           ALLOW_IF(filter, mprotect, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* For outgoing connections and look-ups; no netlink, no raw packets. Unix sockets where the database is
 * behind one: through them other servers of this machine could be asked for what we may not do. */
static bool add_sockets(scmp_filter_ctx filter, bool uses_local_sockets) {
    static const int families[] = {AF_INET, AF_INET6};
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
    const uint64_t mask = 0xF; /* the type without its flags */
    for (size_t i = 0; i < 4; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i / 2], 0),
                             SCMP_A1(SCMP_CMP_MASKED_EQ, mask, (scmp_datum_t)types[i % 2])) != 0)
            return false;
    }
    return !uses_local_sockets || ALLOW_IF(filter, socket, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
}

static bool add_rest(scmp_filter_ctx filter) {
    static const unsigned long controls[] = {FIONREAD, FIONBIO, TIOCOUTQ, TCGETS};
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        if (!ALLOW_IF(filter, ioctl, SCMP_A1(SCMP_CMP_EQ, controls[i], 0)))
            return false;
    }
    return ALLOW_IF(filter, prctl, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0)) &&
           ALLOW_IF(filter, prctl, SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME, 0)) &&
           ALLOW_IF(filter, prctl, SCMP_A0(SCMP_CMP_EQ, PR_SET_VMA, 0)) &&
           ALLOW_IF(filter, prlimit64, SCMP_A2(SCMP_CMP_EQ, 0, 0)); /* to read a limit, not to set one */
}

static bool fill(scmp_filter_ctx filter, const struct sandbox_options *options) {
    bool is_watched = sandbox_is_watched();
    if (!ADD_ALL(filter, SCMP_ACT_ALLOW, allowed))
        return false;
    if (is_watched)
        return ADD_ALL(filter, SCMP_ACT_ALLOW, watching);
    return ADD_ALL(filter, SCMP_ACT_KILL_PROCESS, deadly) && add_threads(filter) && add_memory(filter) &&
           add_sockets(filter, options->uses_local_sockets) && add_rest(filter);
}

bool calls_restrict(const struct sandbox_options *options) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return false;
    /* All threads; the filter as a tree; and no slower loads for our own code, which runs nobody else's. */
    bool is_done = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
                   seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
                   seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1) == 0 && fill(filter, options) &&
                   seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_done;
}
