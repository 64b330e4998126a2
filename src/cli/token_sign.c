/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine token sign: a token as a customer's backend would mint it, for trying things out. */
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "cli/token.h"

struct arguments {
    struct str secret_file;
    bool secret_is_base64url;
    struct str key_file;
    struct str alg;
    struct str kid;
    struct str typ;
    struct str claims_file;
    struct option_list claims;
    struct str subject;
    struct str issuer;
    struct option_list audiences;
    int64_t expires_in_s;
    int64_t now_s;
};

static bool read_arguments(struct cli *cli, struct arguments *arguments, int *exit_status) {
    const struct option options[] = {
        OPTION_TEXT("secret-file", "FILE", "sign with this shared secret", &arguments->secret_file, 0),
        OPTION_FLAG("secret-base64url", "the secret's file holds base64url of its bytes",
                    &arguments->secret_is_base64url, 0),
        OPTION_TEXT("key", "FILE", "sign with this private key: a JWK, a JWK set or PEM",
                    &arguments->key_file, 0),
        OPTION_TEXT("alg", "ALG", "the algorithm; else the key's own, or the first that fits",
                    &arguments->alg, 0),
        OPTION_TEXT("kid", "ID", "the key's id, to name it or to choose it from a set", &arguments->kid, 0),
        OPTION_TEXT("typ", "TYPE", "the header's typ; else JWT", &arguments->typ, 0),
        OPTION_TEXT("subject", "ID", "sub: the user's stable id", &arguments->subject, 0),
        OPTION_TEXT("issuer", "ISS", "iss", &arguments->issuer, 0),
        OPTION_LIST("audience", "AUD", "aud", &arguments->audiences, 0),
        OPTION_NUMBER("expires-in", "SECONDS", "how long from now; else 300", &arguments->expires_in_s, 0),
        OPTION_LIST("claim", "NAME=TEXT", "a further claim; NAME:=JSON for what is not text",
                    &arguments->claims, 0),
        OPTION_TEXT("claims", "FILE", "a JSON object of claims to begin with", &arguments->claims_file, 0),
        OPTION_NUMBER("now", "UNIX", "the time to begin at, in seconds since 1970; else now",
                      &arguments->now_s, 0),
        OPTION_END,
    };
    if (!options_read(cli, options, NULL, exit_status))
        return false;
    if ((arguments->secret_file.at != NULL) != (arguments->key_file.at != NULL))
        return true;
    *exit_status = cli_usage(cli, "say what signs: --secret-file FILE, or --key FILE");
    return false;
}

/* ---- claims ---- */

static bool read_claims_file(const struct cli *cli, struct str path, json_t **claims, int *exit_status) {
    struct str text;
    struct json_error error = {0, 0, NULL};
    if (path.at == NULL) {
        *claims = json_object();
        return true;
    }
    if (!token_read_file(cli, "claims", path, &text, exit_status))
        return false;
    if (json_read(text, JSON_DEPTH_TOKEN, claims, &error) != OK) {
        *exit_status =
            cli_usage(cli, "--claims %.*s:%u:%u: %s", STR_ARG(path), error.line, error.column, error.what);
        return false;
    }
    if (json_is_object(*claims))
        return true;
    json_decref(*claims);
    *exit_status = cli_usage(cli, "--claims %.*s: this is not a JSON object", STR_ARG(path));
    return false;
}

/* NAME=TEXT or NAME:=JSON. */
static bool add_claim(const struct cli *cli, json_t *claims, struct str given, int *exit_status) {
    size_t equals = str_find_byte(given, '=');
    struct str value = str_from_index(given, equals == STR_NOT_FOUND ? given.len : equals + 1);
    struct str name = str_slice(given, 0, equals == STR_NOT_FOUND ? 0 : equals);
    bool is_json = str_ends_with(name, STR(":"));
    json_t *read = NULL;
    name.len -= is_json ? 1 : 0;
    if (name.len == 0 || (is_json && json_read(value, JSON_DEPTH_TOKEN, &read, NULL) != OK)) {
        *exit_status =
            cli_usage(cli, "--claim %.*s: this is neither NAME=TEXT nor NAME:=JSON", STR_ARG(given));
        return false;
    }
    json_set(claims, name, is_json ? read : json_from_str(value));
    return true;
}

static void set_unless_given(json_t *claims, const char *name, json_t *value) {
    if (json_object_get(claims, name) == NULL)
        json_object_set_new(claims, name, value);
    else
        json_decref(value);
}

static void set_usual(const struct cli *cli, const struct arguments *arguments, json_t *claims) {
    if (arguments->subject.at != NULL)
        json_object_set_new(claims, "sub", json_from_str(arguments->subject));
    if (arguments->issuer.at != NULL)
        json_object_set_new(claims, "iss", json_from_str(arguments->issuer));
    if (arguments->audiences.count == 1)
        json_object_set_new(claims, "aud", json_from_str(arguments->audiences.at[0]));
    if (arguments->audiences.count > 1)
        json_object_set_new(claims, "aud", token_list(&arguments->audiences));
    set_unless_given(claims, "iat", json_integer(arguments->now_s));
    set_unless_given(claims, "exp", json_integer(arguments->now_s + arguments->expires_in_s));
    set_unless_given(claims, "jti", json_from_str(id_new(cli->arena, STR("tok"))));
}

