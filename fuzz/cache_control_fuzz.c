/* SPDX-License-Identifier: Apache-2.0 */
/* Cache-Control of a key set's answer: whatever it says, a set lives within its bounds. */
#include "keyset/life.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct keyset_options options = life_defaults(&(struct keyset_options){.life_ms = 0});
    struct str header = str_of(data, size);
    int64_t life = life_of(&options, true, header);
    if (life < options.life_least_ms || life > options.life_most_ms)
        abort();
    int64_t life_of_jwks =
        life_of(&options, false, header); /* which may be shorter than usual, never longer */
    if (life_of_jwks < options.life_floor_ms || life_of_jwks > options.life_ms)
        abort();
    for (unsigned chance = 0; chance < 1000; chance += 333) {
        int64_t until = life_until_refresh(life, chance);
        if (until <= 0 || until >= life || life_until_refresh(life_of_jwks, chance) >= life_of_jwks)
            abort();
        if (life_until_retry(&options, (unsigned)size + 1, chance) <= 0)
            abort();
    }
    return 0;
}
