/* SPDX-License-Identifier: Apache-2.0 */
#include "http/socket.h"

#include "base/log.h"
#include "base/memory.h"
#include "http/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static enum status fail(struct str address, enum status status, const char *reason) {
    log_event(LOG_ERROR, "listen-failed", LOG_STR("address", address), LOG_STR("reason", str_from(reason)));
    return status;
}

static enum status fail_by_errno(struct str address) {
    switch (errno) {
    case EADDRINUSE:
        return fail(address, CONFLICT, "the address is in use");
    case EACCES:
    case EPERM:
        return fail(address, DENIED, "not permitted");
    case EADDRNOTAVAIL:
        return fail(address, INVALID, "this machine does not have the address");
    default:
        return fail(address, FAILED, "the system refused");
    }
}

static bool parse_ip(struct str text, struct sockaddr_storage *out, socklen_t *len) {
    size_t colon = text.len;
    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    uint64_t port;
    if (colon == 0 || str_to_uint64(str_from_index(text, colon), &port) != OK || port > 65535)
        return false;
    struct str host = str_slice(text, 0, colon - 1);
    struct http_address address;
    *out = (struct sockaddr_storage){0};
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
        if (!address_parse_ip6(str_slice(host, 1, host.len - 1), &address))
            return false;
        struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
        memcpy(&ip6.sin6_addr, address.ip, sizeof address.ip);
        memcpy(out, &ip6, sizeof ip6);
        *len = sizeof ip6;
        return true;
    }
    if (!address_parse_ip4(host, &address))
        return false;
    struct sockaddr_in ip4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    memcpy(&ip4.sin_addr, address.ip + 12, 4);
    memcpy(out, &ip4, sizeof ip4);
    *len = sizeof ip4;
    return true;
}

static struct str unix_path(struct str address) {
    return str_starts_with(address, STR("unix:")) ? str_from_index(address, 5) : STR_NONE;
}

char *socket_path(struct str address) {
    struct str path = unix_path(address);
    if (path.at == NULL)
        return NULL;
    char *copy = mem_alloc_zero(path.len + 1);
    memcpy(copy, path.at, path.len);
    return copy;
}

static bool parse_unix(struct str path, struct sockaddr_storage *out, socklen_t *len) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (path.len == 0 || path.len >= sizeof name.sun_path || str_find_byte(path, '\0') != STR_NOT_FOUND)
        return false;
    memcpy(name.sun_path, path.at, path.len);
    *out = (struct sockaddr_storage){0};
    memcpy(out, &name, sizeof name);
    *len = sizeof name;
    return true;
}

/* A socket file that nobody listens to any more is what a killed server leaves behind. */
static void remove_stale(const struct sockaddr_storage *address, socklen_t len) {
    struct sockaddr_un name;
    memcpy(&name, address, sizeof name);
    struct stat found;
    if (lstat(name.sun_path, &found) != 0 || !S_ISSOCK(found.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, len) != 0 && errno == ECONNREFUSED)
        unlink(name.sun_path);
    close(fd);
}

static void set_options(int fd, int family) {
    int one = 1;
    if (family == AF_UNIX)
        return;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* inherited by what is accepted */
    /* So little waits unsent in the kernel that a slow reader is noticed, and memory is not lent to it. */
    int unsent = 128 * 1024;
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

enum status socket_listen(struct str address, int *out) {
    struct sockaddr_storage name;
    socklen_t len = 0;
    struct str path = unix_path(address);
    bool is_unix = path.at != NULL;
    if (is_unix ? !parse_unix(path, &name, &len) : !parse_ip(address, &name, &len))
        return fail(address, INVALID, "no address:port, [address]:port or unix:path");
    int fd = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_by_errno(address);
    set_options(fd, name.ss_family);
    if (is_unix)
        remove_stale(&name, len);
    if (bind(fd, (const struct sockaddr *)&name, len) != 0 || listen(fd, BACKLOG) != 0) {
        enum status status = fail_by_errno(address);
        close(fd);
        return status;
    }
    *out = fd;
    return OK;
}

unsigned socket_port(int fd) {
    struct sockaddr_storage name = {0};
    socklen_t len = sizeof name;
    struct http_address address;
    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
        return 0;
    address_from_socket(&name, &address);
    return address.port;
}
