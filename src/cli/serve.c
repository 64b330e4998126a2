/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine serve */
#include "access/access.h"
#include "base/log.h"
#include "cli/installation.h"
#include "server/server.h"

static enum status read_log_level(struct str word) {
    static const char *const words[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal(word, str_from(words[i]))) {
            log_set_level((enum log_level)i);
            return OK;
        }
    }
    return INVALID;
}

static enum status read_sandbox(struct str word, enum sandbox_mode *mode) {
    static const struct {
        struct str word;
        enum sandbox_mode mode;
    } modes[] = {{STR_STATIC("best-effort"), SANDBOX_BEST_EFFORT},
                 {STR_STATIC("on"), SANDBOX_ON},
                 {STR_STATIC("off"), SANDBOX_OFF}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (!str_equal(word, modes[i].word))
            continue;
        *mode = modes[i].mode;
        return OK;
    }
    return INVALID;
}

static int run(struct cli *cli) {
    struct server_options server = {
        .data = STR("data"), .listen = STR("127.0.0.1:8080"), .drain_s = 10, .store = STR_NONE};
    struct str log_level = STR("info");
    struct str sandbox = STR("best-effort");
    struct str store_file = STR_NONE;
    int64_t store_connections = 9;
    int64_t store_timeout_s = 5;
    int64_t threads = 0;
    int64_t head_max = 0;
    int64_t connections = 10 * 1000;
    int64_t drain_s = 10;
    int64_t rate_limit = 50;
    int64_t rate_limit_failures = 60;
    const unsigned env = OPTION_FROM_ENVIRONMENT;
    const struct option options[] = {
        OPTION_TEXT("data", "DIR", "the data directory that `chatelaine init` made (default: data)",
                    &server.data, env),
        OPTION_TEXT("listen", "ADDRESS:PORT",
                    "where to listen: 127.0.0.1:8080 (the default), [::]:8080, unix:/run/c.sock",
                    &server.listen, env),
        OPTION_RANGE("threads", "N", "front threads; 0, the default: one a core", &threads, 0, 256, env),
        OPTIONS_STORE(&server.store, &store_file),
        OPTION_RANGE("store-connections", "N",
                     "to PostgreSQL, at most: one listens, the others read and write (default: 9)",
                     &store_connections, 3, 100, env),
        OPTION_RANGE("store-timeout", "SECONDS", "for one statement of the database (default: 5)",
                     &store_timeout_s, 1, 300, env),
        OPTION_FLAG(
            "allow-private-egress",
            "let keys, tools and models be at loopback and private addresses (never metadata services)",
            &server.allow_private_egress, env),
        OPTION_TEXT("extra-ca-file", "FILE",
                    "certificates (PEM) trusted for outgoing HTTPS beside the system's",
                    &server.extra_ca_file, env),
        OPTION_TEXT("tls-certificate", "FILE",
                    "serve HTTPS with this certificate chain (PEM); read anew on SIGHUP",
                    &server.tls_certificate, env),
        OPTION_TEXT("tls-key", "FILE", "its private key (PEM)", &server.tls_key, env),
        OPTION_TEXT("trusted-proxies", "LIST",
                    "addresses that may say for whom they ask: 10.0.0.0/8, ::1, unix",
                    &server.trusted_proxies, env),
        OPTION_FLAG("proxy-protocol", "connections from trusted proxies begin with a PROXY header",
                    &server.proxy_protocol, env),
        OPTION_RANGE(
            "rate-limit", "N",
            "requests a second from one address, ten times as many at once (default: 50; 0: no limit)",
            &rate_limit, 0, 1000, env),
        OPTION_RANGE("rate-limit-failures", "N",
                     "unknown keys and forged tokens a minute from one address (default: 60; 0: no limit)",
                     &rate_limit_failures, 0, 60000, env),
        OPTION_TEXT("public-url", "URL",
                    "how browsers reach it, where a proxy stands before it: https://chat.example",
                    &server.public_url, env),
        OPTION_TEXT("metrics-listen", "ADDRESS:PORT",
                    "answer /metrics, /healthz and /readyz there, and /metrics there only (default: to this "
                    "machine alone, where all else is answered)",
                    &server.metrics_listen, env),
        OPTION_NUMBER("head-max", "BYTES", "of a request's head, tokens included (default: 16384)", &head_max,
                      env),
        OPTION_RANGE("connections", "N",
                     "open at once on each front thread; idle ones make room for new ones (default: 10000)",
                     &connections, 16, 1000 * 1000, env),
        OPTION_RANGE("drain", "SECONDS", "for what is under way when the server is ended (default: 10)",
                     &drain_s, 0, 3600, env),
        OPTION_TEXT("web", "DIR", "files that take the place of the built-in pages, while developing",
                    &server.web, env),
        OPTION_TEXT(
            "sandbox", "MODE",
            "on, off or best-effort (the default): what the server does not need is given up after the start",
            &sandbox, env),
        OPTION_TEXT("user", "NAME", "started by root: the user to become when the addresses are bound",
                    &server.user, env),
        OPTION_TEXT("log-level", "LEVEL", "debug, info (the default), warning or error", &log_level, env),
        OPTION_END,
    };
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (read_log_level(log_level) != OK)
        return cli_usage(cli, "--log-level is debug, info, warning or error.");
    if (!str_is_empty(server.public_url) && !access_public_url_is_good(server.public_url))
        return cli_usage(cli,
                         "--public-url is an address without a path, in lower case, as browsers show it: "
                         "https://chat.example.");
    if (read_sandbox(sandbox, &server.sandbox) != OK)
        return cli_usage(cli, "--sandbox is on, off or best-effort.");
    if (!installation_read_store(cli, &server.store, store_file, &exit_status))
        return exit_status;
    if (head_max != 0 && (head_max < 256 || head_max > 65536))
        return cli_usage(cli, "--head-max is a number from 256 to 65536.");
    server.rate_limit = (unsigned)rate_limit;
    server.rate_limit_failures = (unsigned)rate_limit_failures;
    server.store_connections = (unsigned)store_connections;
    server.store_timeout_s = (unsigned)store_timeout_s;
    server.threads = (unsigned)threads;
    server.head_max = (unsigned)head_max;
    server.connections = (unsigned)connections;
    server.drain_s = (unsigned)drain_s;
    const char *message = NULL;
    if (server_run(&server, &message) != OK)
        return cli_fail(cli, "%s", message);
    return CLI_OK;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "Run the server.",
    .details =
        "Serves until SIGTERM or SIGINT, then finishes what is under way. Every option can also be given in "
        "the "
        "environment, as CHATELAINE_ and its name in capitals: CHATELAINE_LISTEN. The log is a JSON object a "
        "line, on standard error.",
    .run = run,
};
