/* SPDX-License-Identifier: Apache-2.0 */
#include <chatelaine/chatelaine.h>

const char *chatelaine_version(void) {
    return CHATELAINE_VERSION;
}
