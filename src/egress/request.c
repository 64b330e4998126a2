/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of libcurl for one hop, and what a caller may ask of us. */
#include "egress/address.h"
#include "egress/thread.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>

/* ---- what may be sent ---- */

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

static bool is_known_method(const char *method) {
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool is_letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter_or_digit && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return s.len > 0;
}

/* RFC 9110 section 5.5, without bytes over 0x7E: nobody agrees on what they mean. */
static bool is_field_value(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c != '\t' && (c < 0x20 || c > 0x7E))
            return false;
    }
    return true;
}

/* These say how the message is carried, which is libcurl's to decide. */
static bool is_framing(struct str name) {
    static const struct str names[] = {STR_STATIC("host"),       STR_STATIC("content-length"),
                                       STR_STATIC("connection"), STR_STATIC("transfer-encoding"),
                                       STR_STATIC("upgrade"),    STR_STATIC("te"),
                                       STR_STATIC("trailer"),    STR_STATIC("expect"),
                                       STR_STATIC("keep-alive"), STR_STATIC("proxy-connection")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_equal_ignore_case(name, names[i]))
            return true;
    }
    return false;
}

bool request_is_sendable(const struct egress_request *request) {
    if (request->method != NULL && !is_known_method(request->method))
        return false;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct egress_header *header = &request->headers[i];
        if (!is_token(header->name) || !is_field_value(header->value) || is_framing(header->name))
            return false;
    }
    return true;
}

/* ---- the address, looked at twice ---- */

static bool is_allowed(const struct transfer *transfer, const struct sockaddr *address, socklen_t len) {
    return address_is_allowed(address, len,
                              transfer->is_private_allowed || transfer->egress->thread.is_private_allowed);
}

/* Before a connection is made, with the address that it will be made to: a name that resolves to something
 * else by now cannot get past this. */
static curl_socket_t on_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    struct transfer *transfer = user;
    if (purpose != CURLSOCKTYPE_IPCXN || !is_allowed(transfer, &address->addr, (socklen_t)address->addrlen)) {
        transfer->problem = EGRESS_ADDRESS_REFUSED;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Before the request is sent: a connection that is used again was perhaps made for somebody who may do more.
 */
static int on_before_request(void *user, char *remote_ip, char *local_ip, int remote_port, int local_port) {
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    struct transfer *transfer = user;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool allowed = false;
    if (inet_pton(AF_INET, remote_ip, &v4.sin_addr) == 1)
        allowed = is_allowed(transfer, (const struct sockaddr *)&v4, sizeof v4);
    else if (inet_pton(AF_INET6, remote_ip, &v6.sin6_addr) == 1)
        allowed = is_allowed(transfer, (const struct sockaddr *)&v6, sizeof v6);
    if (!allowed) {
        transfer->problem = EGRESS_ADDRESS_REFUSED;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->problem =
        EGRESS_FINE; /* another of the name's addresses may have been refused on the way here */
    return CURL_PREREQFUNC_OK;
}

static CURLcode on_tls_context(CURL *easy, void *context, void *user) {
    (void)easy;
    struct transfer *transfer = user;
    SSL_CTX_set1_cert_store(context, thread_trusted(&transfer->egress->thread));
    return CURLE_OK;
}

/* ---- options ---- */

static bool append_header(struct transfer *transfer, struct str name, struct str value) {
    /* libcurl's way to send a header without a value is a semicolon. */
    struct str pieces[] = {name, value.len > 0 ? STR(": ") : STR(";"), value};
    struct str line = arena_join(transfer->arena, 3, pieces);
    struct curl_slist *list = curl_slist_append(transfer->header_list, line.at);
    if (list != NULL)
        transfer->header_list = list;
    return list != NULL;
}

static bool has_header(const struct transfer *transfer, struct str name) {
    for (size_t i = 0; i < transfer->header_count; i++) {
        if (str_equal_ignore_case(transfer->headers[i].name, name))
            return true;
    }
    return false;
}

/* Other origins, to which a redirect led, get nothing that was meant for the first. */
static bool list_headers(struct transfer *transfer) {
    curl_slist_free_all(transfer->header_list);
    transfer->header_list = curl_slist_append(NULL, "Expect:"); /* no waiting for 100 Continue */
    if (transfer->header_list == NULL)
        return false;
    for (size_t i = 0; i < transfer->header_count; i++) {
        const struct egress_header *header = &transfer->headers[i];
        bool is_sent = !transfer->has_left_origin || str_equal_ignore_case(header->name, STR("accept"));
        if (is_sent && !append_header(transfer, header->name, header->value))
            return false;
    }
    return has_header(transfer, STR("content-type")) ||
           curl_slist_append(transfer->header_list, "Content-Type:") != NULL;
}

static CURLcode apply_method(const struct transfer *transfer) {
    CURL *easy = transfer->easy;
    if (strcmp(transfer->method, "GET") == 0)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    if (strcmp(transfer->method, "HEAD") == 0)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body.len);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body.at);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->method);
    return code;
}

static CURLcode apply_limits(const struct transfer *transfer) {
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)transfer->connect_timeout_ms);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->max_bytes);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION,
                                0L); /* transfer.c follows, with a look at each hop */
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none, whatever the environment says */
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, transfer->is_sent_once ? 1L : 0L);
    if (code == CURLE_OK) /* a name that is still being looked up must not hold up the thread when its
                             transfer ends */
        code = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    return code;
}

static CURLcode apply_guards(struct transfer *transfer) {
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_before_request);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    return code;
}

enum egress_problem request_apply(struct transfer *transfer) {
    if (!list_headers(transfer))
        return EGRESS_BAD_REQUEST;
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, transfer->url.text);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_USERAGENT, "Chatelaine/" CHATELAINE_VERSION);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->header_list);
    if (code == CURLE_OK)
        code = apply_method(transfer);
    if (code == CURLE_OK)
        code = apply_limits(transfer);
    if (code == CURLE_OK)
        code = apply_guards(transfer);
    return code == CURLE_OK ? EGRESS_FINE : EGRESS_BAD_REQUEST;
}
