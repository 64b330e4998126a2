/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/thread.h"

#include "base/memory.h"

#include <dirent.h>
#include <openssl/err.h>
#include <stdlib.h>

enum { MAX_TRANSFERS = 1024, IDLE_CONNECTIONS = 128 };

/* A socket of libcurl's that the loop looks at. */
struct watched {
    struct ev_io io; /* first member */
    struct egress_thread *thread;
};

/* ---- libcurl's multi handle on the loop ---- */

static void take_results(struct egress_thread *thread) {
    int left;
    for (CURLMsg *message = curl_multi_info_read(thread->multi, &left); message != NULL;
         message = curl_multi_info_read(thread->multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        struct transfer *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        transfer_performed(transfer, result); /* `message` is gone with its handle */
    }
}

static void on_io(struct ev_loop *ev, struct ev_io *io, int events) {
    (void)ev;
    struct egress_thread *thread = ((struct watched *)io)->thread;
    int what =
        ((events & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((events & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int running;
    curl_multi_socket_action(thread->multi, io->fd, what, &running); /* may free the watcher */
    take_results(thread);
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *user, void *known) {
    (void)easy;
    struct egress_thread *thread = user;
    struct ev_loop *ev = loop_ev(thread->loop);
    struct watched *watched = known;
    if (watched != NULL)
        ev_io_stop(ev, &watched->io);
    if (what == CURL_POLL_REMOVE) {
        mem_free(watched);
        return 0;
    }
    if (watched == NULL) {
        watched = mem_alloc_zero(sizeof *watched);
        watched->thread = thread;
        curl_multi_assign(thread->multi, fd, watched);
    }
    int events = ((what & CURL_POLL_IN) != 0 ? EV_READ : 0) | ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0);
    ev_io_init(&watched->io, on_io, fd, events);
    ev_io_start(ev, &watched->io);
    return 0;
}

static void on_timer(struct timer *timer) {
    struct egress_thread *thread =
        (struct egress_thread *)((char *)timer - offsetof(struct egress_thread, timer));
    int running;
    curl_multi_socket_action(thread->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_results(thread);
}

static int on_timer_wanted(CURLM *multi, long ms, void *user) {
    (void)multi;
    struct egress_thread *thread = user;
    if (ms < 0)
        timer_stop(thread->loop, &thread->timer);
    else
        timer_start(thread->loop, &thread->timer, ms, on_timer);
    return 0;
}

/* ---- active transfers ---- */

void thread_add(struct egress_thread *thread, struct transfer *transfer) {
    transfer->previous = NULL;
    transfer->next = thread->active;
    if (transfer->next != NULL)
        transfer->next->previous = transfer;
    thread->active = transfer;
    atomic_fetch_add_explicit(&thread->active_count, 1, memory_order_relaxed);
}

void thread_remove(struct egress_thread *thread, struct transfer *transfer) {
    if (transfer->previous != NULL)
        transfer->previous->next = transfer->next;
    else
        thread->active = transfer->next;
    if (transfer->next != NULL)
        transfer->next->previous = transfer->previous;
    atomic_fetch_sub_explicit(&thread->active_count, 1, memory_order_relaxed);
}

/* ---- life ---- */

/* Whether `name` is one of those by which OpenSSL finds a certificate: "5ed36f99.0". */
static bool is_hashed_name(struct str name) {
    enum { HASH_DIGITS = 8 };
    if (name.len < HASH_DIGITS + 2 || name.at[HASH_DIGITS] != '.')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        bool is_digit = name.at[i] >= '0' && name.at[i] <= '9';
        bool is_letter = name.at[i] >= 'a' && name.at[i] <= 'f' && i < HASH_DIGITS;
        if (i != HASH_DIGITS && !is_digit && !is_letter)
            return false;
    }
    return true;
}

static bool is_hashed_directory(const char *path) {
    DIR *directory = opendir(path);
    bool found = false;
    if (directory == NULL)
        return false;
    for (const struct dirent *entry = readdir(directory); entry != NULL && !found; entry = readdir(directory))
        found = is_hashed_name(str_from(entry->d_name));
    closedir(directory);
    return found;
}

/* Whether the system's bundle lies in this directory, and so has the same certificates. True where there is
 * no bundle. An operator's own directory, or one that holds a few certificates beside a bundle that is kept
 * elsewhere, is not all that is trusted. */
static bool has_the_whole(const char *directory) {
    char *bundle = realpath(X509_get_default_cert_file(), NULL);
    char *real = realpath(directory, NULL);
    struct str path = str_from(bundle), start = str_from(real);
    bool is_there = str_starts_with(path, start) && path.len > start.len && path.at[start.len] == '/';
    bool has_all = bundle == NULL || (real != NULL && is_there);
    free(bundle);
    free(real);
    return has_all;
}

/* The system's: looked up one by one in its hashed directory, since the whole bundle is a megabyte. Where
 * there is no such directory, or the operator names another file (SSL_CERT_FILE), all of them. */
static void trust_system(X509_STORE *store) {
    const char *directory = getenv(X509_get_default_cert_dir_env());
    if (directory == NULL)
        directory = X509_get_default_cert_dir();
    if (getenv(X509_get_default_cert_file_env()) != NULL || !is_hashed_directory(directory) ||
        !has_the_whole(directory)) {
        X509_STORE_set_default_paths(store);
        return;
    }
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    if (lookup != NULL)
        X509_LOOKUP_add_dir(lookup, directory, X509_FILETYPE_PEM);
}

X509_STORE *thread_trusted(struct egress_thread *thread) {
    if (!thread->is_system_trusted)
        trust_system(thread->trusted);
    thread->is_system_trusted = true;
    ERR_clear_error();
    return thread->trusted;
}

/* The operator's own, at once: a file that does not read is said at the start. */
static enum status read_trusted(struct str extra_ca_file, X509_STORE **trusted) {
    X509_STORE *store = X509_STORE_new();
    bool is_read = store != NULL;
    if (is_read && extra_ca_file.len > 0) {
        AUTO_ARENA arena = arena_new();
        is_read = X509_STORE_load_file(store, arena_terminated(arena, extra_ca_file)) == 1;
    }
    ERR_clear_error();
    if (!is_read) {
        X509_STORE_free(store);
        return FAILED;
    }
    *trusted = store;
    return OK;
}

enum status thread_open(struct egress_thread *thread, const struct egress_options *options) {
    TRY(read_trusted(options->extra_ca_file, &thread->trusted));
    thread->multi = curl_multi_init();
    if (thread->multi == NULL) {
        X509_STORE_free(thread->trusted);
        return FAILED;
    }
    thread->loop = loop_new();
    thread->max_transfers = options->max_transfers != 0 ? options->max_transfers : MAX_TRANSFERS;
    thread->is_private_allowed = options->is_private_allowed;
    curl_multi_setopt(thread->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl_multi_setopt(thread->multi, CURLMOPT_SOCKETDATA, thread);
    curl_multi_setopt(thread->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    curl_multi_setopt(thread->multi, CURLMOPT_TIMERDATA, thread);
    curl_multi_setopt(thread->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    return OK;
}

void thread_close(struct egress_thread *thread) {
    curl_multi_cleanup(thread->multi);
    timer_stop(thread->loop, &thread->timer);
    loop_free(thread->loop);
    X509_STORE_free(thread->trusted);
}
