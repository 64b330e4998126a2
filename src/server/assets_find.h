/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: looking the built pages up. */
#pragma once

#include "server/assets.h"

const struct web_asset *assets_find(struct str path); /* NULL: there is none */
const struct web_asset *
assets_find_prefix(struct str prefix); /* the first whose path begins so; NULL: none */
