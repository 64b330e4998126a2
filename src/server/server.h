/* SPDX-License-Identifier: Apache-2.0 */
/* The running server: threads, routes, shutdown. */
#pragma once

#include "sandbox/sandbox.h"

#include <stdbool.h>

/* What an operator sets; texts must outlive the call. */
struct server_options {
    struct str data;            /* the directory with the database and the master key */
    struct str store;           /* URL of the database; empty: the one in `data` */
    unsigned store_connections; /* to PostgreSQL, at most; at least 3 */
    unsigned store_timeout_s;   /* for one statement of the database */
    struct str listen;          /* "127.0.0.1:8080", "[::]:8080", "unix:/run/chatelaine.sock" */
    unsigned threads;           /* front threads; 0: one a core */
    bool allow_private_egress;  /* keys, tools and models may be at loopback and private addresses */
    struct str
        extra_ca_file; /* PEM; certificates trusted for outgoing HTTPS beside the system's; may be empty */
    struct str tls_certificate; /* PEM files; both or neither */
    struct str tls_key;
    struct str trusted_proxies; /* who may say on whose behalf they speak */
    bool proxy_protocol;
    struct str metrics_listen;    /* where /metrics is answered instead; empty: see route_metrics */
    unsigned rate_limit;          /* requests a second from one address, on average; 0: no limit */
    unsigned rate_limit_failures; /* unknown keys and forged tokens a minute from one address; 0: no limit */
    struct str public_url; /* "https://chat.example": how browsers reach it; empty: as their Host says */
    struct str web;        /* a directory whose files take the place of the built-in pages; may be empty */
    unsigned head_max;     /* bytes of a request's head; 0: the default */
    unsigned connections;  /* open at once on each front thread; 0: the default */
    enum sandbox_mode sandbox; /* how much of what is not needed is given up */
    struct str user;           /* to become when the addresses are bound, by root; empty: none */
    unsigned drain_s;          /* how long requests and answers may take to finish at the end */
};

/* Serves until SIGTERM or SIGINT has come and all is finished; SIGHUP reads certificate and master key anew.
 * OK, or why it could not start: `*message` is then a sentence for the operator. Call it once in a process,
 * from its first thread. */
NODISCARD enum status server_run(const struct server_options *options, const char **message);
