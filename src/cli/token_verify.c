/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine token verify: the same function that the server calls, without a server. */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/token.h"
#include "identity/identity.h"

#include <stdio.h>

struct arguments {
    struct option_list secret_files;
    bool secret_is_base64url;
    struct str key_file;
    struct str issuer;
    struct option_list audiences;
    struct option_list algorithms;
    struct option_list types;
    struct str mapping_file;
    int64_t leeway_s;
    int64_t now_s;
    bool lines;
};

static bool read_arguments(struct cli *cli, struct arguments *arguments, int *exit_status) {
    const struct option options[] = {
        OPTION_LIST("secret-file", "FILE", "the shared secret; given twice, either may have signed",
                    &arguments->secret_files, 0),
        OPTION_FLAG("secret-base64url", "the secret's file holds base64url of its bytes",
                    &arguments->secret_is_base64url, 0),
        OPTION_TEXT("jwks", "FILE", "a JWK set, or a map of key ids to certificates", &arguments->key_file,
                    0),
        OPTION_TEXT("issuer", "ISS", "demand this iss", &arguments->issuer, 0),
        OPTION_LIST("audience", "AUD", "demand this aud, or another that is given", &arguments->audiences, 0),
        OPTION_LIST("algorithms", "ALG,ALG", "allow these alone; else all of the mode",
                    &arguments->algorithms, 0),
        OPTION_LIST("types", "TYP,TYP", "demand one of these in typ: at+jwt", &arguments->types, 0),
        OPTION_TEXT("mapping", "FILE", "claim mapping: {\"newName\": \"claim\"}", &arguments->mapping_file,
                    0),
        OPTION_NUMBER("leeway", "SECONDS", "for clocks that differ: 0 to 60, else 60", &arguments->leeway_s,
                      0),
        OPTION_NUMBER("now", "UNIX", "the time to judge by, in seconds since 1970; else now",
                      &arguments->now_s, 0),
        OPTION_FLAG("lines", "a token a line: answer each with a line of JSON", &arguments->lines, 0),
        OPTION_END,
    };
    if (!options_read(cli, options, NULL, exit_status))
        return false;
    if ((arguments->secret_files.count > 0) == (arguments->key_file.at != NULL)) {
        *exit_status = cli_usage(cli, "say what verifies: --secret-file FILE, or --jwks FILE");
        return false;
    }
    if (arguments->now_s < 0) {
        *exit_status = cli_usage(cli, "--now is a number of seconds since 1970");
        return false;
    }
    return true;
}

/* ---- the issuer's settings: the same document that an environment has, checked by the same reader ---- */

static void set_text(json_t *object, const char *name, struct str text) {
    if (text.at != NULL)
        json_object_set_new(object, name, json_from_str(text));
}

static void set_list(json_t *object, const char *name, const struct option_list *list) {
    if (list->count > 0)
        json_object_set_new(object, name, token_list(list));
}

static bool set_mapping(const struct cli *cli, json_t *issuer, struct str path, int *exit_status) {
    struct str text;
    struct json_error error = {0, 0, NULL};
    json_t *mapping;
    if (path.at == NULL)
        return true;
    if (!token_read_file(cli, "mapping", path, &text, exit_status))
        return false;
    if (json_read(text, JSON_DEPTH_TOKEN, &mapping, &error) != OK) {
        *exit_status =
            cli_usage(cli, "--mapping %.*s:%u:%u: %s", STR_ARG(path), error.line, error.column, error.what);
        return false;
    }
    json_object_set_new(issuer, "mapping", mapping);
    return true;
}

static bool make_settings(const struct cli *cli, const struct arguments *arguments,
                          struct identity_sign_in *sign_in, int *exit_status) {
    json_auto_t *issuer =
        json_pack("{s:s, s:s}", "name", "given", "mode", arguments->key_file.at != NULL ? "key-set" : "hmac");
    json_auto_t *document = json_pack("{s:[O]}", "issuers", issuer);
    struct identity_config_error error = {STR_NONE, STR_NONE};
    set_text(issuer, "issuer", arguments->issuer);
    set_list(issuer, "audiences", &arguments->audiences);
    set_list(issuer, "algorithms", &arguments->algorithms);
    set_list(issuer, "types", &arguments->types);
    json_object_set_new(issuer, "leewaySeconds", json_integer(arguments->leeway_s));
    if (!set_mapping(cli, issuer, arguments->mapping_file, exit_status))
        return false;
    if (identity_sign_in_read(document, cli->arena, sign_in, &error) == OK)
        return true;
    struct str place =
        str_from_index(error.pointer, str_starts_with(error.pointer, STR("/issuers/0/")) ? 11 : 0);
    *exit_status = cli_usage(cli, "%.*s: %.*s", STR_ARG(place), STR_ARG(error.message));
    return false;
}

