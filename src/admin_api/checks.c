/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator easily gets wrong at first, and hears of from nobody: each check says what it has seen,
 * why that matters and what to do. It looks at this very request, too: it came the way on which browsers
 * come. */
#include "admin_api/routes.h"
#include "base/clock.h"

enum { CLOCK_OFF_MS = 60 * 1000 };

struct check {
    const char *id, *title; /* the title says what is so */
    const char *state;      /* NULL: "ok" */
    struct str cause, fix;
};

static struct str name_of(struct str host) {
    size_t bracket = str_find_byte(host, ']');
    size_t colon = str_find_byte(str_from_index(host, bracket == STR_NOT_FOUND ? 0 : bracket), ':');
    return colon == STR_NOT_FOUND ? host
                                  : str_slice(host, 0, colon + (bracket == STR_NOT_FOUND ? 0 : bracket));
}

/* What a browser takes for safe without https: this very machine. */
static bool is_local(struct str host) {
    struct str name = name_of(host);
    return str_is_empty(host) || str_equal_ignore_case(name, STR("localhost")) ||
           str_ends_with(name, STR(".localhost")) || str_starts_with(name, STR("127.")) ||
           str_equal(name, STR("[::1]"));
}

static struct str authority_of(struct str url) {
    size_t at = str_find(url, STR("://"));
    return at == STR_NOT_FOUND ? url : str_from_index(url, at + 3);
}

static struct check check_proxy(struct call *call, const struct admin_installation *installation) {
    struct check check = {.id = "proxy", .title = "Visitors are told apart by their addresses"};
    struct str address;
    if (!installation->find_proxy(installation->context, call->arena, &address))
        return check;
    check.state = "attention";
    check.title = "A proxy speaks for visitors and is not trusted";
    check.cause =
        arena_print(call->arena,
                    "A proxy at %.*s says for whom it speaks, and is not believed, since it is not listed: "
                    "all visitors behind it share one limit, and wrong passwords are not counted by "
                    "address.",
                    STR_ARG(address));
    check.fix =
        arena_print(call->arena,
                    "If it is yours, start the server with --trusted-proxies %.*s, and let the proxy set "
                    "X-Forwarded-For and X-Forwarded-Proto itself.",
                    STR_ARG(address));
    return check;
}

static struct check check_public_url(struct call *call, const struct admin_installation *installation) {
    struct check check = {.id = "public-url", .title = "The server knows its own address"};
    struct str url = installation->public_url;
    struct str host = call->request->host;
    if (is_local(host) || (!str_is_empty(url) && str_equal_ignore_case(authority_of(url), host)))
        return check;
    check.state = "attention";
    check.title = "People come by an address that the server does not know";
    if (str_is_empty(url))
        check.cause =
            arena_print(call->arena,
                        "No public URL is set, so links, passkeys and single sign-on go by whatever name "
                        "a browser asks for, here %.*s.",
                        STR_ARG(host));
    else
        check.cause =
            arena_print(call->arena,
                        "This page was asked for at %.*s, but the public URL is %.*s: links, passkeys and "
                        "single sign-on are made for that one.",
                        STR_ARG(host), STR_ARG(url));
    check.fix = STR("Start the server with --public-url and the address that people use, such as "
                    "https://chat.example, and let the proxy pass on the Host header.");
    return check;
}

static struct check check_encryption(struct call *call, const struct admin_installation *installation) {
    struct check check = {.id = "encryption", .title = "Passwords and tokens travel encrypted"};
    if (call->request->is_secure || is_local(call->request->host))
        return check;
    bool is_https_outside = str_starts_with(installation->public_url, STR("https://"));
    check.state = "attention";
    check.title = "This page came unencrypted, as far as the server can tell";
    check.cause =
        is_https_outside
            ? STR("The public URL is https, but as far as the server is told this request came by http: "
                  "cookies are not marked as for https only.")
            : STR("This request came by http, as far as the server is told: whoever sits on the way reads "
                  "passwords and visitors' tokens.");
    check.fix = STR("Behind a proxy that speaks https: let it set X-Forwarded-Proto, and list it in "
                    "--trusted-proxies. Without one: --tls-certificate and --tls-key.");
    return check;
}

static struct check check_clock(struct call *call, int64_t asked_at) {
    struct check check = {.id = "clock", .title = "The clock is right"};
    int64_t ahead = clock_now_ms() - asked_at;
    if (ahead <= CLOCK_OFF_MS && ahead >= -CLOCK_OFF_MS)
        return check;
    check.state = "attention";
    check.title = "The server's clock and this browser's differ";
    check.cause =
        arena_print(call->arena,
                    "The server's clock is %lld seconds %s that of this browser. Tokens are refused as "
                    "expired, or as not valid yet, when a clock is off.",
                    (long long)((ahead < 0 ? -ahead : ahead) / 1000), ahead < 0 ? "behind" : "ahead of");
    check.fix = STR("See which of the two is wrong. On the server, let systemd-timesyncd or chrony set it.");
    return check;
}

static struct check check_master_key(const struct admin_installation *installation) {
    struct check check = {.id = "master-key", .title = "A copy of the data does not hold its key"};
    if (!installation->is_key_beside_data)
        return check;
    check.state = "advice";
    check.title = "The master key lies beside the data";
    check.cause =
        STR("The master key lies in the data directory beside the database. A backup of the directory "
            "holds both: whoever gets at it reads every secret that is stored.");
    check.fix = STR("Keep master.key out of the backup and safe elsewhere, or give the key as "
                    "CHATELAINE_MASTER_KEY, for instance by systemd's LoadCredential.");
    return check;
}

static struct check check_sandbox(struct call *call, const struct admin_installation *installation) {
    struct check check = {.id = "sandbox", .title = "The server has given up what it does not need"};
    struct str missing;
    if (!installation->find_missing(installation->context, &missing))
        return check;
    check.state = "advice";
    check.title = "The sandbox is not complete";
    check.cause =
        arena_print(call->arena, "This system lacks, or was told not to use: %.*s.", STR_ARG(missing));
    check.fix =
        STR("A newer kernel has it; docs/security.md says which. --sandbox=on refuses to start without.");
    return check;
}

static json_t *to_json(const struct check *check) {
    json_t *json = json_object();
    set_text(json, "id", str_from(check->id));
    set_text(json, "title", str_from(check->title));
    set_text(json, "state", str_from(check->state == NULL ? "ok" : check->state));
    set_optional(json, "cause", check->cause);
    set_optional(json, "fix", check->fix);
    return json;
}

FIBER void check_list(struct call *call) {
    const struct admin_installation *installation = call->api->installation;
    struct str now = call_query(call, "now");
    int64_t asked_at = clock_now_ms();
    if (installation == NULL) {
        call_not_here(call);
        return;
    }
    if (now.at != NULL && time_read(now, &asked_at) != OK) {
        call_problem(call, 400, "query-invalid", "`now` must be a time such as 2026-01-31T09:30:00Z.");
        return;
    }
    const struct check checks[] = {
        check_proxy(call, installation),      check_public_url(call, installation),
        check_encryption(call, installation), check_clock(call, asked_at),
        check_master_key(installation),       check_sandbox(call, installation),
    };
    json_t *items = json_array();
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        json_array_append_new(items, to_json(&checks[i]));
    json_t *json = json_object();
    json_object_set_new(json, "items", items);
    call_answer(call, 200, json);
}
