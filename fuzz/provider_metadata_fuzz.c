/* SPDX-License-Identifier: Apache-2.0 */
/* An OpenID Connect provider's metadata from anywhere: what is taken is of the issuer that was asked for, and
 * names keys that may be fetched. */
#include "admin_api/discovery.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str issuer = STR("https://login.acme.example");
    struct discovery found;
    struct discovery_problem problem = {NULL, STR_NONE};
    if (discovery_read(arena, str_of(data, size), issuer, false, &found, &problem) != OK) {
        require(problem.code != NULL && problem.sentence.len > 0 && str_is_utf8(problem.sentence));
        return 0;
    }
    require(str_equal(found.issuer, issuer) && str_starts_with(found.key_set_url, STR("https://")));
    require(found.key_set_url.len <= 2048 && str_find_byte(found.key_set_url, ' ') == STR_NOT_FOUND);
    require(json_is_array(found.signing_algorithms));
    return 0;
}
