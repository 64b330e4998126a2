/* SPDX-License-Identifier: Apache-2.0 */
/* A server elsewhere, over HTTPS, by an API token. */
#include "cli/client_transport.h"

#include "egress/egress.h"

#include <stdlib.h>

enum { CALL_TIMEOUT_MS = 30 * 1000, SLOW_TIMEOUT_MS = 3600 * 1000, IDLE_TIMEOUT_MS = 120 * 1000 };
static const size_t ANSWER_MAX =
    (size_t)1 << 40; /* exports are as large as they are; what is kept is bounded by the sink */

struct remote {
    struct egress *egress;
    struct str server;        /* without a slash at its end */
    struct str authorization; /* of a token; empty: it goes by the session */
    struct str cookie, csrf;  /* of the session that client_sign_in_wait has begun */
};

/* ---- the URL ---- */

static bool is_loopback(struct str rest) {
    static const struct str hosts[] = {STR_STATIC("localhost"), STR_STATIC("127.0.0.1"), STR_STATIC("[::1]")};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct str behind = str_from_index(rest, hosts[i].len);
        if (str_starts_with(rest, hosts[i]) &&
            (str_is_empty(behind) || behind.at[0] == ':' || behind.at[0] == '/'))
            return true;
    }
    return false;
}

const char *client_url_problem(struct str url) {
    bool is_https = str_starts_with(url, STR("https://"));
    if (!is_https && !str_starts_with(url, STR("http://")))
        return "it must begin with https://";
    struct str rest = str_from_index(url, is_https ? 8 : 7);
    if (str_is_empty(rest) || rest.at[0] == '/')
        return "it names no host";
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] <= ' ' || rest.at[i] == '@' || rest.at[i] == '?' || rest.at[i] == '#')
            return "it is a scheme, a host and perhaps a port, no more";
    }
    if (!is_https && !is_loopback(rest))
        return "over plain http the token could be read on its way: use https";
    return NULL;
}

static void append_encoded(struct buffer *buffer, struct str text, struct str plain) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        str_find_byte(plain, c) != STR_NOT_FOUND;
        if (is_plain)
            buffer_append_byte(buffer, c);
        else
            buffer_print(buffer, "%%%02X", (unsigned char)c);
    }
}

struct str client_url(struct arena *arena, struct str server, const struct client_request *request) {
    AUTO_BUFFER url = BUFFER_EMPTY;
    char separator = '?';
    buffer_append(&url, server);
    buffer_append(&url, STR("/admin/v1"));
    append_encoded(&url, request->path, STR("-._~/"));
    for (size_t i = 0; i < CLIENT_QUERY_MAX && request->query[i].name != NULL; i++) {
        if (str_is_empty(request->query[i].value))
            continue;
        buffer_append_byte(&url, separator);
        append_encoded(&url, str_from(request->query[i].name), STR("-._~"));
        buffer_append_byte(&url, '=');
        append_encoded(&url, request->query[i].value, STR("-._~"));
        separator = '&';
    }
    return arena_copy(arena, buffer_text(&url));
}

/* ---- sending ---- */

static void say_no_answer(const struct client *client, const struct remote *remote,
                          enum egress_problem problem, struct client_answer *answer) {
    answer->status = 0;
    answer->why = arena_print(client->arena, "%.*s did not answer: %s", STR_ARG(remote->server),
                              egress_problem_sentence(problem));
}

static FIBER void receive_wait(struct client *client, const struct remote *remote,
                               struct egress_stream *stream, struct client_sink *sink,
                               struct client_answer *answer) {
    for (;;) {
        struct str piece;
        if (egress_read_wait(stream, &piece) != OK) {
            say_no_answer(client, remote, egress_stream_problem(stream), answer);
            return;
        }
        if (str_is_empty(piece))
            return;
        if (sink->take(sink, answer, piece) != OK) {
            answer->status = 0;
            answer->why = STR("The answer is too large, or could not be written.");
            return;
        }
    }
}

