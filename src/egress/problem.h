/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, from libcurl's words to ours and on to a status. */
#pragma once

#include "egress/egress.h"

#include <curl/curl.h>

enum egress_problem problem_from_curl(CURLcode code);
enum status problem_status(enum egress_problem problem);
