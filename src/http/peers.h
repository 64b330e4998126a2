/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: how many connections each client has, by address (IPv6 by network). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct peers {
    struct peers_row {
        uint8_t key[16];
        uint32_t count; /* 0: free */
    } * rows;           /* open addressing, a power of two */
    size_t capacity;
    size_t used;
    uint64_t seed; /* so that nobody can choose addresses that collide */
};

void peers_init(struct peers *peers);
void peers_free(struct peers *peers);
uint32_t peers_count(const struct peers *peers, const uint8_t key[16]);
void peers_add(struct peers *peers, const uint8_t key[16]);
void peers_remove(struct peers *peers, const uint8_t key[16]); /* one that was added */
