/* SPDX-License-Identifier: Apache-2.0 */
/* hello_server --record: says what each request was read as, and answers 200 with its target. */
#pragma once

#include "http/http.h"

void recorder_handle(struct exchange *exchange);
