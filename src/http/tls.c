/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "http/connection.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum {
    PAIRS_MAX = 64,
    TICKET_KEY_LIFE_S = 12 * 3600, /* then it only opens old tickets, for as long again */
    TICKET_NAME_LEN = 16,
};

struct pair {
    char *certificate_file;
    char *key_file;
    SSL_CTX *context;
};

struct ticket_key {
    unsigned char name[TICKET_NAME_LEN];
    unsigned char cipher_key[32];
    unsigned char mac_key[32];
    int64_t made_s; /* 0: there is none */
};

struct http_tls {
    pthread_mutex_t lock; /* taken once a handshake, and by who reloads */
    struct pair pairs[PAIRS_MAX];
    size_t count;
    struct ticket_key tickets[2]; /* the current and the one before */
};

/* ---- session tickets (RFC 5077, RFC 8446 section 4.6.1) ---- */

static void rotate_tickets(struct http_tls *tls) {
    int64_t now = clock_monotonic_us() / 1000000 + 1;
    if (tls->tickets[0].made_s != 0 && now - tls->tickets[0].made_s < TICKET_KEY_LIFE_S)
        return;
    mem_wipe(&tls->tickets[1], sizeof tls->tickets[1]);
    bool is_recent = tls->tickets[0].made_s != 0 && now - tls->tickets[0].made_s < 2 * TICKET_KEY_LIFE_S;
    if (is_recent)
        tls->tickets[1] = tls->tickets[0];
    random_bytes(tls->tickets[0].name, TICKET_NAME_LEN);
    random_bytes(tls->tickets[0].cipher_key, sizeof tls->tickets[0].cipher_key);
    random_bytes(tls->tickets[0].mac_key, sizeof tls->tickets[0].mac_key);
    tls->tickets[0].made_s = now;
}

/* 0: unknown; 1: current; 2: old, so that a new ticket is given out as well. */
static int find_ticket_key(struct http_tls *tls, bool is_new, const unsigned char *name,
                           struct ticket_key *key) {
    pthread_mutex_lock(&tls->lock);
    rotate_tickets(tls);
    int found = 0;
    for (int i = 0; i < 2 && found == 0; i++) {
        const struct ticket_key *candidate = &tls->tickets[i];
        if (candidate->made_s != 0 && (is_new || memcmp(candidate->name, name, TICKET_NAME_LEN) == 0)) {
            *key = *candidate;
            found = i + 1;
        }
    }
    pthread_mutex_unlock(&tls->lock);
    return found;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int is_new) {
    struct http_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct ticket_key key;
    int found = find_ticket_key(tls, is_new != 0, name, &key);
    if (found == 0)
        return 0;
    if (is_new != 0) {
        memcpy(name, key.name, TICKET_NAME_LEN);
        random_bytes(iv, 16);
    }
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac_key, sizeof key.mac_key),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    bool is_fine =
        EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher_key, iv, is_new != 0 ? 1 : 0) == 1 &&
        EVP_MAC_CTX_set_params(mac, parameters) == 1;
    mem_wipe(&key, sizeof key);
    return is_fine ? found : -1;
}

/* ---- contexts ---- */

/* RFC 7301: we speak nothing but http/1.1; who insists on something else is told so. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                   unsigned in_len, void *data) {
    (void)ssl;
    (void)data;
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* The first pair whose certificate has the name; the first of all where none has. */
static int on_server_name(SSL *ssl, int *alert, void *data) {
    (void)alert;
    struct http_tls *tls = data;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    pthread_mutex_lock(&tls->lock);
    for (size_t i = 0; i < tls->count; i++) {
        X509 *certificate = SSL_CTX_get0_certificate(tls->pairs[i].context);
        if (X509_check_host(certificate, name, 0, 0, NULL) != 1)
            continue;
        SSL_set_SSL_CTX(ssl, tls->pairs[i].context);
        break;
    }
    pthread_mutex_unlock(&tls->lock);
    return SSL_TLSEXT_ERR_OK;
}

static void configure(SSL_CTX *context, struct http_tls *tls) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* TLS 1.2 with forward secrecy and an AEAD only; 1.3 has nothing else. */
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"http", 4);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
    SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
    SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
    SSL_CTX_set_tlsext_servername_arg(context, tls);
    SSL_CTX_set_app_data(context, tls);
    SSL_CTX_set_num_tickets(context, 1);
}

