/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics, in Prometheus' text form. Each front thread copies its own numbers when asked; so counting
 * costs no lock. */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/job.h"
#include "base/memory.h"
#include "server/answer.h"
#include "server/routes.h"

/* A question to a front thread. */
struct question {
    struct job job;
    struct front *front;
    struct verifier_metrics verifier;
    struct chat_metrics chat;
    uint64_t environments;
};

/* Everything, added up. */
struct sums {
    struct http_metrics http;
    struct verifier_metrics verifier;
    struct chat_metrics chat;
    uint64_t environments;
};

/* Where the server is going away, the question may come when the thread has ended and its parts are freed. */
static void work(struct job *job) {
    struct question *question = (struct question *)job;
    if (atomic_load(&question->front->process->is_draining)) {
        job_done(job);
        return;
    }
    verifier_read_metrics(question->front->verifier, &question->verifier);
    question->chat = *chat_read_metrics(question->front->chat);
    question->environments = environment_cache_count(question->front->environments);
    job_done(job);
}

static void free_question(struct job *job) {
    mem_free(job);
}

static void add_verifier(struct verifier_metrics *sum, const struct verifier_metrics *one) {
    sum->remembered += one->remembered;
    sum->verified += one->verified;
    sum->entries += one->entries;
    for (size_t i = 0; i < IDENTITY_REASONS; i++)
        sum->refused[i] += one->refused[i];
}

static void add_chat(struct chat_metrics *sum, const struct chat_metrics *one) {
    sum->sessions += one->sessions;
    sum->turns += one->turns;
    sum->turns_failed += one->turns_failed;
    sum->messages_verified += one->messages_verified;
    sum->messages_anonymous += one->messages_anonymous;
    sum->tools_ok += one->tools_ok;
    sum->tools_refused += one->tools_refused;
    sum->tools_failed += one->tools_failed;
    sum->sign_ins_asked += one->sign_ins_asked;
}

static void add_http(struct http_metrics *sum, const struct http_metrics *one) {
    sum->connections_accepted += one->connections_accepted;
    sum->connections_open += one->connections_open;
    sum->connections_idle += one->connections_idle;
    sum->websockets_open += one->websockets_open;
    sum->refused_full += one->refused_full;
    sum->refused_address += one->refused_address;
    sum->requests += one->requests;
    sum->requests_refused += one->requests_refused;
    sum->timed_out += one->timed_out;
    sum->bytes_in += one->bytes_in;
    sum->bytes_out += one->bytes_out;
    for (size_t i = 1; i < 6; i++)
        sum->answers[i] += one->answers[i];
}

static enum status ask_front(struct front *front, struct sums *sums) {
    struct question *question = mem_alloc_zero(sizeof *question);
    question->job.work = work;
    question->job.free = free_question;
    question->front = front;
    TRY(job_wait(&question->job, front->loop));
    struct http_metrics http;
    http_listener_metrics(front->listener, &http);
    add_http(&sums->http, &http);
    add_verifier(&sums->verifier, &question->verifier);
    add_chat(&sums->chat, &question->chat);
    sums->environments += question->environments;
    mem_free(question);
    return OK;
}

/* ---- the text ---- */

static void write_one(struct buffer *text, const char *name, const char *type, const char *help,
                      uint64_t value) {
    buffer_print(text, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
                 (unsigned long long)value);
}

