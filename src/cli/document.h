/* SPDX-License-Identifier: Apache-2.0 */
/* `chatelaine tool` and `chatelaine knowledge`: named documents of an environment, with the same four
 * commands. */
#pragma once

#include "cli/installation.h"

int document_put(struct cli *cli, enum store_document_kind kind);
int document_list(struct cli *cli, enum store_document_kind kind);
int document_show(struct cli *cli, enum store_document_kind kind);
int document_remove(struct cli *cli, enum store_document_kind kind);
