/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of the library's details, which never change, beside those of the server, which may. */
#pragma once

#include "identity/identity.h"

#include <chatelaine/chatelaine.h>

enum chatelaine_detail
words_detail(enum identity_detail detail); /* 0 where there is none: a test sees to it */
bool words_find(enum chatelaine_detail detail, enum identity_detail *internal);
