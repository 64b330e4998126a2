/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, the user, core dumps. */
#include "sandbox/parts.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_FREE_PORT = 1024, CAPABILITY_MOST = 63 };

void privileges_forbid_dumps(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (!sandbox_is_watched()) /* also: no ptrace by the same user. Sanitizers need it to look for leaks. */
        prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

bool privileges_forbid_new(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0;
}

/* Until another user takes over, root makes files for it in its directory, and needs to become it. */
static uint64_t needed(const struct sandbox_options *options) {
    uint64_t mask = 0;
    for (size_t i = 0; i < options->port_count; i++) {
        if (options->ports[i] > 0 && options->ports[i] < FIRST_FREE_PORT)
            mask |= UINT64_C(1) << CAP_NET_BIND_SERVICE;
    }
    if (options->user.len > 0)
        mask |= UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID | UINT64_C(1) << CAP_DAC_OVERRIDE |
                UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_FOWNER;
    return mask;
}

bool privileges_reduce(const struct sandbox_options *options) {
    for (unsigned long capability = 0; capability <= CAPABILITY_MOST; capability++)
        prctl(PR_CAPBSET_DROP, capability, 0L, 0L, 0L); /* only root may; nobody else has need to */
    prctl(PR_CAP_AMBIENT, (unsigned long)PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    uint64_t kept = needed(options);
    bool has_any = false;
    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        has_any = has_any || (data[i].permitted | data[i].inheritable) != 0;
        data[i].permitted &= (uint32_t)(kept >> (32 * i));
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    return !has_any || syscall(SYS_capset, &header, data) == 0;
}

enum status privileges_find_user(struct arena *arena, struct str user, struct sandbox *sandbox) {
    const struct passwd *entry = getpwnam(arena_terminated(arena, user));
    if (entry == NULL)
        return INVALID;
    sandbox->uid = entry->pw_uid;
    sandbox->gid = entry->pw_gid;
    return OK;
}

/* glibc does each step in all threads. The kernel takes the capabilities away with the last. */
enum status privileges_change_user(const struct sandbox *sandbox) {
    uid_t uid = sandbox->uid;
    gid_t gid = sandbox->gid;
    if (getuid() == uid && geteuid() == uid && getgid() == gid)
        return OK;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return FAILED;
    return uid == 0 || setuid(0) != 0 ? OK : FAILED; /* there is no way back */
}
