/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors who chat, each on a WebSocket of its own: asks, waits for the answer's end, thinks, asks again.
 * One thread, little work a frame, so that what is measured is the server and not who asks. Prints one JSON
 * object. usage: chat_load PORT TARGET VISITORS THINK-MS SECONDS [TOKENS-FILE]
 * THINK-MS is the mean of an exponential distribution; 0 asks again at once. With a file of tokens, one a
 * line, the visitors sign in first.
 * usage: chat_load commit FILE PAGES     what one commit costs: as many pages of a write-ahead log, written
 * one by one as SQLite does, each behind its head, then fdatasync, in a file that does not grow. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INPUT = 128 * 1024, VISITORS_MAX = 4096, OUTPUT = 32 * 1024, ADDRESSES = 250 };

enum stage { CONNECTING, STARTING, SIGNING_IN, THINKING, ASKING };

struct visitor {
    int socket;
    enum stage stage;
    unsigned asked;
    int64_t at_ns; /* thinking: when it asks; asking: since when it waits */
    int64_t accepted_ns;
    char *input;
    size_t len;
    char *token; /* NULL: anonymous */
};

static struct {
    struct visitor *visitors;
    unsigned count;
    unsigned ready; /* have had their first answer */
    const char *target;
    double think_ns;
    int poll;
    int64_t begun_ns, end_ns; /* of what is measured; 0: not yet */
    float *accepted, *done;   /* µs */
    size_t turns, room;
    uint64_t frames, bytes;
} run;

