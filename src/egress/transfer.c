/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/transfer.h"

#include "base/memory.h"
#include "egress/problem.h"
#include "egress/thread.h"

#include <string.h>

enum {
    DEFAULT_TIMEOUT_MS = 10000,
    DEFAULT_STREAM_TIMEOUT_MS = 120000,
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_MAX_BYTES = 1024 * 1024,
    MOST_REDIRECTS = 3,
    HEAD_MOST = 64 * 1024,          /* bytes of a head, interim answers and trailers included */
    REDIRECT_BODY_MOST = 64 * 1024, /* read and thrown away, so that the connection can be used again */
    STREAM_QUEUE_MOST = 256 * 1024, /* received, but not fetched: then the other side has to wait */
};

/* ---- made by the asker ---- */

static void copy_headers(struct transfer *transfer, const struct egress_request *request) {
    transfer->headers = arena_alloc_array(transfer->arena, request->header_count, sizeof *transfer->headers);
    transfer->header_count = request->header_count;
    for (size_t i = 0; i < request->header_count; i++) {
        transfer->headers[i].name = arena_copy(transfer->arena, request->headers[i].name);
        transfer->headers[i].value = arena_copy(transfer->arena, request->headers[i].value);
    }
}

static int64_t or_default(int64_t value, int64_t fallback) {
    return value > 0 ? value : fallback;
}

struct transfer *transfer_new(struct egress *egress, const struct egress_request *request, bool is_stream) {
    struct transfer *transfer = mem_alloc_zero(sizeof *transfer);
    atomic_init(&transfer->references, 1);
    transfer->egress = egress;
    transfer->arena = arena_new();
    arena_wipe_on_free(transfer->arena); /* headers carry secrets */
    transfer->method = request->method != NULL ? request->method : "GET";
    transfer->is_safe = strcmp(transfer->method, "GET") == 0 || strcmp(transfer->method, "HEAD") == 0;
    copy_headers(transfer, request);
    transfer->body = arena_copy(transfer->arena, request->body);
    transfer->timeout_ms =
        or_default(request->timeout_ms, is_stream ? DEFAULT_STREAM_TIMEOUT_MS : DEFAULT_TIMEOUT_MS);
    transfer->connect_timeout_ms = or_default(request->connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT_MS);
    transfer->idle_timeout_ms = request->idle_timeout_ms;
    transfer->max_bytes = request->max_bytes != 0 ? request->max_bytes : DEFAULT_MAX_BYTES;
    transfer->content_types = request->content_types;
    transfer->max_redirects =
        request->max_redirects < MOST_REDIRECTS ? request->max_redirects : MOST_REDIRECTS;
    transfer->is_private_allowed = request->is_private_allowed;
    transfer->is_sent_once = request->is_sent_once;
    transfer->is_stream = is_stream;
    if (!request_is_sendable(request) || url_read(transfer->arena, request->url, &transfer->url) != OK)
        transfer->problem = EGRESS_BAD_REQUEST;
    return transfer;
}

struct transfer *transfer_refer(struct transfer *transfer) {
    atomic_fetch_add_explicit(&transfer->references, 1, memory_order_relaxed);
    return transfer;
}

void transfer_release(struct transfer *transfer) {
    if (transfer == NULL || atomic_fetch_sub_explicit(&transfer->references, 1, memory_order_acq_rel) != 1)
        return;
    buffer_free(&transfer->received);
    arena_free(transfer->arena);
    mem_free(transfer);
}

/* ---- the end ---- */

static void answer_reader(struct transfer *transfer) {
    struct read_job *reader = transfer->reader;
    if (reader == NULL || (transfer->received.len == 0 && !transfer->is_finished))
        return;
    transfer->reader = NULL;
    reader->chunk = transfer->received;
    transfer->received = BUFFER_EMPTY;
    reader->problem = transfer->problem;
    job_done(&reader->job);
}

