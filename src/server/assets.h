/* SPDX-License-Identifier: Apache-2.0 */
/* The built pages (the widget, later the dashboard), compiled into the binary. The table is generated from
 * build/web by scripts/embed-assets.mjs; where the pages were not built, server/assets_none.c gives an empty
 * one. */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Every slice points into the binary and lives as long as it does. */
struct web_asset {
    struct str path;         /* as requested: "/widget.js", "/assets/chat.3f9c2a81.js" */
    struct str content_type; /* with its charset, for the header as it stands */
    struct str etag; /* with W/ and quotes, for the header as it stands; one for all encodings, therefore weak
                        (RFC 9110 8.8.3) */
    bool is_immutable;   /* the path holds a hash of the content: Cache-Control: public, max-age=31536000,
                          * immutable.   The others: public, max-age=300 and the etag */
    struct str identity; /* the bytes as they are */
    struct str gzip;     /* compressed beforehand; STR_NONE where that saves nothing. Answer with Vary:
                            Accept-Encoding */
    struct str brotli;
};

/* The generated table is assembly and writes this layout: six slices and one flag, eight bytes each word. */
_Static_assert(sizeof(struct web_asset) == 104, "scripts/embed-assets.mjs writes another layout");

/* Sorted by path (bytes), for a binary search. Pages of other origins load them as modules, so they are
 * served with Access-Control-Allow-Origin: * and Cross-Origin-Resource-Policy: cross-origin (they hold
 * nothing secret). */
extern const struct web_asset web_assets[];
extern const size_t web_asset_count;
