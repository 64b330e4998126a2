/* SPDX-License-Identifier: Apache-2.0 */
/* Names that lead inwards. In a network namespace of its own, where a name server of ours answers what a liar
 * would, and 203.0.114.1, a public address, is this machine. */
#include "egress/egress.h"
#include "fetch.h"
#include "unit/fibers.h"
#include "unit/peer.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the name server ---- */

enum { TYPE_A = 1, TYPE_AAAA = 28, ADDRESSES_MAX = 4 };

/* What a name has. `then` is what it has from the second look-up on. */
static struct zone {
    const char *name;
    const char *addresses[ADDRESSES_MAX];
    const char *then;
    _Atomic unsigned asked; /* for its IPv4 addresses */
} zones[] = {
    {"public.test", {"203.0.114.1"}, NULL, 0},
    {"loopback.test", {"127.0.0.1"}, NULL, 0},
    {"private.test", {"10.1.2.3"}, NULL, 0},
    {"shared.test", {"100.64.0.1"}, NULL, 0},
    {"link-local.test", {"169.254.10.10"}, NULL, 0},
    {"zero.test", {"0.0.0.0"}, NULL, 0},
    {"metadata.google.internal", {"169.254.169.254"}, NULL, 0},
    {"metadata-too.test", {"fd00:ec2::254"}, NULL, 0},
    {"loopback-six.test", {"::1"}, NULL, 0},
    {"mapped.test", {"::ffff:127.0.0.1"}, NULL, 0},
    {"compatible.test", {"::127.0.0.1"}, NULL, 0},
    {"nat64.test", {"64:ff9b::7f00:1"}, NULL, 0},
    {"six-to-four.test", {"2002:7f00:1::"}, NULL, 0},
    {"teredo.test", {"2001:0:4136:e378:8000:63bf:80ff:fffe"}, NULL, 0},
    {"unique-local.test", {"fd12:3456:789a::1"}, NULL, 0},
    {"all-inwards.test", {"127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"}, NULL, 0},
    {"both.test", {"127.0.0.1", "203.0.114.1"}, NULL, 0},
    {"metadata-and-loopback.test", {"169.254.169.254", "127.0.0.1"}, NULL, 0},
    {"rebinding.test", {"203.0.114.1"}, "127.0.0.1", 0},
    {"wrong-name.test", {"127.0.0.1"}, NULL, 0},
};

static int name_socket = -1;

static struct zone *zone_of(const char *name) {
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        if (strcasecmp(zones[i].name, name) == 0)
            return &zones[i];
    }
    return NULL;
}

/* "\6public\4test\0" as text; gives the bytes that it took. */
static size_t read_name(const unsigned char *at, size_t len, char name[256]) {
    size_t i = 0;
    size_t out = 0;
    while (i < len && at[i] != 0 && i + at[i] + 1 < len && out + at[i] + 1U < 255) {
        if (out > 0)
            name[out++] = '.';
        memcpy(name + out, at + i + 1, at[i]);
        out += at[i];
        i += at[i] + 1U;
    }
    name[out] = '\0';
    return i + 1;
}

static size_t add_address(unsigned char *at, const char *text, unsigned type) {
    unsigned char address[16];
    bool is_v6 = strchr(text, ':') != NULL;
    size_t len = is_v6 ? 16 : 4;
    if (is_v6 != (type == TYPE_AAAA) || inet_pton(is_v6 ? AF_INET6 : AF_INET, text, address) != 1)
        return 0;
    const unsigned char head[12] = {0xC0, 12, 0, (unsigned char)type, 0, 1, 0, 0,
                                    0,    0,  0, (unsigned char)len};
    memcpy(at, head, sizeof head); /* to live 0 seconds */
    memcpy(at + sizeof head, address, len);
    return sizeof head + len;
}

static size_t answer_question(unsigned char *packet, size_t len) {
    char name[256];
    size_t end = 12 + read_name(packet + 12, len - 12, name) + 4;
    unsigned type = end <= len ? packet[end - 3] : 0;
    struct zone *zone = zone_of(name);
    unsigned before = zone != NULL && type == TYPE_A ? atomic_fetch_add(&zone->asked, 1) : 0;
    packet[2] = 0x81;
    packet[3] = zone != NULL ? 0x80 : 0x83; /* no such name */
    memset(packet + 6, 0, 6);
    for (size_t i = 0; zone != NULL && i < ADDRESSES_MAX && zone->addresses[i] != NULL; i++) {
        bool is_later = zone->then != NULL && before > 0;
        size_t more = add_address(packet + end, is_later ? zone->then : zone->addresses[i], type);
        packet[7] = (unsigned char)(packet[7] + (more > 0));
        end += more;
    }
    return end;
}

static void *run_name_server(void *none) {
    unsigned char packet[1500];
    struct sockaddr_in from;
    for (;;) {
        socklen_t from_len = sizeof from;
        ssize_t got = recvfrom(name_socket, packet, 512, 0, (struct sockaddr *)&from, &from_len);
        if (got < 12)
            return none;
        size_t len = answer_question(packet, (size_t)got);
        sendto(name_socket, packet, len, 0, (struct sockaddr *)&from, from_len);
    }
}