static void write_head(struct buffer *text, const char *name, const char *help) {
    buffer_print(text, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

static void write_labelled(struct buffer *text, const char *name, const char *label, const char *value,
                           uint64_t count) {
    buffer_print(text, "%s{%s=\"%s\"} %llu\n", name, label, value, (unsigned long long)count);
}

static void write_http(struct buffer *text, const struct http_metrics *http) {
    static const char *const classes[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
    write_one(text, "chatelaine_connections_accepted_total", "counter", "Connections taken.",
              http->connections_accepted);
    write_one(text, "chatelaine_connections_open", "gauge", "Connections open now.", http->connections_open);
    write_one(text, "chatelaine_connections_idle", "gauge", "HTTP connections between requests.",
              http->connections_idle);
    write_one(text, "chatelaine_websockets_open", "gauge", "WebSockets open now.", http->websockets_open);
    write_one(text, "chatelaine_connections_refused_total", "counter",
              "Connections refused: full, or too many from one address.",
              http->refused_full + http->refused_address);
    write_one(text, "chatelaine_requests_total", "counter", "Requests that reached a handler.",
              http->requests);
    write_one(text, "chatelaine_requests_refused_total", "counter",
              "Requests that were malformed, ambiguous or too large.", http->requests_refused);
    write_one(text, "chatelaine_timeouts_total", "counter", "Connections closed for slowness.",
              http->timed_out);
    write_one(text, "chatelaine_bytes_received_total", "counter", "Bytes received.", http->bytes_in);
    write_one(text, "chatelaine_bytes_sent_total", "counter", "Bytes sent.", http->bytes_out);
    write_head(text, "chatelaine_answers_total", "Answers by class of status.");
    for (size_t i = 1; i < 6; i++)
        write_labelled(text, "chatelaine_answers_total", "class", classes[i], http->answers[i]);
}

static void write_verifier(struct buffer *text, const struct verifier_metrics *verifier) {
    write_one(text, "chatelaine_tokens_verified_total", "counter", "Tokens verified by signature.",
              verifier->verified);
    write_one(text, "chatelaine_tokens_remembered_total", "counter",
              "Tokens that were verified before and still hold.", verifier->remembered);
    write_one(text, "chatelaine_tokens_cached", "gauge", "Verified tokens remembered now.",
              verifier->entries);
    write_head(text, "chatelaine_tokens_refused_total", "Tokens refused, by reason.");
    for (int reason = 0; reason < IDENTITY_REASONS; reason++)
        write_labelled(text, "chatelaine_tokens_refused_total", "reason",
                       identity_reason_name((enum identity_reason)reason), verifier->refused[reason]);
}

static void write_chat(struct buffer *text, const struct chat_metrics *chat) {
    write_one(text, "chatelaine_sessions", "gauge", "Chat sessions now.", chat->sessions);
    write_one(text, "chatelaine_turns_total", "counter", "Messages that an assistant was asked to answer.",
              chat->turns);
    write_one(text, "chatelaine_turns_failed_total", "counter", "Of those, without an answer.",
              chat->turns_failed);
    write_one(text, "chatelaine_sign_ins_asked_total", "counter", "Times a visitor was asked to sign in.",
              chat->sign_ins_asked);
    write_head(text, "chatelaine_messages_total", "Visitors' messages.");
    write_labelled(text, "chatelaine_messages_total", "visitor", "verified", chat->messages_verified);
    write_labelled(text, "chatelaine_messages_total", "visitor", "anonymous", chat->messages_anonymous);
    write_head(text, "chatelaine_tool_calls_total", "Tool calls by outcome.");
    write_labelled(text, "chatelaine_tool_calls_total", "outcome", "ok", chat->tools_ok);
    write_labelled(text, "chatelaine_tool_calls_total", "outcome", "refused", chat->tools_refused);
    write_labelled(text, "chatelaine_tool_calls_total", "outcome", "failed", chat->tools_failed);
}

/* What an alert would look at: 0 where this system does not offer it, or it is switched off. */
static void write_sandbox(struct buffer *text, const struct sandbox *sandbox) {
    buffer_print(text, "# HELP %s %s\n# TYPE %s gauge\n", "chatelaine_sandbox",
                 "Whether the process has given up what it does not need.", "chatelaine_sandbox");
    write_labelled(text, "chatelaine_sandbox", "of", "privileges", sandbox->has_no_new_privileges);
    write_labelled(text, "chatelaine_sandbox", "of", "capabilities", sandbox->has_no_capabilities);
    write_labelled(text, "chatelaine_sandbox", "of", "files", sandbox->landlock > 0);
    write_labelled(text, "chatelaine_sandbox", "of", "calls", sandbox->has_calls);
}

static void write_limits(struct buffer *text, const struct limiter *limiter) {
    write_head(text, "chatelaine_rate_limited_total", "Requests and messages refused by a limit.");
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        write_labelled(text, "chatelaine_rate_limited_total", "limit", limit_kind_name((enum limit_kind)kind),
                       limit_count_refused(limiter, (enum limit_kind)kind));
}

/* A figure of each key set. Of the URLs only the hosts are told: what is behind them may be a tenant's. */
static void write_key_set_figure(struct buffer *text, const struct keyset_health *list, size_t count,
                                 const char *name, const char *help,
                                 int64_t (*figure)(const struct keyset_health *health)) {
    buffer_print(text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    for (size_t i = 0; i < count; i++) {
        int64_t value = figure(&list[i]);
        if (value >= 0) /* else there is none: never fetched, nothing planned */
            buffer_print(text, "%s{set=\"%.*s\"} %lld\n", name, STR_ARG(list[i].label), (long long)value);
    }
}

static int64_t age_of(const struct keyset_health *health) {
    int64_t age = clock_now_s() - health->fetched_at_s;
    return health->fetched_at_s == 0 ? -1 : age < 0 ? 0 : age;
}

static int64_t until_next(const struct keyset_health *health) {
    int64_t left = health->next_try_at_s - clock_now_s();
    return health->next_try_at_s == 0 ? -1 : left < 0 ? 0 : left;
}

static int64_t failures_of(const struct keyset_health *health) {
    return health->failures;
}

static int64_t keys_of(const struct keyset_health *health) {
    return (int64_t)health->key_count;
}

static int64_t staleness_of(const struct keyset_health *health) {
    return health->is_stale;
}

static void write_key_sets(struct buffer *text, struct keyset_registry *registry, struct arena *arena) {
    enum { LISTED_MAX = 1000 };
    struct keyset_health *list = arena_alloc_array(arena, LISTED_MAX, sizeof *list);
    size_t count = keyset_list_health(registry, arena, list, LISTED_MAX);
    write_key_set_figure(text, list, count, "chatelaine_key_set_age_seconds",
                         "Since the last good fetch of a key set.", age_of);
    write_key_set_figure(text, list, count, "chatelaine_key_set_next_fetch_seconds",
                         "Until a key set is fetched anew.", until_next);
    write_key_set_figure(text, list, count, "chatelaine_key_set_failures",
                         "Fetches of a key set that failed since the last good one.", failures_of);
    write_key_set_figure(text, list, count, "chatelaine_key_set_keys", "Usable keys of a key set.", keys_of);
    write_key_set_figure(text, list, count, "chatelaine_key_set_stale",
                         "Whether a key set is in use past its life.", staleness_of);
}

static void write_shared(struct buffer *text, const struct process *process) {
    struct store_statistics store = store_statistics(process->store);
    struct keyset_metrics key_sets;
    keyset_read_metrics(process->key_sets, &key_sets);
    write_one(text, "chatelaine_store_commits_total", "counter", "Transactions on the disk.", store.commits);
    write_one(text, "chatelaine_store_writes_total", "counter", "Writes that were in them.", store.writes);
    write_one(text, "chatelaine_store_reads_total", "counter", "Reads.", store.reads);
    write_one(text, "chatelaine_store_refused_total", "counter", "Reads and writes that did not succeed.",
              store.refused);
    write_one(text, "chatelaine_key_sets", "gauge", "Fetched key sets.", key_sets.sets);
    write_one(text, "chatelaine_key_sets_stale", "gauge",
              "Key sets in use past their life, since fetching fails.", key_sets.stale);
    write_one(text, "chatelaine_key_sets_without_keys", "gauge", "Key sets without usable keys.",
              key_sets.without);
    write_one(text, "chatelaine_key_set_fetches_total", "counter", "Good fetches of key sets.",
              key_sets.fetched);
    write_one(text, "chatelaine_key_set_fetches_failed_total", "counter", "Failed fetches of key sets.",
              key_sets.failed);
    write_one(text, "chatelaine_outgoing_transfers", "gauge", "Outgoing requests under way.",
              egress_count_active(process->egress));
    write_one(text, "chatelaine_uptime_seconds", "gauge", "Seconds since the start.",
              (uint64_t)((clock_now_ms() - process->started_at_ms) / 1000));
}

static void run(struct exchange *exchange) {
    struct process *process = front_of(exchange)->process;
    struct sums sums = {.environments = 0};
    for (size_t i = 0; i < process->front_count; i++) {
        if (ask_front(&process->fronts[i], &sums) != OK)
            return;
    }
    AUTO_BUFFER text = BUFFER_EMPTY;
    write_http(&text, &sums.http);
    write_verifier(&text, &sums.verifier);
    write_chat(&text, &sums.chat);
    write_one(&text, "chatelaine_environments_loaded", "gauge", "Environments in the threads' caches.",
              sums.environments);
    write_sandbox(&text, &process->sandbox);
    write_limits(&text, process->limiter);
    write_shared(&text, process);
    write_key_sets(&text, process->key_sets, exchange_arena(exchange));
    const struct http_header headers[] = {
        {STR("Content-Type"), STR("text/plain; version=0.0.4; charset=utf-8")},
        {STR("Cache-Control"), STR("no-store")}};
    exchange_answer(exchange,
                    &(struct http_response){
                        .status = 200, .headers = headers, .header_count = 2, .body = buffer_text(&text)});
}

void route_private_metrics(struct exchange *exchange) {
    struct process *process = front_of(exchange)->process;
    /* A thread that is ending may not answer any more. */
    if (!atomic_load(&process->is_started) || atomic_load(&process->is_draining))
        answer_unavailable(exchange);
    else
        route_start_fiber(exchange, run);
}

/* Where visitors come, the figures are for this machine alone, and only where nobody has said that they are
 * asked for on somebody's behalf. */
void route_metrics(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    bool is_forwarded = !str_is_empty(http_header(request, HTTP_FORWARDED)) ||
                        !str_is_empty(http_header(request, HTTP_X_FORWARDED_FOR));
    bool is_elsewhere = !str_is_empty(front_of(exchange)->process->options->metrics_listen);
    if (is_elsewhere || is_forwarded || !http_address_is_loopback(&request->peer))
        answer_not_found(exchange);
    else
        route_private_metrics(exchange);
}
