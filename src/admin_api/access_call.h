/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: what the routes of signing in, accounts and administrators share. */
#pragma once

#include "admin_api/call.h"

struct access_credentials credentials_of(const struct call *call);

/* True where it is OK. Else it has answered: DENIED what `refusal` says, other statuses what call_refuse
 * does. */
bool is_done(struct call *call, enum status status, const struct access_refusal *refusal);

/* 403 where the caller is no administrator signed in or with a token: the command line has no account. */
NODISCARD bool call_demand_account(struct call *call);

/* The answer of GET /session, with the cookies of what has just begun. */
FIBER void answer_signed_in_wait(struct call *call, unsigned status,
                                 const struct access_signed_in *signed_in);
void add_cookie(struct call *call, struct str cookie);

/* [{"product", "productName", "role"}], from the text that is stored. Grants over products that are gone, or
 * that `viewer` does not see, are left out. */
FIBER json_t *grants_json_wait(struct call *call, const struct access_principal *viewer, struct str roles);
/* Reads `roles` of the body. False: it has answered. NULL where the body has none. */
NODISCARD bool read_grants(struct call *call, const struct access_grant **grants, size_t *count);

/* Members that account, session and administrators have alike. */
FIBER void set_person_wait(struct call *call, const struct access_principal *viewer, json_t *json,
                           const struct store_administrator *administrator);
