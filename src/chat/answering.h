/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: which messages are being answered. Safe from any thread. */
#pragma once

#include "chat/chat.h"

/* False: somebody is at it already. */
NODISCARD bool answering_begin(struct chat_answering *answering, struct str message);
void answering_end(struct chat_answering *answering, struct str message);
