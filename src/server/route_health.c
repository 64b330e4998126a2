/* SPDX-License-Identifier: Apache-2.0 */
/* For whoever watches over the process: /healthz (it lives) and /readyz (send it requests). */
#include "server/answer.h"
#include "server/routes.h"

void route_healthz(struct exchange *exchange) {
    answer_json(exchange, 200, STR("{\"status\":\"ok\"}"));
}

static void answer_not_ready(struct exchange *exchange, struct str why) {
    const struct problem problem = {.status = 503, .code = STR("not-ready"), .sentence = why};
    answer_problem(exchange, &problem);
}

static void run_readyz(struct exchange *exchange) {
    struct store *store = front_of(exchange)->process->store;
    enum status status = store_ping_wait(store);
    struct str why = store_trouble(store);
    if (status == OK)
        answer_json(exchange, 200, STR("{\"status\":\"ready\"}"));
    else if (status != CANCELED)
        answer_not_ready(exchange, str_is_empty(why) ? STR("The database does not answer.") : why);
}

void route_readyz(struct exchange *exchange) {
    struct process *process = front_of(exchange)->process;
    if (!atomic_load(&process->is_started))
        answer_not_ready(exchange, STR("The server is starting."));
    else if (atomic_load(&process->is_draining))
        answer_not_ready(exchange, STR("The server is going away."));
    else
        route_start_fiber(exchange, run_readyz);
}