static void fail(const char *what) {
    fprintf(stderr, "chat_load: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double processor_us(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* ---- frames out: masked with zeros (RFC 6455 asks for a mask, not for which) ---- */

static void send_all(const struct visitor *visitor, const char *bytes, size_t len) {
    if (send(visitor->socket, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail("a question could not be sent at once");
}

static void send_text(const struct visitor *visitor, const char *text, size_t len) {
    static char frame[OUTPUT];
    size_t head = len < 126 ? 6 : 8;
    if (len + head > sizeof frame)
        fail("a frame is too long");
    memset(frame, 0, head);
    frame[0] = (char)0x81;
    frame[1] = (char)(0x80 | (len < 126 ? len : 126));
    if (len >= 126) {
        frame[2] = (char)(len >> 8);
        frame[3] = (char)len;
    }
    memcpy(frame + head, text, len);
    send_all(visitor, frame, head + len);
}

static void ask(struct visitor *visitor) {
    char text[160];
    int len =
        snprintf(text, sizeof text,
                 "{\"type\":\"message.send\",\"id\":\"m%u\",\"text\":\"What are your business hours?\"}",
                 ++visitor->asked);
    visitor->stage = ASKING;
    visitor->at_ns = now_ns();
    send_text(visitor, text, (size_t)len);
}

static void sign_in(struct visitor *visitor) {
    static char text[OUTPUT / 2];
    int len = snprintf(text, sizeof text, "{\"type\":\"auth.upgrade\",\"id\":\"a\",\"token\":\"%s\"}",
                       visitor->token);
    visitor->stage = SIGNING_IN;
    send_text(visitor, text, (size_t)len);
}

static void think(struct visitor *visitor) {
    double share = ((double)random() + 1) / ((double)RAND_MAX + 2);
    visitor->stage = THINKING;
    visitor->at_ns = now_ns() + (int64_t)(-log(share) * run.think_ns);
}

/* ---- frames in ---- */

static bool is_type(const char *text, size_t len, const char *type) {
    static const char before[] = "{\"type\":\"";
    size_t prefix = sizeof before - 1;
    size_t type_len = strlen(type);
    return len > prefix + type_len && memcmp(text, before, prefix) == 0 &&
           memcmp(text + prefix, type, type_len) == 0 && text[prefix + type_len] == '"';
}

static void answered(struct visitor *visitor) {
    int64_t now = now_ns();
    if (visitor->asked == 1)
        run.ready++;
    else if (run.begun_ns > 0 && visitor->at_ns >= run.begun_ns && run.turns < run.room) {
        run.accepted[run.turns] = (float)(visitor->accepted_ns - visitor->at_ns) / 1000;
        run.done[run.turns++] = (float)(now - visitor->at_ns) / 1000;
    }
    if (run.begun_ns == 0) {
        visitor->stage = THINKING;
        visitor->at_ns = INT64_MAX; /* until all are there */
    } else if (run.think_ns > 0) {
        think(visitor);
    } else if (now < run.end_ns) {
        ask(visitor);
    }
}

static void take_frame(struct visitor *visitor, const char *text, size_t len) {
    run.frames++;
    if (is_type(text, len, "error") || is_type(text, len, "auth.failed"))
        fprintf(stderr, "chat_load: %.*s\n", (int)len, text), exit(1);
    if (visitor->stage == STARTING && is_type(text, len, "session.started"))
        visitor->token != NULL ? sign_in(visitor) : ask(visitor);
    else if (visitor->stage == SIGNING_IN && is_type(text, len, "auth.upgraded"))
        ask(visitor);
    else if (visitor->stage == ASKING && is_type(text, len, "message.accepted"))
        visitor->accepted_ns = now_ns();
    else if (visitor->stage == ASKING && is_type(text, len, "assistant.done"))
        answered(visitor);
}

/* How many bytes of the front are a whole frame (or the answer to the handshake); 0: not all of it is there.
 */
static size_t take_front(struct visitor *visitor, const char *at, size_t len) {
    if (visitor->stage == CONNECTING) {
        const char *end = memmem(at, len, "\r\n\r\n", 4);
        if (end == NULL)
            return 0;
        if (memcmp(at, "HTTP/1.1 101 ", 13) != 0)
            fail("the handshake was refused");
        visitor->stage = STARTING;
        return (size_t)(end - at) + 4;
    }
    size_t head = 2;
    if (len < head)
        return 0;
    size_t size = (unsigned char)at[1];
    if (size == 126) {
        head = 4;
        if (len < head)
            return 0;
        size = (size_t)(unsigned char)at[2] << 8 | (unsigned char)at[3];
    }
    if (size == 127 || head + size > INPUT)
        fail("a frame is longer than this program takes");
    if (len < head + size)
        return 0;
    if ((unsigned char)at[0] == 0x81)
        take_frame(visitor, at + head, size);
    return head + size;
}

static void receive(struct visitor *visitor) {
    ssize_t got = recv(visitor->socket, visitor->input + visitor->len, INPUT - visitor->len, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0)
        fail("a connection was lost");
    run.bytes += (uint64_t)got;
    visitor->len += (size_t)got;
    size_t at = 0;
    for (size_t taken; (taken = take_front(visitor, visitor->input + at, visitor->len - at)) > 0;)
        at += taken;
    visitor->len -= at;
    memmove(visitor->input, visitor->input + at, visitor->len);
}

/* ---- the run ---- */

static void arrive(unsigned number, unsigned port) {
    struct visitor *visitor = &run.visitors[number];
    const int on = 1;
    visitor->input = malloc(INPUT);
    visitor->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* A server takes so many connections from one address; all of 127/8 is this machine. */
    const struct sockaddr_in from = {.sin_family = AF_INET,
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number % ADDRESSES)};
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (visitor->input == NULL || visitor->socket < 0 ||
        bind(visitor->socket, (const struct sockaddr *)&from, sizeof from) != 0 ||
        connect(visitor->socket, (const struct sockaddr *)&to, sizeof to) != 0)
        fail("connect");
    setsockopt(visitor->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    if (epoll_ctl(run.poll, EPOLL_CTL_ADD, visitor->socket, &event) != 0)
        fail("epoll_ctl");
    char head[1024];
    int len = snprintf(head, sizeof head,
                       "GET %s HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       run.target);
    if (len < 0 || (size_t)len >= sizeof head)
        fail("the target is too long");
    send_all(visitor, head, (size_t)len);
}

static void read_tokens(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    char *line = NULL;
    size_t room = 0;
    for (unsigned i = 0; i < run.count; i++) {
        ssize_t len = getline(&line, &room, file);
        if (len < 2)
            fail("there are fewer tokens than visitors");
        line[len - 1] = line[len - 1] == '\n' ? '\0' : line[len - 1];
        run.visitors[i].token = strdup(line);
    }
    free(line);
    fclose(file);
}

/* Asks for those whose time has come; gives the time until the next one's. */
static struct timespec ask_due(void) {
    int64_t now = now_ns();
    int64_t next = now + 100 * 1000000;
    for (unsigned i = 0; i < run.count; i++) {
        struct visitor *visitor = &run.visitors[i];
        if (visitor->stage != THINKING)
            continue;
        if (visitor->at_ns <= now && now < run.end_ns)
            ask(visitor);
        else if (visitor->at_ns < next)
            next = visitor->at_ns > now ? visitor->at_ns : next;
    }
    return (struct timespec){.tv_nsec = (long)(next - now)};
}

static void begin_measuring(double seconds) {
    run.begun_ns = now_ns();
    run.end_ns = run.begun_ns + (int64_t)(seconds * 1e9);
    for (unsigned i = 0; i < run.count; i++)
        think(&run.visitors[i]);
}

static int by_value(const void *a, const void *b) {
    float left = *(const float *)a;
    float right = *(const float *)b;
    return (left > right) - (left < right);
}

static void print_values(const char *name, float *values, size_t count) {
    qsort(values, count, sizeof *values, by_value);
    double last = (double)(count - 1);
    printf("\"%s\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}", name,
           (double)values[(size_t)(last * 0.5)], (double)values[(size_t)(last * 0.9)],
           (double)values[(size_t)(last * 0.99)], (double)values[count - 1]);
}

static void write_page(int file, off_t at) {
    enum { HEAD = 24, PAGE = 4096 };
    static const char bytes[PAGE];
    if (pwrite(file, bytes, HEAD, at * (HEAD + PAGE)) != HEAD ||
        pwrite(file, bytes, PAGE, at * (HEAD + PAGE) + HEAD) != PAGE)
        fail("a page could not be written");
}

static int measure_commits(const char *path, size_t pages) {
    enum { PLACES = 50, COMMITS = 5 * PLACES };
    static float values[COMMITS];
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        fail(path);
    for (size_t i = 0; i < PLACES + COMMITS; i++) {
        int64_t begun = now_ns();
        for (size_t page = 0; page < pages; page++)
            write_page(file, (off_t)(i % PLACES * pages + page));
        if (fdatasync(file) != 0)
            fail(path);
        if (i >= PLACES) /* from now on the file is as long as it gets */
            values[i - PLACES] = (float)(now_ns() - begun) / 1000;
    }
    unlink(path);
    printf("{");
    print_values("commit", values, COMMITS);
    printf("}\n");
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "commit") == 0)
        return measure_commits(argv[2], strtoul(argv[3], NULL, 10));
    if (argc < 6)
        return fputs("usage: chat_load PORT TARGET VISITORS THINK-MS SECONDS [TOKENS-FILE]\n", stderr), 2;
    run.target = argv[2];
    run.count = (unsigned)strtoul(argv[3], NULL, 10);
    run.think_ns = strtod(argv[4], NULL) * 1e6;
    double seconds = strtod(argv[5], NULL);
    if (run.count == 0 || run.count > VISITORS_MAX)
        fail("too many visitors, or none");
    run.room = (size_t)(seconds * 100000) + run.count;
    run.visitors = calloc(run.count, sizeof *run.visitors);
    run.accepted = calloc(run.room, sizeof *run.accepted);
    run.done = calloc(run.room, sizeof *run.done);
    run.poll = epoll_create1(EPOLL_CLOEXEC);
    if (run.visitors == NULL || run.accepted == NULL || run.done == NULL || run.poll < 0)
        fail("no memory");
    if (argc > 6)
        read_tokens(argv[6]);
    for (unsigned i = 0; i < run.count; i++)
        arrive(i, (unsigned)strtoul(argv[1], NULL, 10));

    double processor = 0;
    while (run.begun_ns == 0 || now_ns() < run.end_ns) {
        struct epoll_event events[256];
        if (run.begun_ns == 0 && run.ready == run.count) {
            begin_measuring(seconds);
            processor = processor_us();
            run.frames = run.bytes = 0;
            printf("begun\n"); /* who started this can look at the server's counters now */
            fflush(stdout);
        }
        struct timespec wait = ask_due();
        int count = epoll_pwait2(run.poll, events, 256, &wait, NULL);
        for (int i = 0; i < count; i++)
            receive(&run.visitors[events[i].data.u32]);
    }
    if (run.turns == 0)
        fail("no turn was finished");
    printf("{\"turns\":%zu,\"seconds\":%.3f,", run.turns, (double)(now_ns() - run.begun_ns) / 1e9);
    print_values("accepted", run.accepted, run.turns);
    printf(",");
    print_values("done", run.done, run.turns);
    double turns = (double)run.turns;
    printf(",\"framesATurn\":%.1f,\"bytesATurn\":%.0f,\"clientMicroseconds\":%.1f}\n",
           (double)run.frames / turns, (double)run.bytes / turns, (processor_us() - processor) / turns);
    return 0;
}
