/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PIECES_AT_ONCE = 16 };

static bool is_again(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* What SSL_get_error says of a call that did not succeed. */
static int tls_result(struct connection *connection, int result) {
    switch (SSL_get_error(connection->tls, result)) {
    case SSL_ERROR_WANT_READ:
        return TRANSPORT_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        connection->tls_wants_write = true;
        return TRANSPORT_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return TRANSPORT_END;
    default:
        return TRANSPORT_BROKEN; /* an end without close_notify, too: it may be a truncation */
    }
}

ssize_t transport_read(struct connection *connection, char *at, size_t len) {
    ssize_t got;
    if (connection->tls != NULL) {
        ERR_clear_error();
        connection->tls_wants_write = false;
        size_t count = 0;
        int result = SSL_read_ex(connection->tls, at, len, &count);
        got = result == 1 ? (ssize_t)count : tls_result(connection, result);
    } else {
        got = recv(connection->io.fd, at, len, 0);
        if (got < 0)
            return is_again(errno) ? TRANSPORT_AGAIN : TRANSPORT_BROKEN;
    }
    if (got > 0)
        COUNT(connection->listener, bytes_in, got);
    return got;
}

ssize_t transport_drop(struct connection *connection) {
    struct pool *pool = &connection->listener->pool;
    struct block *block = pool_take(pool);
    ssize_t got = recv(connection->io.fd, block->bytes, block->capacity, 0);
    bool may_come_later = got < 0 && is_again(errno);
    block->end = got > 0 ? (size_t)got : 0;
    pool_give(pool, block);
    if (got < 0)
        return may_come_later ? TRANSPORT_AGAIN : TRANSPORT_BROKEN;
    COUNT(connection->listener, bytes_in, got);
    return got;
}

bool transport_has_pending(const struct connection *connection) {
    return connection->tls != NULL && SSL_pending(connection->tls) > 0;
}

static ssize_t write_plain(struct connection *connection) {
    struct iovec pieces[PIECES_AT_ONCE];
    struct block *block = connection->output.first;
    if (block->next == NULL)
        return send(connection->io.fd, block->at + block->start, block->end - block->start, MSG_NOSIGNAL);
    size_t count = 0;
    for (; block != NULL && count < PIECES_AT_ONCE; block = block->next) {
        pieces[count].iov_base = (void *)(uintptr_t)(block->at + block->start);
        pieces[count++].iov_len = block->end - block->start;
    }
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    return sendmsg(connection->io.fd, &message, MSG_NOSIGNAL);
}

ssize_t transport_write(struct connection *connection) {
    ssize_t sent;
    struct block *block = connection->output.first;
    if (connection->tls != NULL) {
        ERR_clear_error();
        size_t count = 0;
        int result =
            SSL_write_ex(connection->tls, block->at + block->start, block->end - block->start, &count);
        sent = result == 1 ? (ssize_t)count : tls_result(connection, result);
        if (sent == TRANSPORT_END)
            sent = TRANSPORT_BROKEN;
    } else {
        sent = write_plain(connection);
        if (sent < 0)
            return is_again(errno) ? TRANSPORT_AGAIN : TRANSPORT_BROKEN;
    }
    if (sent > 0) {
        COUNT(connection->listener, bytes_out, sent);
        output_drop_front(&connection->output, &connection->listener->pool, (size_t)sent);
    }
    return sent;
}

int transport_handshake(struct connection *connection) {
    ERR_clear_error();
    connection->tls_wants_write = false;
    int result = SSL_do_handshake(connection->tls);
    if (result == 1) {
        COUNT(connection->listener, tls_handshakes, 1);
        return 1;
    }
    int what = tls_result(connection, result);
    if (what == TRANSPORT_AGAIN)
        return TRANSPORT_AGAIN;
    COUNT(connection->listener, tls_failed, 1);
    return TRANSPORT_BROKEN;
}

/* The header stands before TLS, so it is taken from the socket to the byte: looked at, read, and then
 * removed. */
int transport_read_proxy_header(struct connection *connection) {
    char bytes[PROXY_HEADER_MAX];
    ssize_t got = recv(connection->io.fd, bytes, sizeof bytes, MSG_PEEK);
    if (got == 0)
        return TRANSPORT_BROKEN;
    if (got < 0)
        return is_again(errno) ? TRANSPORT_AGAIN : TRANSPORT_BROKEN;
    size_t len = 0;
    enum status status = proxy_header_parse(str_of(bytes, (size_t)got), &len, &connection->peer);
    if (status == UNAVAILABLE) {
        /* Peeked bytes would wake the loop for ever: more of them do, and the time for a head is bounded. */
        int least = (int)got + 1;
        setsockopt(connection->io.fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least);
        return TRANSPORT_AGAIN;
    }
    if (status != OK || recv(connection->io.fd, bytes, len, 0) != (ssize_t)len)
        return TRANSPORT_BROKEN;
    int one = 1;
    setsockopt(connection->io.fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
    return 1;
}

void transport_shut(struct connection *connection) {
    if (connection->tls != NULL && connection->phase == PHASE_OPEN) {
        ERR_clear_error();
        SSL_shutdown(connection->tls); /* close_notify; the peer's own is not waited for */
    }
    shutdown(connection->io.fd, SHUT_WR);
}

void transport_close(struct connection *connection) {
    if (connection->tls != NULL) {
        ERR_clear_error();
        if (connection->phase == PHASE_OPEN && !connection->is_broken)
            SSL_shutdown(connection->tls);
        SSL_free(connection->tls);
        connection->tls = NULL;
    }
    close(connection->io.fd);
}

size_t transport_in_kernel(const struct connection *connection) {
    int count = 0;
    return ioctl(connection->io.fd, SIOCOUTQ, &count) == 0 && count > 0 ? (size_t)count : 0;
}
