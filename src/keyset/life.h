/* SPDX-License-Identifier: Apache-2.0 */
/* How long a key set lives, and when it is fetched again. Pure. */
#pragma once

#include "keyset/keyset.h"

/* The options with every default filled in. */
struct keyset_options life_defaults(const struct keyset_options *options);

/* A JWK set lives as long as the options say, or for a shorter max-age. A map of certificates says so itself
 * (`cache_control` may be STR_NONE): its keys are rotated by that clock. RFC 9111 sections 5.2.2.1, 5.2.2.4
 * and 5.2.2.5. */
int64_t life_of(const struct keyset_options *options, bool is_certificate_map, struct str cache_control);

/* Milliseconds after a good fetch: about 80 % of the life. `chance` is uniform in [0, 1000). */
int64_t life_until_refresh(int64_t life_ms, unsigned chance);

/* Milliseconds after the given number of failures in a row, 1 or more: doubling from the option's, up to 5
 * minutes. */
int64_t life_until_retry(const struct keyset_options *options, unsigned failures, unsigned chance);
