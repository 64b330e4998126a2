/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file, read: which environments it describes, and where the secrets stand that they need.
 *
 *   { "product": "acme", "environment": "live", "config": {…}, "tools": […], "knowledge": […],
 *     "secrets": { "model-key": { "$env": "OPENAI_KEY" } } }
 *
 * or `"environments": [ … ]` with several of these, which take `product` from the whole where they have none.
 */
#pragma once

#include "cli/source.h"

struct plan_secret {
    struct str name;
    struct str from;    /* "$OPENAI_KEY" or "the file keys/openai": for people */
    struct str value;   /* empty where `problem` says why */
    struct str problem; /* empty: none */
    struct str pointer; /* into the file */
};

struct plan_target {
    struct str product, environment; /* names; the environment may be an id */
    struct str pointer;              /* where it stands in the file */
    json_t *document;                /* config, tools and knowledge, as far as the file has them */
    struct plan_secret *secrets;
    size_t secret_count;
};

struct plan {
    struct plan_target *targets;
    size_t count;
};

/* What `place` names by --product and --environment goes before what the file says; in a file of several
 * environments it picks those of that name. False: it was said what is wrong, all of it. A secret that cannot
 * be had is only noted. */
NODISCARD bool plan_read(struct cli *cli, const struct source *source, const struct place *place,
                         struct plan *plan, int *exit_status);

/* Complains of the secrets that cannot be had. False: there are some. */
NODISCARD bool plan_has_secrets(const struct cli *cli, const struct source *source, const struct plan *plan,
                                int *exit_status);
