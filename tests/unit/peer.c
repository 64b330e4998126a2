/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/peer.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    void (*handle)(struct peer_exchange *exchange, void *user);
    void *user;
    int listener;
    unsigned port;
    pthread_t thread;
    SSL_CTX *tls;
    char certificate_file[64];
    _Atomic bool is_stopping;
    _Atomic unsigned open;
};

struct peer_exchange {
    struct peer *peer;
    int fd;
    SSL *tls;
    struct buffer request;
};

static void must(bool is_fine, const char *what) {
    if (!is_fine) {
        fprintf(stderr, "peer: %s\n", what);
        abort();
    }
}

/* ---- bytes ---- */

static ssize_t receive(struct peer_exchange *exchange, char *at, size_t len) {
    return exchange->tls != NULL ? SSL_read(exchange->tls, at, (int)len) : recv(exchange->fd, at, len, 0);
}

bool peer_write(struct peer_exchange *exchange, struct str bytes) {
    while (bytes.len > 0) {
        ssize_t sent = exchange->tls != NULL ? SSL_write(exchange->tls, bytes.at, (int)bytes.len)
                                             : send(exchange->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0 || atomic_load(&exchange->peer->is_stopping))
            return false;
        bytes = str_from_index(bytes, (size_t)sent);
    }
    return true;
}

bool peer_pause(struct peer_exchange *exchange, int ms) {
    for (int waited = 0; waited <= ms; waited += 5) {
        struct pollfd gone = {.fd = exchange->fd, .events = POLLRDHUP};
        if (poll(&gone, 1, ms < 5 ? ms : 5) > 0 || atomic_load(&exchange->peer->is_stopping))
            return false;
    }
    return true;
}

bool peer_answer(struct peer_exchange *exchange, const char *status, const char *headers, struct str body) {
    struct buffer text = BUFFER_EMPTY;
    buffer_print(&text, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n", status, body.len,
                 headers);
    buffer_append(&text, body);
    bool is_sent = peer_write(exchange, buffer_text(&text));
    buffer_free(&text);
    return is_sent;
}

struct str peer_path(const struct peer_exchange *exchange) {
    struct str rest = buffer_text(&exchange->request);
    struct str piece = STR_NONE;
    return str_cut(&rest, ' ', &piece) && str_cut(&rest, ' ', &piece) ? piece : STR_NONE;
}

struct str peer_request(const struct peer_exchange *exchange) {
    return buffer_text(&exchange->request);
}

/* ---- a connection ---- */

static size_t content_length(struct str head) {
    size_t at = str_find(head, STR("Content-Length: "));
    return at == STR_NOT_FOUND ? 0 : strtoul(head.at + at + 16, NULL, 10);
}

static bool read_request(struct peer_exchange *exchange) {
    char piece[4096];
    for (;;) {
        ssize_t got = receive(exchange, piece, sizeof piece);
        if (got <= 0)
            return false;
        buffer_append(&exchange->request, str_of(piece, (size_t)got));
        struct str text = buffer_text(&exchange->request);
        if (text.at[0] < 'A' || text.at[0] > 'Z')
            return false; /* TLS, to a server that speaks none */
        size_t end = str_find(text, STR("\r\n\r\n"));
        if (end != STR_NOT_FOUND && text.len >= end + 4 + content_length(str_slice(text, 0, end + 4)))
            return true;
    }
}

static void *run_exchange(void *argument) {
    struct peer_exchange *exchange = argument;
    struct peer *peer = exchange->peer;
    bool is_ready = true;
    if (peer->tls != NULL) {
        exchange->tls = SSL_new(peer->tls);
        SSL_set_fd(exchange->tls, exchange->fd);
        is_ready = SSL_accept(exchange->tls) == 1;
    }
    if (is_ready && read_request(exchange))
        peer->handle(exchange, peer->user);
    if (exchange->tls != NULL) {
        SSL_shutdown(exchange->tls);
        SSL_free(exchange->tls);
    }
    shutdown(exchange->fd, SHUT_WR);
    close(exchange->fd);
    buffer_free(&exchange->request);
    mem_free(exchange);
    atomic_fetch_sub(&peer->open, 1);
    return NULL;
}

static void *run_listener(void *argument) {
    struct peer *peer = argument;
    while (!atomic_load(&peer->is_stopping)) {
        struct pollfd ready = {.fd = peer->listener, .events = POLLIN};
        if (poll(&ready, 1, 20) <= 0)
            continue;
        int fd = accept(peer->listener, NULL, NULL);
        if (fd < 0)
            continue;
        struct timeval limit = {.tv_sec = 20};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        struct peer_exchange *exchange = mem_alloc_zero(sizeof *exchange);
        exchange->peer = peer;
        exchange->fd = fd;
        atomic_fetch_add(&peer->open, 1);
        pthread_t thread;
        must(pthread_create(&thread, NULL, run_exchange, exchange) == 0, "no thread");
        pthread_detach(thread);
    }
    return NULL;
}

/* ---- life ---- */

static X509 *certificate_new(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    must(X509_sign(certificate, key, EVP_sha256()) > 0, "no certificate");
    return certificate;
}

static void set_up_tls(struct peer *peer) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *certificate = certificate_new(key);
    peer->tls = SSL_CTX_new(TLS_server_method());
    must(SSL_CTX_use_certificate(peer->tls, certificate) == 1 && SSL_CTX_use_PrivateKey(peer->tls, key) == 1,
         "no TLS");
    snprintf(peer->certificate_file, sizeof peer->certificate_file, "/tmp/chatelaine-peer-XXXXXX");
    int fd = mkstemp(peer->certificate_file);
    FILE *file = fdopen(fd, "w");
    must(file != NULL && PEM_write_X509(file, certificate) == 1 && fclose(file) == 0, "no certificate file");
    X509_free(certificate);
    EVP_PKEY_free(key);
}

struct peer *peer_start(void (*handle)(struct peer_exchange *exchange, void *user), void *user,
                        bool with_tls) {
    struct peer *peer = mem_alloc_zero(sizeof *peer);
    peer->handle = handle;
    peer->user = user;
    if (with_tls) {
        signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
        set_up_tls(peer);
    }
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    must(bind(peer->listener, (struct sockaddr *)&address, len) == 0 && listen(peer->listener, 1024) == 0,
         "no port");
    getsockname(peer->listener, (struct sockaddr *)&address, &len);
    peer->port = ntohs(address.sin_port);
    must(pthread_create(&peer->thread, NULL, run_listener, peer) == 0, "no thread");
    return peer;
}

void peer_stop(struct peer *peer) {
    atomic_store(&peer->is_stopping, true);
    pthread_join(peer->thread, NULL);
    while (atomic_load(&peer->open) > 0)
        usleep(2000);
    close(peer->listener);
    if (peer->tls != NULL) {
        SSL_CTX_free(peer->tls);
        unlink(peer->certificate_file);
    }
    mem_free(peer);
}

unsigned peer_port(const struct peer *peer) {
    return peer->port;
}

const char *peer_certificate_file(const struct peer *peer) {
    return peer->certificate_file;
}