static void finish(struct transfer *transfer, enum egress_problem problem) {
    if (transfer->is_finished)
        return;
    struct egress_thread *thread = &transfer->egress->thread;
    transfer->is_finished = true;
    transfer->problem = problem;
    timer_stop(thread->loop, &transfer->deadline);
    timer_stop(thread->loop, &transfer->idle);
    if (transfer->easy != NULL) {
        curl_multi_remove_handle(thread->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
        transfer->easy = NULL;
    }
    curl_slist_free_all(transfer->header_list);
    transfer->header_list = NULL;
    thread_remove(thread, transfer);
    struct job *beginner = transfer->beginner;
    transfer->beginner = NULL;
    if (beginner != NULL) {
        transfer->answer.problem = problem;
        if (!transfer->is_stream && problem == EGRESS_FINE)
            transfer->answer.body = buffer_text(&transfer->received);
        job_done(beginner);
    }
    answer_reader(transfer);
    transfer_release(transfer);
}

void transfer_abort(struct transfer *transfer, enum egress_problem problem) {
    if (transfer->easy != NULL) /* else it never began, or is over */
        finish(transfer, problem);
}

static void on_deadline(struct timer *timer) {
    finish((struct transfer *)((char *)timer - offsetof(struct transfer, deadline)), EGRESS_TIMED_OUT);
}

static void on_idle(struct timer *timer) {
    finish((struct transfer *)((char *)timer - offsetof(struct transfer, idle)), EGRESS_TIMED_OUT);
}

static void expect_bytes(struct transfer *transfer) {
    if (transfer->idle_timeout_ms > 0)
        timer_start(transfer->egress->thread.loop, &transfer->idle, transfer->idle_timeout_ms, on_idle);
}

/* ---- the head ---- */

static struct str header(struct transfer *transfer, const char *name) {
    struct curl_header *found;
    if (curl_easy_header(transfer->easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
        return STR_NONE;
    return arena_copy(transfer->arena, str_from(found->value));
}

static bool content_type_fits(const struct transfer *transfer) {
    if (transfer->content_types == NULL || transfer->answer.status_code / 100 != 2 ||
        transfer->answer.status_code == 204)
        return true;
    struct str rest = transfer->answer.content_type;
    struct str type;
    if (!str_cut(&rest, ';', &type))
        return false;
    type = str_trim(type);
    for (const char *const *accepted = transfer->content_types; *accepted != NULL; accepted++) {
        struct str wanted = str_from(*accepted);
        bool is_suffix = str_starts_with(wanted, STR("+"));
        if (is_suffix && type.len > wanted.len)
            type = str_from_index(type, type.len - wanted.len);
        if (str_equal_ignore_case(type, wanted))
            return true;
    }
    return false;
}

static bool is_redirect(unsigned status_code) {
    return status_code == 301 || status_code == 302 || status_code == 303 || status_code == 307 ||
           status_code == 308;
}

static void read_head(struct transfer *transfer) {
    long status_code = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status_code);
    struct egress_answer *answer = &transfer->answer;
    answer->status_code = (unsigned)status_code;
    answer->content_type = header(transfer, "content-type");
    answer->cache_control = header(transfer, "cache-control");
    answer->retry_after = header(transfer, "retry-after");
    answer->www_authenticate = header(transfer, "www-authenticate");
    answer->location = header(transfer, "location");
    answer->etag = header(transfer, "etag");
    answer->set_cookie = header(transfer, "set-cookie");
    transfer->is_following = transfer->max_redirects > 0 && transfer->is_safe &&
                             is_redirect(answer->status_code) && answer->location.at != NULL;
}

/* RFC 9112 section 6.3: an answer whose length can be read in two ways is none. libcurl takes the last
 * length, ignores it beside chunks, and unpacks transfer codings that nobody asked for. */
static bool length_is_clear(const struct transfer *transfer) {
    struct curl_header *length = NULL;
    struct curl_header *coding = NULL;
    bool has_length =
        curl_easy_header(transfer->easy, "content-length", 0, CURLH_HEADER, -1, &length) == CURLHE_OK;
    bool has_many_lengths = has_length && length->amount > 1; /* the structure is good until the next call */
    if (curl_easy_header(transfer->easy, "transfer-encoding", 0, CURLH_HEADER, -1, &coding) != CURLHE_OK)
        return !has_many_lengths;
    return !has_length && coding->amount == 1 &&
           str_equal_ignore_case(str_trim(str_from(coding->value)), STR("chunked"));
}

/* The final answer's head is there: whoever waits for no more than that goes on. */
static bool complete_head(struct transfer *transfer) {
    read_head(transfer);
    transfer->is_head_complete = true;
    if (!length_is_clear(transfer)) {
        transfer->is_following = false;
        transfer->problem = EGRESS_PROTOCOL_ERROR;
        return false;
    }
    if (transfer->is_following)
        return true;
    if (!content_type_fits(transfer)) {
        transfer->problem = EGRESS_WRONG_CONTENT_TYPE;
        return false;
    }
    if (transfer->is_stream && transfer->beginner != NULL) {
        struct job *beginner = transfer->beginner;
        transfer->beginner = NULL;
        job_done(beginner);
    }
    return true;
}

static size_t on_head_line(char *at, size_t one, size_t len, void *user) {
    (void)one;
    struct transfer *transfer = user;
    expect_bytes(transfer);
    transfer->head_bytes += len;
    if (transfer->head_bytes > HEAD_MOST) {
        transfer->problem = EGRESS_PROTOCOL_ERROR;
        return 0;
    }
    if (transfer->is_head_complete)
        return len; /* a trailer: libcurl keeps them all */
    struct str line = str_of(at, len);
    if (!str_equal(line, STR("\r\n")) && !str_equal(line, STR("\n")))
        return len;
    long status_code = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status_code);
    if (status_code < 200)
        return len; /* an interim answer */
    return complete_head(transfer) ? len : 0;
}

/* ---- the body ---- */

static size_t on_body(char *at, size_t one, size_t len, void *user) {
    (void)one;
    struct transfer *transfer = user;
    expect_bytes(transfer);
    if (transfer->is_stream && !transfer->is_following && transfer->received.len > 0 &&
        transfer->received.len + len > STREAM_QUEUE_MOST) {
        transfer->is_paused = true; /* these bytes come again */
        timer_stop(transfer->egress->thread.loop, &transfer->idle);
        return CURL_WRITEFUNC_PAUSE;
    }
    transfer->body_bytes += len;
    if (transfer->is_following)
        return transfer->body_bytes > REDIRECT_BODY_MOST ? 0 : len;
    if (transfer->body_bytes > transfer->max_bytes) {
        transfer->problem = EGRESS_TOO_LARGE;
        return 0;
    }
    buffer_append(&transfer->received, str_of(at, len));
    answer_reader(transfer);
    return len;
}

void transfer_read(struct transfer *transfer, struct read_job *reader) {
    if (transfer->reader != NULL) { /* whoever asked has gone meanwhile */
        transfer->reader->problem = EGRESS_CANCELED;
        job_done(&transfer->reader->job);
    }
    transfer->reader = reader;
    transfer_refer(transfer); /* an answered reader may let the last reference go, on its own thread */
    answer_reader(transfer);
    if (transfer->is_paused && transfer->easy != NULL) {
        transfer->is_paused = false;
        expect_bytes(transfer);
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT); /* calls on_body with what had to wait */
    }
    transfer_release(transfer);
}

