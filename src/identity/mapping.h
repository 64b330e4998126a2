/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "identity/identity.h"

enum { MAPPING_MAX = 64, MAPPING_NAME_MAX = 64, CLAIM_PATH_MAX = 256 };

struct mapping_rule {
    struct str name;   /* what tools and model see */
    struct str member; /* the name as it begins a member of JSON: quoted, with its colon */
    struct str path;   /* where it comes from */
};

struct identity_mapping {
    struct mapping_rule *rules;
    size_t count;
};

/* identity_claim_at for claims read in place. */
const struct json_item *claim_at(const struct json_item *claims, struct str path);

/* NULL where `path` may stand in settings, else what is wrong with it, as a sentence. */
const char *claim_path_problem(struct str path);

/* One segment of a JSON pointer as text (RFC 6901 section 3), for naming places in errors. */
struct str pointer_segment(struct arena *arena, struct str name);
/* The other way round, as a copy. */
struct str mapping_unescape(struct arena *arena, struct str segment);
