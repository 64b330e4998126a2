/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: the table of routes, and the handlers that it names. */
#pragma once

#include "server/front.h"

/* What the listener calls for every request. */
void routes_handle(struct exchange *exchange);
/* The same for the listener that is the operator's alone. */
void routes_handle_metrics(struct exchange *exchange);

/* Handles the request in a fiber; where there is no room for another one, it is answered 503. */
void route_start_fiber(struct exchange *exchange, void (*run)(struct exchange *exchange));

/* The piece of the path that a pattern's {id} stands for, of the route that is being handled. */
struct str route_parameter(const struct exchange *exchange, struct str pattern);

/* The admin API stands below this. */
#define ADMIN_PREFIX "/admin/v1"
bool route_is_admin(struct str path);

/* Whether the dashboard's page is at this address. */
bool route_is_dashboard(struct str path);
/* The headers of that page, beside those of any asset; at most 4. How many. */
size_t route_dashboard_headers(struct exchange *exchange, struct http_header *headers);

/* ---- handlers: one file a subject ---- */
void route_admin(struct exchange *exchange);
void route_sdk_config(struct exchange *exchange);
void route_session(struct exchange *exchange);
void route_chat(struct exchange *exchange);
void route_conversations(struct exchange *exchange);
void route_conversation_messages(struct exchange *exchange);
void route_verify(struct exchange *exchange);
void route_authorize(struct exchange *exchange);
void route_asset(struct exchange *exchange);
void route_healthz(struct exchange *exchange);
void route_readyz(struct exchange *exchange);
void route_metrics(struct exchange *exchange);
void route_private_metrics(struct exchange *exchange);
