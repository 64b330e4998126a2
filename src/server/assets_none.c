/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the place of the generated table where the pages were not built: the server then has no pages to
 * give. */
#include "server/assets.h"

const struct web_asset web_assets[1] = {{.path = {NULL, 0}}};
const size_t web_asset_count = 0;