static enum status fail(const char *file, enum status status, const char *reason) {
    log_event(LOG_ERROR, "tls-failed", LOG_STR("file", str_from(file)), LOG_STR("reason", str_from(reason)));
    ERR_clear_error();
    return status;
}

static enum status load(struct http_tls *tls, const char *certificate_file, const char *key_file,
                        SSL_CTX **out) {
    if (access(certificate_file, R_OK) != 0)
        return fail(certificate_file, NOT_FOUND, "the certificate cannot be read");
    if (access(key_file, R_OK) != 0)
        return fail(key_file, NOT_FOUND, "the key cannot be read");
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return fail(certificate_file, FAILED, "OpenSSL gives no context");
    configure(context, tls);
    enum status status = OK;
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1)
        status = fail(certificate_file, INVALID, "it holds no certificate chain in PEM form");
    else if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1)
        status =
            fail(key_file, INVALID, "it holds no private key in PEM form, or one of another certificate");
    else if (SSL_CTX_check_private_key(context) != 1)
        status = fail(key_file, INVALID, "the key does not belong to the certificate");
    if (status == OK)
        *out = context;
    else
        SSL_CTX_free(context);
    return status;
}

static char *copy_path(struct str path) {
    char *copy = mem_alloc_zero(path.len + 1);
    if (path.len > 0)
        memcpy(copy, path.at, path.len);
    return copy;
}

enum status http_tls_add(struct http_tls *tls, struct str certificate_file, struct str key_file) {
    if (tls->count == PAIRS_MAX)
        return TOO_LARGE;
    struct pair pair = {copy_path(certificate_file), copy_path(key_file), NULL};
    enum status status = load(tls, pair.certificate_file, pair.key_file, &pair.context);
    if (status != OK) {
        mem_free(pair.certificate_file);
        mem_free(pair.key_file);
        return status;
    }
    tls->pairs[tls->count++] = pair;
    return OK;
}

enum status http_tls_new(struct str certificate_file, struct str key_file, struct http_tls **out) {
    struct http_tls *tls = mem_alloc_zero(sizeof *tls);
    pthread_mutex_init(&tls->lock, NULL);
    enum status status = http_tls_add(tls, certificate_file, key_file);
    if (status != OK) {
        http_tls_free(tls);
        tls = NULL;
    }
    *out = tls;
    return status;
}

/* All or none: a half-written pair of files must not replace one that works. */
enum status http_tls_reload(struct http_tls *tls) {
    SSL_CTX *loaded[PAIRS_MAX] = {NULL};
    enum status status = OK;
    for (size_t i = 0; i < tls->count && status == OK; i++)
        status = load(tls, tls->pairs[i].certificate_file, tls->pairs[i].key_file, &loaded[i]);
    if (status == OK) {
        pthread_mutex_lock(&tls->lock);
        for (size_t i = 0; i < tls->count; i++) {
            SSL_CTX *old = tls->pairs[i].context;
            tls->pairs[i].context = loaded[i];
            loaded[i] = old;
        }
        pthread_mutex_unlock(&tls->lock);
    }
    for (size_t i = 0; i < tls->count; i++)
        SSL_CTX_free(loaded[i]);
    return status;
}

void http_tls_free(struct http_tls *tls) {
    if (tls == NULL)
        return;
    for (size_t i = 0; i < tls->count; i++) {
        SSL_CTX_free(tls->pairs[i].context);
        mem_free(tls->pairs[i].certificate_file);
        mem_free(tls->pairs[i].key_file);
    }
    pthread_mutex_destroy(&tls->lock);
    mem_wipe(tls->tickets, sizeof tls->tickets);
    mem_free(tls);
}

SSL *tls_accept(struct http_tls *tls, int fd) {
    ERR_clear_error();
    pthread_mutex_lock(&tls->lock);
    SSL *ssl = SSL_new(tls->pairs[0].context);
    pthread_mutex_unlock(&tls->lock);
    if (ssl != NULL && SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    if (ssl != NULL)
        SSL_set_accept_state(ssl);
    return ssl;
}