/* ---- a server on all addresses of this machine ---- */

static int web_socket = -1;
static unsigned web_port;
static char redirect_to[256]; /* answers with it where it is set */

static void *run_web_server(void *none) {
    for (;;) {
        char request[4096];
        char answer[512];
        int fd = accept(web_socket, NULL, NULL);
        if (fd < 0)
            return none;
        if (recv(fd, request, sizeof request, 0) > 0) {
            int len =
                redirect_to[0] != '\0'
                    ? snprintf(answer, sizeof answer,
                               "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: "
                               "close\r\n\r\n",
                               redirect_to)
                    : snprintf(answer, sizeof answer,
                               "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
            send(fd, answer, (size_t)len, MSG_NOSIGNAL);
        }
        close(fd);
    }
}

/* ---- the namespace ---- */

static bool set_address(int fd, const char *interface, const char *address) {
    struct ifreq request = {.ifr_flags = 0};
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    inet_pton(AF_INET, address, &v4.sin_addr);
    memcpy(&request.ifr_addr, &v4, sizeof v4);
    return ioctl(fd, SIOCSIFADDR, &request) == 0;
}

static bool bring_up(void) {
    struct ifreq up = {.ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    snprintf(up.ifr_name, sizeof up.ifr_name, "lo");
    bool is_up = ioctl(fd, SIOCSIFFLAGS, &up) == 0 && set_address(fd, "lo:1", "203.0.114.1");
    close(fd);
    return is_up;
}

/* Only this process sees the files that it puts in the place of the system's. */
static bool replace(const char *path, const char *text) {
    char temporary[] = "/tmp/chatelaine-resolve-XXXXXX";
    int fd = mkstemp(temporary);
    bool is_done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
                   mount(temporary, path, NULL, MS_BIND, NULL) == 0;
    close(fd);
    unlink(temporary);
    return is_done;
}

/* Root, or whoever may be it in a namespace. */
static bool leave_the_world(void) {
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0)
        return false;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && bring_up() &&
           replace("/etc/resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n") &&
           replace("/etc/nsswitch.conf", "hosts: dns\n");
}

static int bound(int type, unsigned port, unsigned *given) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof any;
    int fd = socket(AF_INET, type, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &len), 0);
    if (given != NULL)
        *given = ntohs(any.sin_port);
    return fd;
}

/* ---- this side ---- */

static pthread_t name_thread;
static pthread_t web_thread;
static struct egress *strict;
static struct egress *relaxed; /* with --allow-private-egress */
static struct peer *tls_peer;

static void handle_tls(struct peer_exchange *exchange, void *user) {
    (void)user;
    peer_answer(exchange, "200 OK", "", STR("hello"));
}

static int set_up(void **state) {
    (void)state;
    name_socket = bound(SOCK_DGRAM, 53, NULL);
    web_socket = bound(SOCK_STREAM, 0, &web_port);
    assert_int_equal(listen(web_socket, 16), 0);
    assert_int_equal(pthread_create(&name_thread, NULL, run_name_server, NULL), 0);
    assert_int_equal(pthread_create(&web_thread, NULL, run_web_server, NULL), 0);
    tls_peer = peer_start(handle_tls, NULL, true);
    struct egress_options options = {0};
    assert_int_equal(egress_start(&options, &strict), OK);
    options = (struct egress_options){.is_private_allowed = true,
                                      .extra_ca_file = str_from(peer_certificate_file(tls_peer))};
    assert_int_equal(egress_start(&options, &relaxed), OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    egress_stop(strict);
    egress_stop(relaxed);
    peer_stop(tls_peer);
    shutdown(web_socket, SHUT_RDWR);
    shutdown(name_socket, SHUT_RDWR);
    pthread_join(web_thread, NULL);
    pthread_join(name_thread, NULL);
    close(web_socket);
    close(name_socket);
    return 0;
}

/* Asks http://<host>:<port>/ and gives the word of what came of it. */
static const char *ask(struct egress *egress, struct arena *arena, const char *scheme, const char *host,
                       unsigned port) {
    struct fetch fetch = {.egress = egress, .arena = arena};
    fetch.request = (struct egress_request){.url = arena_print(arena, "%s://%s:%u/", scheme, host, port),
                                            .timeout_ms = 5000,
                                            .connect_timeout_ms = 1000,
                                            .max_redirects = 3};
    in_fiber(fetch_run_wait, &fetch);
    return egress_problem_word(fetch.answer.problem);
}

static void test_names_that_lead_inwards(void **state) {
    (void)state;
    static const char *const names[] = {
        "loopback.test",     "private.test",     "shared.test",
        "link-local.test",   "zero.test",        "metadata-too.test",
        "loopback-six.test", "mapped.test",      "compatible.test",
        "nat64.test",        "six-to-four.test", "teredo.test",
        "unique-local.test", "all-inwards.test", "metadata.google.internal",
    };
    AUTO_ARENA arena = arena_new();
    assert_string_equal(ask(strict, arena, "http", "public.test", web_port), "fine");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *word = ask(strict, arena, "http", names[i], web_port);
        if (strcmp(word, "address-refused") != 0)
            fail_msg("%s: %s", names[i], word);
    }
    assert_string_equal(ask(strict, arena, "http", "no-such.test", web_port), "name-not-resolved");
}