static FIBER void send_wait(struct client *client, const struct client_request *request, struct str body,
                            struct client_sink *sink, struct client_answer *answer) {
    const struct remote *remote = client->state;
    struct egress_header headers[6] = {{STR("Accept"), STR("application/json, */*")}};
    size_t count = 1;
    if (!str_is_empty(remote->authorization))
        headers[count++] = (struct egress_header){STR("Authorization"), remote->authorization};
    if (!str_is_empty(remote->cookie))
        headers[count++] = (struct egress_header){STR("Cookie"), remote->cookie};
    if (!str_is_empty(remote->csrf))
        headers[count++] = (struct egress_header){STR("Chatelaine-CSRF"), remote->csrf};
    if (body.at != NULL)
        headers[count++] = (struct egress_header){STR("Content-Type"), STR("application/json")};
    if (!str_is_empty(request->if_match))
        headers[count++] = (struct egress_header){STR("If-Match"), request->if_match};
    const struct egress_request sent = {
        .method = request->method,
        .url = client_url(client->arena, remote->server, request),
        .headers = headers,
        .header_count = count,
        .body = body,
        .timeout_ms = request->is_slow ? SLOW_TIMEOUT_MS : CALL_TIMEOUT_MS,
        .idle_timeout_ms = request->is_slow ? IDLE_TIMEOUT_MS : 0,
        .max_bytes = ANSWER_MAX,
        .is_private_allowed = true, /* whoever types the URL may go there */
        .is_sent_once = !str_equal(str_from(request->method), STR("GET")),
    };
    struct egress_answer head = {0};
    struct egress_stream *stream = NULL;
    if (egress_open_wait(remote->egress, &sent, client->arena, &head, &stream) != OK) {
        say_no_answer(client, remote, head.problem, answer);
        return;
    }
    answer->status = head.status_code;
    answer->etag = head.etag;
    answer->cookie = str_slice(head.set_cookie, 0, str_find_byte(head.set_cookie, ';'));
    receive_wait(client, remote, stream, sink, answer);
    egress_close(stream);
}

static void close_remote(struct client *client) {
    struct remote *remote = client->state;
    egress_stop(remote->egress);
}

static const struct client_transport transport = {send_wait, close_remote};

/* ---- a session ---- */

static json_t *credentials_json(const struct client_credentials *credentials) {
    enum { TOTP_DIGITS = 6 };
    json_t *json = json_object();
    json_set(json, STR("email"), json_from_str(credentials->email));
    json_set(json, STR("password"), json_from_str(credentials->password));
    if (!str_is_empty(credentials->code))
        json_set(json, credentials->code.len == TOTP_DIGITS ? STR("totp") : STR("recoveryCode"),
                 json_from_str(credentials->code));
    return json;
}

enum status client_sign_in_wait(struct client *client, const struct client_credentials *credentials,
                                int *exit_status) {
    struct remote *remote = client->state;
    struct client_answer answer;
    if (client->transport != &transport) {
        *exit_status = cli_usage(client->cli, "--server says to which server to sign in");
        return INVALID;
    }
    json_auto_t *body = credentials_json(credentials);
    const struct client_request request = {.method = "POST", .path = STR("/session"), .body = body};
    client_send_wait(client, &request, &answer);
    if (str_ends_with(json_get_str(answer.json, "type"), STR(":second-factor-required")) &&
        str_is_empty(credentials->code))
        return DENIED;
    if (!client_is_fine(&answer)) {
        *exit_status = client_fail(client, &answer);
        return FAILED;
    }
    remote->cookie = answer.cookie;
    remote->csrf = json_get_str(answer.json, "csrfToken");
    return OK;
}

void client_sign_out_wait(struct client *client) {
    const struct client_request request = {.method = "DELETE", .path = STR("/session")};
    struct client_answer answer;
    client_send_wait(client, &request, &answer); /* it ends by itself, too */
}

/* ---- opening ---- */

static bool read_token(const struct client *client, struct str *token, int *exit_status) {
    struct str file = client->place->token_file;
    if (!str_is_empty(file)) {
        if (!installation_read_text(client->cli, file, token, exit_status))
            return false;
    } else {
        *token = str_from(getenv("CHATELAINE_TOKEN"));
    }
    *token = str_trim(*token);
    if (str_is_empty(*token)) {
        *exit_status = cli_usage(
            client->cli, "with --server, give an API token in CHATELAINE_TOKEN or by --token-file; "
                         "`chatelaine api-token create --email` makes one, or the dashboard under Account");
        return false;
    }
    for (size_t i = 0; i < token->len; i++) {
        if (token->at[i] <= ' ' || token->at[i] >= 0x7F) {
            *exit_status = cli_usage(
                client->cli, "what was given as API token is none: it is one word that begins with ca_");
            return false;
        }
    }
    return true;
}

bool client_open_remote(struct client *client, int *exit_status) {
    struct remote *remote = ARENA_NEW(client->arena, struct remote);
    struct str token;
    remote->server = client->place->server;
    while (str_ends_with(remote->server, STR("/")))
        remote->server.len--;
    const char *problem = client_url_problem(remote->server);
    if (problem != NULL) {
        *exit_status = cli_usage(client->cli, "--server %.*s: %s", STR_ARG(remote->server), problem);
        return false;
    }
    if (!client->place->signs_in) {
        if (!read_token(client, &token, exit_status))
            return false;
        remote->authorization = arena_join(client->arena, 2, (struct str[]){STR("Bearer "), token});
    }
    const struct egress_options options = {.is_private_allowed = true,
                                           .extra_ca_file = client->place->extra_ca_file};
    if (egress_start(&options, &remote->egress) != OK) {
        *exit_status = cli_fail(client->cli, "The certificate authorities cannot be read.");
        return false;
    }
    client->state = remote;
    client->transport = &transport;
    return true;
}