/* ---- keys ---- */

static bool read_key_set(const struct cli *cli, struct str path, struct jose_key_set **keys,
                         int *exit_status) {
    struct str text;
    const char *why = NULL;
    if (!token_read_file(cli, "jwks", path, &text, exit_status))
        return false;
    if (jose_key_set_read(text, JOSE_PUBLIC_KEYS, keys, &why) == OK)
        return true;
    *exit_status = cli_usage(cli, "--jwks %.*s: %s", STR_ARG(path), why);
    return false;
}

/* `*keys` stays NULL where a secret is too short for any algorithm. */
static bool read_secrets(const struct cli *cli, const struct arguments *arguments, struct jose_key_set **keys,
                         int *exit_status) {
    struct str secrets[OPTION_LIST_MAX];
    size_t count = arguments->secret_files.count;
    for (size_t i = 0; i < count; i++) {
        if (!token_read_secret(cli, arguments->secret_files.at[i], arguments->secret_is_base64url,
                               &secrets[i], exit_status))
            return false;
    }
    enum status status = jose_key_set_from_secrets(secrets, count, keys);
    if (status != TOO_LARGE)
        return true;
    *exit_status = cli_usage(cli, "at most 16 secrets can be given");
    return false;
}

/* ---- answers ---- */

static int answer_failure(struct cli *cli, const struct identity_failure *failure) {
    json_auto_t *answer = json_object();
    json_auto_t *said = identity_failure_json(failure, true);
    json_object_set_new(answer, "verified", json_false());
    json_object_update(answer, said);
    cli_print_json(cli, answer);
    return CLI_REFUSED;
}

static void set_time(json_t *object, const char *name, int64_t seconds) {
    if (seconds > 0)
        json_object_set_new(object, name, json_integer(seconds));
}

static json_t *describe_token(const struct identity_token *token, struct identity *identity) {
    AUTO_ARENA arena = arena_new();
    json_t *json = json_object();
    set_text(json, "id", identity_token_name(arena, identity, token->text));
    set_text(json, "issuer", json_get_str(identity_claims(identity), "iss"));
    set_text(json, "algorithm", token->jws.alg);
    set_text(json, "keyId", identity->key_id);
    set_text(json, "sessionId", identity->session_id);
    set_time(json, "issuedAt", identity->issued_at);
    set_time(json, "expiresAt", identity->expires_at);
    set_time(json, "authTime", identity->auth_time);
    return json;
}

static json_t *describe_permissions(const struct identity *identity) {
    json_t *json = json_array();
    for (size_t i = 0; i < identity->permission_count; i++)
        json_array_append_new(json, json_from_str(identity->permissions[i]));
    return json;
}

static json_t *describe_warnings(const struct identity *identity, const struct identity_issuer *issuer) {
    enum { WARNINGS_MAX = 16 };
    struct identity_warning warnings[WARNINGS_MAX];
    size_t count = identity_warnings(identity, issuer, warnings, WARNINGS_MAX);
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            json, json_pack("{s:s, s:s}", "code", warnings[i].code, "message", warnings[i].sentence));
    return json;
}

static int answer_identity(struct cli *cli, const struct identity_issuer *issuer,
                           const struct identity_token *token, struct identity *identity) {
    json_auto_t *answer = json_object();
    json_object_set_new(answer, "verified", json_true());
    json_object_set_new(answer, "identity", json_deep_copy(identity_user(identity)));
    json_object_set_new(answer, "permissions", describe_permissions(identity));
    json_object_set_new(answer, "token", describe_token(token, identity));
    json_object_set_new(answer, "warnings", describe_warnings(identity, issuer));
    cli_print_json(cli, answer);
    return CLI_OK;
}

/* ---- all of it ---- */

