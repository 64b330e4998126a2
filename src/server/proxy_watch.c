/* SPDX-License-Identifier: Apache-2.0 */
#include "server/proxy_watch.h"

#include "base/log.h"

#include <string.h>

enum { NOT_SEEN, BEING_WRITTEN, SEEN };

/* Of anybody else the headers may be their own invention. RFC 1918, RFC 3927, RFC 4193, RFC 4291. */
static bool is_near(const struct http_address *address) {
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    const uint8_t *ip = address->ip;
    if (http_address_is_loopback(address))
        return true;
    if (memcmp(ip, mapped, sizeof mapped) != 0)
        return (ip[0] & 0xFEU) == 0xFC || (ip[0] == 0xFE && (ip[1] & 0xC0U) == 0x80);
    return ip[12] == 10 || (ip[12] == 172 && (ip[13] & 0xF0U) == 16) || (ip[12] == 192 && ip[13] == 168) ||
           (ip[12] == 169 && ip[13] == 254);
}

void proxy_watch(const struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    struct process *process = front_of(exchange)->process;
    bool names_client = request->known[HTTP_X_FORWARDED_FOR] != 0 || request->known[HTTP_FORWARDED] != 0;
    if (!names_client || request->is_by_trusted_proxy ||
        atomic_load_explicit(&process->proxy_state, memory_order_relaxed) != NOT_SEEN ||
        !is_near(&request->peer))
        return;
    int expected = NOT_SEEN;
    if (!atomic_compare_exchange_strong(&process->proxy_state, &expected, BEING_WRITTEN))
        return;
    process->proxy_seen = request->peer;
    atomic_store_explicit(&process->proxy_state, SEEN, memory_order_release);
    AUTO_ARENA arena = arena_new();
    log_event(
        LOG_WARNING, "proxy-not-trusted", LOG_STR("address", http_address_text(arena, &request->peer)),
        LOG_STR("hint", STR("It says for whom it speaks, and is not believed: all its visitors count as one. "
                            "If it is yours, list it in --trusted-proxies.")));
}

bool proxy_watch_read(const struct process *process, struct http_address *address) {
    if (atomic_load_explicit(&process->proxy_state, memory_order_acquire) != SEEN)
        return false;
    *address = process->proxy_seen;
    return true;
}
