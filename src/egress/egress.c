/* SPDX-License-Identifier: Apache-2.0 */
/* The asking side: what runs in other threads' fibers, and the life of the egress thread. */
#include "egress/egress.h"

#include "base/memory.h"
#include "egress/problem.h"
#include "egress/thread.h"

#include <signal.h>

/* ---- the thread ---- */

static void *run_thread(void *argument) {
    struct egress *egress = argument;
    pthread_setname_np(pthread_self(), "egress");
    loop_run(egress->thread.loop);
    return NULL;
}

/* No signal is this thread's business; a broken connection (SIGPIPE) is an error code to it. */
static int start_without_signals(struct egress *egress) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&egress->handle, NULL, run_thread, egress);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

enum status egress_start(const struct egress_options *options, struct egress **egress) {
    *egress = NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return FAILED;
    struct egress *started = mem_alloc_zero(sizeof *started);
    enum status status = thread_open(&started->thread, options);
    if (status == OK && start_without_signals(started) != 0) {
        thread_close(&started->thread);
        status = FAILED;
    }
    if (status != OK) {
        mem_free(started);
        curl_global_cleanup();
        return status;
    }
    *egress = started;
    return OK;
}

struct stop_job {
    struct job job;
    struct egress_thread *thread;
};

static void work_stop(struct job *job) {
    struct egress_thread *thread = ((struct stop_job *)job)->thread;
    thread->is_ending = true;
    while (thread->active != NULL)
        transfer_abort(thread->active, EGRESS_CANCELED);
    loop_stop(thread->loop);
    job_done(job);
}

static void free_stop(struct job *job) {
    mem_free(job);
}

void egress_stop(struct egress *egress) {
    if (egress == NULL)
        return;
    struct stop_job *stop = mem_alloc_zero(sizeof *stop);
    stop->job.work = work_stop;
    stop->job.free = free_stop;
    stop->thread = &egress->thread;
    job_send(&stop->job, egress->thread.loop);
    pthread_join(egress->handle, NULL);
    thread_close(&egress->thread);
    mem_free(egress);
    curl_global_cleanup();
}

unsigned egress_count_active(const struct egress *egress) {
    return atomic_load_explicit(&egress->thread.active_count, memory_order_relaxed);
}

/* ---- jobs ---- */

/* Begins or aborts a transfer. */
struct transfer_job {
    struct job job;
    struct transfer *transfer;
};

static void free_transfer_job(struct job *job) {
    transfer_release(((struct transfer_job *)job)->transfer);
    mem_free(job);
}

static struct transfer_job *transfer_job_new(struct transfer *transfer, void (*work)(struct job *)) {
    struct transfer_job *job = mem_alloc_zero(sizeof *job);
    job->job.work = work;
    job->job.free = free_transfer_job;
    job->transfer = transfer_refer(transfer);
    return job;
}

static void work_begin(struct job *job) {
    struct transfer *transfer = ((struct transfer_job *)job)->transfer;
    transfer_begin(&transfer->egress->thread, transfer, job);
}

static void work_abort(struct job *job) {
    transfer_abort(((struct transfer_job *)job)->transfer, EGRESS_CANCELED);
    job_done(job);
}

static void abort_transfer(struct transfer *transfer) {
    job_send(&transfer_job_new(transfer, work_abort)->job, transfer->egress->thread.loop);
}

static void copy_head(struct arena *arena, const struct egress_answer *from, struct egress_answer *to) {
    *to = *from;
    struct str *texts[] = {&to->content_type, &to->cache_control, &to->retry_after, &to->www_authenticate,
                           &to->location,     &to->etag,          &to->set_cookie};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = texts[i]->at == NULL ? STR_NONE : arena_copy(arena, *texts[i]);
    to->body = STR_NONE;
}

/* Has the egress thread begin and waits: for the head of a stream, else for everything. */
FIBER static enum status begin_wait(struct transfer *transfer, struct arena *arena,
                                    struct egress_answer *answer) {
    struct transfer_job *begin = transfer_job_new(transfer, work_begin);
    if (job_wait(&begin->job, transfer->egress->thread.loop) == CANCELED) {
        abort_transfer(transfer);
        *answer = (struct egress_answer){.problem = EGRESS_CANCELED};
        return CANCELED;
    }
    free_transfer_job(&begin->job);
    copy_head(arena, &transfer->answer, answer);
    return problem_status(answer->problem);
}

enum status egress_fetch_wait(struct egress *egress, const struct egress_request *request,
                              struct arena *arena, struct egress_answer *answer) {
    struct transfer *transfer = transfer_new(egress, request, false);
    enum status status = begin_wait(transfer, arena, answer);
    if (status == OK)
        answer->body = arena_copy(arena, transfer->answer.body);
    transfer_release(transfer);
    return status;
}

/* ---- streams ---- */

struct egress_stream {
    struct transfer *transfer;
    struct buffer chunk;
    bool is_ended;
    enum egress_problem problem;
};

enum status egress_open_wait(struct egress *egress, const struct egress_request *request, struct arena *arena,
                             struct egress_answer *answer, struct egress_stream **stream) {
    *stream = NULL;
    struct transfer *transfer = transfer_new(egress, request, true);
    enum status status = begin_wait(transfer, arena, answer);
    if (status != OK) {
        transfer_release(transfer);
        return status;
    }
    *stream = mem_alloc_zero(sizeof **stream);
    (*stream)->transfer = transfer;
    return OK;
}

static void work_read(struct job *job) {
    struct read_job *read = (struct read_job *)job;
    transfer_read(read->transfer, read);
}

static void free_read(struct job *job) {
    struct read_job *read = (struct read_job *)job;
    buffer_free(&read->chunk);
    transfer_release(read->transfer);
    mem_free(read);
}

enum status egress_read_wait(struct egress_stream *stream, struct str *chunk) {
    *chunk = STR_NONE;
    buffer_free(&stream->chunk);
    if (stream->is_ended)
        return problem_status(stream->problem);
    struct read_job *read = mem_alloc_zero(sizeof *read);
    read->job.work = work_read;
    read->job.free = free_read;
    read->transfer = transfer_refer(stream->transfer);
    TRY(job_wait(&read->job, stream->transfer->egress->thread.loop));
    stream->chunk = read->chunk;
    read->chunk = BUFFER_EMPTY;
    *chunk = buffer_text(&stream->chunk);
    if (chunk->len == 0) {
        stream->is_ended = true;
        stream->problem = read->problem;
    }
    free_read(&read->job);
    return problem_status(stream->problem);
}

enum egress_problem egress_stream_problem(const struct egress_stream *stream) {
    return stream->problem;
}

void egress_close(struct egress_stream *stream) {
    if (stream == NULL)
        return;
    if (!stream->is_ended)
        abort_transfer(stream->transfer);
    transfer_release(stream->transfer);
    buffer_free(&stream->chunk);
    mem_free(stream);
}