static bool make_claims(const struct cli *cli, const struct arguments *arguments, json_t **claims,
                        int *exit_status) {
    if (!read_claims_file(cli, arguments->claims_file, claims, exit_status))
        return false;
    for (size_t i = 0; i < arguments->claims.count; i++) {
        if (!add_claim(cli, *claims, arguments->claims.at[i], exit_status)) {
            json_decref(*claims);
            return false;
        }
    }
    set_usual(cli, arguments, *claims);
    return true;
}

/* ---- the key ---- */

static bool read_keys(const struct cli *cli, const struct arguments *arguments, struct jose_key_set **keys,
                      int *exit_status) {
    struct str text;
    const char *why = "it must have 32 to 4096 bytes";
    enum status status;
    if (arguments->secret_file.at != NULL) {
        if (!token_read_secret(cli, arguments->secret_file, arguments->secret_is_base64url, &text,
                               exit_status))
            return false;
        status = jose_key_set_from_secrets(&text, 1, keys);
    } else {
        if (!token_read_file(cli, "key", arguments->key_file, &text, exit_status))
            return false;
        bool is_pem = str_starts_with(str_trim(text), STR("-----BEGIN"));
        status = is_pem ? jose_key_set_from_pem(text, STR_NONE, JOSE_ALL_KEYS, keys, &why)
                        : jose_key_set_read(text, JOSE_ALL_KEYS, keys, &why);
    }
    if (status == OK)
        return true;
    *exit_status = cli_usage(cli, "the key cannot be used: %s", why);
    return false;
}

static const struct jose_key *choose_key(const struct jose_key_set *keys, struct str kid) {
    const struct jose_key *first = NULL;
    for (size_t i = 0; i < jose_key_set_count(keys); i++) {
        const struct jose_key *key = jose_key_set_at(keys, i);
        if (!jose_key_is_private(key))
            continue;
        if (kid.at != NULL && str_equal(jose_key_kid(key), kid))
            return key;
        first = first == NULL ? key : first;
    }
    return kid.at == NULL || jose_key_set_count(keys) == 1 ? first : NULL;
}

static const struct jose_algorithm *choose_algorithm(const struct jose_key *key, struct str alg) {
    if (alg.at != NULL)
        return jose_algorithm_find(alg);
    const struct jose_algorithm *algorithm;
    for (size_t i = 0; (algorithm = jose_algorithm_at(i)) != NULL; i++) {
        if (jose_key_fits(key, algorithm))
            return algorithm;
    }
    return NULL;
}

static const char *why_no_key(const struct jose_key_set *keys) {
    const struct jose_skipped_key *skipped = jose_key_set_skipped_at(keys, 0);
    return skipped != NULL ? skipped->why : "There is no private key of that id.";
}

static int sign(struct cli *cli, const struct arguments *arguments, const struct jose_key_set *keys,
                const json_t *claims) {
    const struct jose_key *key = choose_key(keys, arguments->kid);
    if (key == NULL)
        return cli_usage(cli, "the key cannot be used: %s", why_no_key(keys));
    const struct jose_algorithm *algorithm = choose_algorithm(key, arguments->alg);
    if (algorithm == NULL)
        return cli_usage(cli, "there is no algorithm '%.*s'", STR_ARG(arguments->alg));
    json_auto_t *header = json_object();
    if (arguments->kid.at != NULL)
        json_object_set_new(header, "kid", json_from_str(arguments->kid));
    if (arguments->typ.at != NULL)
        json_object_set_new(header, "typ", json_from_str(arguments->typ));
    struct str token;
    if (jose_sign(key, algorithm, header, json_write(cli->arena, claims), cli->arena, &token) != OK)
        return cli_fail(cli, "the key does not sign with %.*s", STR_ARG(jose_algorithm_name(algorithm)));
    if (!cli->json) {
        cli_say("%.*s", STR_ARG(token));
        return CLI_OK;
    }
    json_auto_t *answer = json_object();
    json_object_set_new(answer, "token", json_from_str(token));
    cli_print_json(cli, answer);
    return CLI_OK;
}

static int run(struct cli *cli) {
    struct arguments arguments = {.expires_in_s = 300, .now_s = clock_now_s()};
    struct jose_key_set *keys = NULL;
    json_t *claims = NULL;
    int exit_status;
    if (!read_arguments(cli, &arguments, &exit_status) || !read_keys(cli, &arguments, &keys, &exit_status))
        return exit_status;
    if (make_claims(cli, &arguments, &claims, &exit_status)) {
        exit_status = sign(cli, &arguments, keys, claims);
        json_decref(claims);
    }
    jose_key_set_release(keys);
    return exit_status;
}

const struct command command_token_sign = {
    .name = "sign",
    .summary = "Make a signed token, as your own backend would, for trying things out.",
    .details =
        "iat, exp and jti are set unless they are given. A secret is the bytes of its file, less one "
        "newline\n"
        "at the end.\n\n"
        "  chatelaine token sign --secret-file secret.txt --subject ada --claim name='Ada Lovelace'\n"
        "  chatelaine token sign --key private.pem --alg RS256 --kid 2026-1 --subject ada --claim level:=3",
    .run = run,
};
