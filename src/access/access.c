/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access.h"

enum status access_authenticate_wait(struct access *access, struct arena *arena,
                                     const struct access_credentials *credentials,
                                     const struct access_principal **principal,
                                     struct access_refusal *refusal) {
    (void)access;
    (void)arena;
    (void)credentials;
    (void)refusal;
    *principal = NULL;
    return NOT_FOUND;
}