/* ---- hops ---- */

static enum egress_problem start_hop(struct transfer *transfer) {
    transfer->is_head_complete = false;
    transfer->is_following = false;
    transfer->head_bytes = 0;
    transfer->body_bytes = 0;
    transfer->problem = EGRESS_FINE;
    enum egress_problem problem = request_apply(transfer);
    if (problem != EGRESS_FINE)
        return problem;
    return curl_multi_add_handle(transfer->egress->thread.multi, transfer->easy) == CURLM_OK
               ? EGRESS_FINE
               : EGRESS_PROTOCOL_ERROR;
}

/* A hop is looked at like the first URL, and never leads from https back to http. */
static enum egress_problem follow(struct transfer *transfer) {
    if (transfer->redirects >= transfer->max_redirects)
        return EGRESS_TOO_MANY_REDIRECTS;
    transfer->redirects++;
    struct url next;
    if (url_follow(transfer->arena, &transfer->url, transfer->answer.location, &next) != OK ||
        (transfer->url.is_https && !next.is_https))
        return EGRESS_REDIRECT_REFUSED;
    if (!str_equal_ignore_case(transfer->first_origin, next.origin))
        transfer->has_left_origin = true;
    transfer->url = next;
    curl_multi_remove_handle(transfer->egress->thread.multi, transfer->easy);
    return start_hop(transfer);
}

void transfer_performed(struct transfer *transfer, CURLcode result) {
    enum egress_problem problem = transfer->problem;
    if (transfer->is_following && problem == EGRESS_FINE) {
        problem = follow(transfer);
        if (problem == EGRESS_FINE)
            return;
    } else if (problem == EGRESS_FINE) {
        problem = problem_from_curl(result);
    }
    finish(transfer, problem);
}

static enum egress_problem set_up(struct egress_thread *thread, struct transfer *transfer) {
    if (transfer->problem != EGRESS_FINE)
        return transfer->problem;
    if (thread->is_ending)
        return EGRESS_CANCELED;
    if (atomic_load_explicit(&thread->active_count, memory_order_relaxed) > thread->max_transfers)
        return EGRESS_BUSY;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL)
        return EGRESS_BUSY;
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_head_line);
    curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
    timer_start(thread->loop, &transfer->deadline, transfer->timeout_ms, on_deadline);
    expect_bytes(transfer);
    return start_hop(transfer);
}

void transfer_begin(struct egress_thread *thread, struct transfer *transfer, struct job *beginner) {
    transfer_refer(transfer); /* the egress thread's, until it has finished */
    transfer->beginner = beginner;
    transfer->first_origin = transfer->url.origin;
    thread_add(thread, transfer);
    enum egress_problem problem = set_up(thread, transfer);
    if (problem != EGRESS_FINE)
        finish(transfer, problem);
}
