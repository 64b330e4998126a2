/* SPDX-License-Identifier: Apache-2.0 */
/* The built pages: what no other route takes. */
#include "server/answer.h"
#include "server/assets_find.h"
#include "server/routes.h"

#include <stdio.h>

/* The index of the first path that is not before `path`. */
static size_t lower_bound(struct str path) {
    size_t from = 0;
    size_t to = web_asset_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (str_compare(web_assets[middle].path, path) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct web_asset *assets_find(struct str path) {
    size_t index = lower_bound(path);
    return index < web_asset_count && str_equal(web_assets[index].path, path) ? &web_assets[index] : NULL;
}

const struct web_asset *assets_find_prefix(struct str prefix) {
    size_t index = lower_bound(prefix);
    return index < web_asset_count && str_starts_with(web_assets[index].path, prefix) ? &web_assets[index]
                                                                                      : NULL;
}

/* The smallest form that the client takes (RFC 9110 section 12.5.3; a weight of 0 is so rare for these that
 * it is not looked at). */
static struct str choose(const struct http_request *request, const struct web_asset *asset,
                         struct str *encoding) {
    if (asset->brotli.len > 0 && http_header_has_token(request, HTTP_ACCEPT_ENCODING, STR("br"))) {
        *encoding = STR("br");
        return asset->brotli;
    }
    if (asset->gzip.len > 0 && http_header_has_token(request, HTTP_ACCEPT_ENCODING, STR("gzip"))) {
        *encoding = STR("gzip");
        return asset->gzip;
    }
    return asset->identity;
}

static void answer_asset(struct exchange *exchange, const struct web_asset *asset) {
    const struct http_request *request = exchange_request(exchange);
    struct str encoding = STR_NONE;
    struct http_header headers[9] = {
        {STR("Content-Type"), asset->content_type},
        {STR("Cache-Control"),
         asset->is_immutable ? STR("public, max-age=31536000, immutable") : STR("public, max-age=300")},
        {STR("ETag"), asset->etag},
        {STR("Vary"), STR("Accept-Encoding")},
        {STR("Access-Control-Allow-Origin"), STR("*")},
        {STR("Cross-Origin-Resource-Policy"), STR("cross-origin")},
        {STR("X-Content-Type-Options"), STR("nosniff")},
    };
    size_t count = 7;
    if (http_header_has_token(request, HTTP_IF_NONE_MATCH, asset->etag)) {
        exchange_answer(exchange,
                        &(struct http_response){.status = 304, .headers = headers, .header_count = count});
        return;
    }
    struct str body = choose(request, asset, &encoding);
    if (!str_is_empty(encoding))
        headers[count++] = (struct http_header){STR("Content-Encoding"), encoding};
    exchange_answer(
        exchange,
        &(struct http_response){
            .status = 200, .headers = headers, .header_count = count, .body = body, .body_is_static = true});
}

/* While developing: a file of --web in the place of the built one. The path has neither dot segments nor NUL
 * (http.h). */
static bool answer_file(struct exchange *exchange, struct str directory, struct str path) {
    struct arena *arena = exchange_arena(exchange);
    struct str name = arena_join(arena, 2, (struct str[]){directory, path});
    FILE *file = fopen(name.at, "rbe");
    if (file == NULL)
        return false;
    enum { MOST = 8 << 20 };
    char *bytes = arena_alloc(arena, MOST);
    size_t len = fread(bytes, 1, MOST, file);
    bool is_file = ferror(file) == 0;
    fclose(file);
    const struct web_asset *built = assets_find(path);
    const struct http_header headers[] = {
        {STR("Content-Type"), built != NULL                       ? built->content_type
                              : str_ends_with(path, STR(".js"))   ? STR("text/javascript; charset=utf-8")
                              : str_ends_with(path, STR(".html")) ? STR("text/html; charset=utf-8")
                                                                  : STR("application/octet-stream")},
        {STR("Cache-Control"), STR("no-store")},
        {STR("Access-Control-Allow-Origin"), STR("*")},
    };
    if (is_file)
        exchange_answer(exchange,
                        &(struct http_response){
                            .status = 200, .headers = headers, .header_count = 3, .body = {bytes, len}});
    return is_file;
}

static void refuse_method(struct exchange *exchange) {
    const struct http_header headers[] = {{STR("Allow"), STR("GET, HEAD")}};
    const struct problem problem = {.status = 405,
                                    .code = STR("method-not-allowed"),
                                    .sentence = STR("This address does not take that method.")};
    answer_problem_with(exchange, &problem, headers, 1);
}

void route_asset(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    struct str directory = front_of(exchange)->process->options->web;
    bool is_read = request->method == HTTP_GET || request->method == HTTP_HEAD;
    const struct web_asset *asset = assets_find(request->path);
    if (is_read && !str_is_empty(directory) && answer_file(exchange, directory, request->path))
        return;
    if (asset != NULL && is_read) {
        answer_asset(exchange, asset);
    } else if (asset != NULL) {
        refuse_method(exchange);
    } else {
        answer_not_found(exchange);
    }
}