/* The metadata services stay out of reach also where private addresses are allowed; what else a name has is
 * tried. */
static void test_private_names_where_they_are_allowed(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    assert_string_equal(ask(relaxed, arena, "http", "loopback.test", web_port), "fine");
    assert_string_equal(ask(relaxed, arena, "http", "metadata.google.internal", web_port), "address-refused");
    assert_string_equal(ask(relaxed, arena, "http", "metadata-too.test", web_port), "address-refused");
    assert_string_equal(ask(relaxed, arena, "http", "zero.test", web_port), "address-refused");
    assert_string_equal(ask(relaxed, arena, "http", "metadata-and-loopback.test", web_port), "fine");
    assert_string_equal(ask(strict, arena, "http", "both.test", web_port), "fine"); /* at the public one */
}

/* What is looked at is the address of the connection: there is no second look-up whose answer could differ.
 */
static void test_rebinding(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct zone *zone = zone_of("rebinding.test");
    assert_string_equal(ask(strict, arena, "http", "rebinding.test", web_port), "fine");
    assert_int_equal(zone->asked, 1);
    struct egress *fresh; /* which remembers no name */
    struct egress_options options = {0};
    assert_int_equal(egress_start(&options, &fresh), OK);
    assert_string_equal(ask(fresh, arena, "http", "rebinding.test", web_port), "address-refused");
    assert_int_equal(zone->asked, 2);
    egress_stop(fresh);
}

static void test_redirects_inwards(void **state) {
    (void)state;
    static const struct {
        const char *to;
        const char *word;
    } hops[] = {
        {"http://metadata.google.internal/computeMetadata/v1/", "address-refused"},
        {"http://169.254.169.254/latest/meta-data/", "address-refused"},
        {"http://[fd00:ec2::254]/latest/meta-data/", "address-refused"},
        {"http://2852039166/latest/meta-data/", "address-refused"},
        {"http://0xA9FEA9FE/", "address-refused"},
        {"http://[::ffff:a9fe:a9fe]/", "address-refused"},
        {"http://100.100.100.200/latest/", "address-refused"},
        {"http://loopback.test/", "address-refused"},
        {"http://localhost/", "name-not-resolved"}, /* "hosts: dns" has none; elsewhere it is 127.0.0.1 */
        {"http://127.1/", "address-refused"},
        {"http://[::1]/", "address-refused"},
        {"file:///etc/passwd", "redirect-refused"},
        {"gopher://127.0.0.1:6379/_FLUSHALL", "redirect-refused"},
        {"dict://127.0.0.1:11211/stat", "redirect-refused"},
        {"ftp://loopback.test/", "redirect-refused"},
        {"ldap://loopback.test/", "redirect-refused"},
        {"smb://loopback.test/", "redirect-refused"},
        {"telnet://loopback.test/", "redirect-refused"},
        {"scp://loopback.test/", "redirect-refused"},
        {"data:text/plain,x", "redirect-refused"},
        {"http://user@public.test/", "redirect-refused"},
        {"http://public.test@127.0.0.1/", "redirect-refused"},
        {"http://127.0.0.1#@public.test/", "address-refused"},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        snprintf(redirect_to, sizeof redirect_to, "%s", hops[i].to);
        const char *word = ask(strict, arena, "http", "public.test", web_port);
        if (strcmp(word, hops[i].word) != 0 &&
            !(strcmp(hops[i].to, "http://localhost/") == 0 && strcmp(word, "address-refused") == 0))
            fail_msg("%s: %s", hops[i].to, word);
    }
    snprintf(redirect_to, sizeof redirect_to, "http://public.test:%u/again", web_port);
    assert_string_equal(ask(strict, arena, "http", "public.test", web_port), "too-many-redirects");
    redirect_to[0] = '\0';
}

/* A certificate for "localhost" is none for another name of the same address. */
static void test_the_certificate_is_for_the_name(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    assert_string_equal(ask(relaxed, arena, "https", "127.0.0.1", peer_port(tls_peer)), "fine");
    assert_string_equal(ask(relaxed, arena, "https", "wrong-name.test", peer_port(tls_peer)), "tls-failed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_lead_inwards),
        cmocka_unit_test(test_private_names_where_they_are_allowed),
        cmocka_unit_test(test_rebinding),
        cmocka_unit_test(test_redirects_inwards),
        cmocka_unit_test(test_the_certificate_is_for_the_name),
    };
    if (!leave_the_world()) {
        fprintf(stderr, "This user may not have a network namespace here.\n");
        return 77; /* skipped */
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
