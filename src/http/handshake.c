/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake as a server must check it: RFC 6455 section 4.2.1, in the order of its list. */
#include "base/encode.h"
#include "http/frame.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

/* Base64 of 16 bytes: 22 characters and "==", with no stray bits in the last. */
static bool key_is_valid(struct str key) {
    unsigned char bytes[18];
    if (key.len != 24 || !str_ends_with(key, STR("==")) || str_find_byte(key, '=') != 22)
        return false;
    if (EVP_DecodeBlock(bytes, (const unsigned char *)key.at, (int)key.len) != 18)
        return false;
    unsigned char again[25];
    EVP_EncodeBlock(again, bytes, 16);
    return memcmp(again, key.at, 24) == 0;
}

unsigned frame_check_handshake(const struct http_request *request, char accept[28]) {
    if (request->method != HTTP_GET)
        return 405;
    if (request->minor_version != 1)
        return 400;
    if (!request->wants_websocket)
        return 426;
    if (request->has_body)
        return 400;
    if (!str_equal(http_header(request, HTTP_SEC_WEBSOCKET_VERSION), STR("13")))
        return 426; /* section 4.2.2: with the version we speak */
    struct str key = http_header(request, HTTP_SEC_WEBSOCKET_KEY);
    if (!key_is_valid(key))
        return 400;
    static const unsigned char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char keyed[24 + sizeof guid - 1];
    unsigned char digest[SHA_DIGEST_LENGTH];
    unsigned char encoded[29];
    memcpy(keyed, key.at, 24);
    memcpy(keyed + 24, guid, sizeof guid - 1);
    SHA1(keyed, sizeof keyed, digest);
    EVP_EncodeBlock(encoded, digest, sizeof digest);
    memcpy(accept, encoded, 28);
    return 0;
}
