/* SPDX-License-Identifier: Apache-2.0 */
/* The built pages: what no other route takes. */
#include "server/answer.h"
#include "server/assets_find.h"
#include "server/routes.h"

#include <stdio.h>

#define DASHBOARD_PAGE STR("/index.html")

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

/* The dashboard is for its own pages alone; the widget is loaded by pages of other origins. */
static bool is_dashboards(struct str path) {
    return str_equal(path, DASHBOARD_PAGE) || str_starts_with(path, STR("/dashboard/"));
}

static size_t add_audience(struct exchange *exchange, struct str path, struct http_header *headers) {
    if (str_equal(path, DASHBOARD_PAGE))
        return route_dashboard_headers(exchange, headers);
    headers[0] = (struct http_header){STR("Cross-Origin-Resource-Policy"),
                                      is_dashboards(path) ? STR("same-origin") : STR("cross-origin")};
    headers[1] = (struct http_header){STR("Access-Control-Allow-Origin"), STR("*")};
    return is_dashboards(path) ? 1 : 2;
}

static struct str caching_of(const struct web_asset *asset) {
    if (str_equal(asset->path, DASHBOARD_PAGE))
        return STR("no-cache");
    return asset->is_immutable ? STR("public, max-age=31536000, immutable") : STR("public, max-age=300");
}

static void answer_asset(struct exchange *exchange, const struct web_asset *asset) {
    const struct http_request *request = exchange_request(exchange);
    struct str encoding = STR_NONE;
    struct http_header headers[10] = {
        {STR("Content-Type"), asset->content_type},
        {STR("Cache-Control"), caching_of(asset)},
        {STR("ETag"), asset->etag},
        {STR("Vary"), STR("Accept-Encoding")},
        {STR("X-Content-Type-Options"), STR("nosniff")},
    };
    size_t count = 5;
    count += add_audience(exchange, asset->path, &headers[count]);
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

static struct str type_of(struct str path) {
    static const struct {
        struct str ending, type;
    } types[] = {{STR_STATIC(".js"), STR_STATIC("text/javascript; charset=utf-8")},
                 {STR_STATIC(".css"), STR_STATIC("text/css; charset=utf-8")},
                 {STR_STATIC(".svg"), STR_STATIC("image/svg+xml; charset=utf-8")},
                 {STR_STATIC(".woff2"), STR_STATIC("font/woff2")},
                 {STR_STATIC(".json"), STR_STATIC("application/json")},
                 {STR_STATIC(".html"), STR_STATIC("text/html; charset=utf-8")}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (str_ends_with(path, types[i].ending))
            return types[i].type;
    }
    return STR("application/octet-stream");
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
    struct http_header headers[6] = {
        {STR("Content-Type"), built != NULL ? built->content_type : type_of(path)},
        {STR("Cache-Control"), STR("no-store")},
    };
    size_t count = 2;
    count += add_audience(exchange, path, &headers[count]);
    if (is_file)
        exchange_answer(exchange,
                        &(struct http_response){
                            .status = 200, .headers = headers, .header_count = count, .body = {bytes, len}});
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
    struct str path = route_is_dashboard(request->path) ? DASHBOARD_PAGE : request->path;
    const struct web_asset *asset = assets_find(path);
    if (is_read && !str_is_empty(directory) && answer_file(exchange, directory, path))
        return;
    if (asset != NULL && is_read) {
        answer_asset(exchange, asset);
    } else if (asset != NULL) {
        refuse_method(exchange);
    } else {
        answer_not_found(exchange);
    }
}