static int judge(struct cli *cli, const struct arguments *arguments, const struct identity_sign_in *sign_in,
                 const struct jose_key_set *keys, struct str text) {
    struct identity_token token = {.text = STR_NONE};
    struct identity identity = {.subject = STR_NONE};
    struct identity_failure failure;
    const struct identity_issuer *issuer;
    int exit_status;
    if (keys == NULL) {
        identity_fail(&failure, cli->arena, IDENTITY_SECRET_TOO_SHORT,
                      "A secret has fewer than 32 bytes, or more than 4096.");
        return answer_failure(cli, &failure);
    }
    if (identity_token_read(text, cli->arena, &token, &failure) == OK &&
        identity_choose_issuer(sign_in, &token, cli->arena, &issuer, &failure) == OK &&
        identity_verify(issuer, keys, &token, arguments->now_s, cli->arena, &identity, &failure) == OK)
        exit_status = answer_identity(cli, issuer, &token, &identity);
    else
        exit_status = answer_failure(cli, &failure);
    identity_release(&identity);
    return exit_status;
}

static int verify_one(struct cli *cli, const struct arguments *arguments,
                      const struct identity_sign_in *sign_in, const struct jose_key_set *keys) {
    struct identity_failure failure;
    struct str text = STR_NONE;
    enum status status = cli_read_file(cli->arena, STR("-"), TOKEN_FILE_MAX, &text);
    if (status == TOO_LARGE) {
        identity_fail(&failure, cli->arena, IDENTITY_TOKEN_TOO_LARGE, NULL);
        return answer_failure(cli, &failure);
    }
    if (status != OK)
        return cli_usage(cli, "the token is read from standard input, which cannot be read");
    return judge(cli, arguments, sign_in, keys, str_trim(text));
}

/* The next line of standard input without its end, exactly as it stands there. What is longer than any token
 * may be is cut a byte behind that: it is refused all the same. False at the end of the input. */
static bool read_line(struct buffer *line) {
    int byte;
    buffer_clear(line);
    while ((byte = getc(stdin)) != EOF && byte != '\n') {
        if (line->len <= JOSE_TOKEN_MAX)
            buffer_append_byte(line, (char)byte);
    }
    return byte != EOF || line->len > 0;
}

/* A token a line. CLI_OK where all of them verified. */
static int verify_lines(struct cli *cli, const struct arguments *arguments,
                        const struct identity_sign_in *sign_in, const struct jose_key_set *keys) {
    AUTO_BUFFER line = BUFFER_EMPTY;
    int exit_status = CLI_OK;
    struct cli one = {cli->command, cli->path, arena_new(), cli->arguments, .json = true};
    while (read_line(&line)) {
        if (judge(&one, arguments, sign_in, keys, buffer_text(&line)) != CLI_OK)
            exit_status = CLI_REFUSED;
        arena_reset(one.arena);
    }
    arena_free(one.arena);
    return exit_status;
}

static int run(struct cli *cli) {
    struct arguments arguments = {.leeway_s = 60, .now_s = clock_now_s()};
    struct identity_sign_in sign_in = {.enforcement = IDENTITY_OFF};
    struct jose_key_set *keys = NULL;
    int exit_status;
    if (!read_arguments(cli, &arguments, &exit_status) ||
        !make_settings(cli, &arguments, &sign_in, &exit_status))
        return exit_status;
    bool read = arguments.key_file.at != NULL ? read_key_set(cli, arguments.key_file, &keys, &exit_status)
                                              : read_secrets(cli, &arguments, &keys, &exit_status);
    if (read)
        exit_status = (arguments.lines ? verify_lines : verify_one)(cli, &arguments, &sign_in, keys);
    jose_key_set_release(keys);
    identity_sign_in_release(&sign_in);
    return exit_status;
}

const struct command command_token_verify = {
    .name = "verify",
    .summary = "Verify a token from standard input, offline, by the server's own rules.",
    .details =
        "Prints {\"verified\": true, \"identity\": {…}, …}, the identity exactly as tools see it, and exits "
        "with 0;\n"
        "or {\"verified\": false, \"reason\", \"detail\", \"message\", \"fix\"} and exits with 1; 2 is wrong "
        "usage.\n"
        "A secret is the bytes of its file, less one newline at the end: text is used as it stands, as JWT\n"
        "libraries use a secret from the environment. With --lines each line of standard input is a token,\n"
        "each answer a line, and 0 says that all of them verified.\n\n"
        "  chatelaine token verify --jwks keys.json --issuer https://acme.example --audience chat < token",
    .run = run,
};
