/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"

#include "http/syntax.h"

#include <string.h>
#include <time.h>

#define LINE(status, reason)                                                                                 \
    [(status)-100] = {"HTTP/1.1 " #status " " reason "\r\n", sizeof("HTTP/1.1 xxx " reason "\r\n") - 1}

static const struct str status_lines[] = {
    LINE(100, "Continue"),
    LINE(101, "Switching Protocols"),
    LINE(200, "OK"),
    LINE(201, "Created"),
    LINE(202, "Accepted"),
    LINE(204, "No Content"),
    LINE(206, "Partial Content"),
    LINE(301, "Moved Permanently"),
    LINE(302, "Found"),
    LINE(303, "See Other"),
    LINE(304, "Not Modified"),
    LINE(307, "Temporary Redirect"),
    LINE(308, "Permanent Redirect"),
    LINE(400, "Bad Request"),
    LINE(401, "Unauthorized"),
    LINE(402, "Payment Required"),
    LINE(403, "Forbidden"),
    LINE(404, "Not Found"),
    LINE(405, "Method Not Allowed"),
    LINE(406, "Not Acceptable"),
    LINE(408, "Request Timeout"),
    LINE(409, "Conflict"),
    LINE(410, "Gone"),
    LINE(411, "Length Required"),
    LINE(412, "Precondition Failed"),
    LINE(413, "Content Too Large"),
    LINE(414, "URI Too Long"),
    LINE(415, "Unsupported Media Type"),
    LINE(416, "Range Not Satisfiable"),
    LINE(417, "Expectation Failed"),
    LINE(421, "Misdirected Request"),
    LINE(422, "Unprocessable Content"),
    LINE(424, "Failed Dependency"),
    LINE(425, "Too Early"),
    LINE(426, "Upgrade Required"),
    LINE(428, "Precondition Required"),
    LINE(429, "Too Many Requests"),
    LINE(431, "Request Header Fields Too Large"),
    LINE(451, "Unavailable For Legal Reasons"),
    LINE(500, "Internal Server Error"),
    LINE(501, "Not Implemented"),
    LINE(502, "Bad Gateway"),
    LINE(503, "Service Unavailable"),
    LINE(504, "Gateway Timeout"),
    LINE(505, "HTTP Version Not Supported"),
};

#undef LINE

struct str response_status_line(unsigned status) {
    size_t count = sizeof status_lines / sizeof *status_lines;
    return status >= 100 && status - 100 < count ? status_lines[status - 100] : STR_NONE;
}

bool response_may_have_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

static bool is_ours(struct str name) {
    if (name.len == 4 && str_equal_ignore_case(name, STR("date")))
        return true;
    if (name.len < 10)
        return false;
    enum http_header_name known = header_name_find(name);
    return known == HTTP_CONTENT_LENGTH || known == HTTP_TRANSFER_ENCODING || known == HTTP_CONNECTION;
}

enum status response_check(const struct http_response *response) {
    if (response->status < 200 || response_status_line(response->status).at == NULL)
        return INVALID;
    for (size_t i = 0; i < response->header_count; i++) {
        const struct http_header *header = &response->headers[i];
        if (!syntax_is_token(header->name) || is_ours(header->name) || !syntax_is_field_value(header->value))
            return INVALID;
    }
    return OK;
}

/* The status line, "Date: " …, "Content-Length: " and 20 digits or "Transfer-Encoding: chunked", "Connection:
 * close", the end. */
enum { FIXED_PART = 64 + 6 + RESPONSE_DATE_LEN + 2 + 16 + 20 + 2 + 28 + 28 + 2 };

size_t response_head_bound(const struct http_response *response) {
    size_t bound = FIXED_PART;
    for (size_t i = 0; i < response->header_count; i++)
        bound += response->headers[i].name.len + response->headers[i].value.len + 4;
    return bound;
}

static char *put(char *at, struct str text) {
    if (text.len > 0)
        memcpy(at, text.at, text.len);
    return at + text.len;
}

size_t response_write_number(char *at, uint64_t number) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < count; i++)
        at[i] = digits[count - 1 - i];
    return count;
}

size_t response_write_head(char *at, const struct http_response *response,
                           const struct response_framing *framing) {
    char *end = put(at, response_status_line(response->status));
    end = put(end, STR("Date: "));
    end = put(end, (struct str){framing->date, RESPONSE_DATE_LEN});
    end = put(end, STR("\r\n"));
    for (size_t i = 0; i < response->header_count; i++) {
        end = put(end, response->headers[i].name);
        end = put(end, STR(": "));
        end = put(end, response->headers[i].value);
        end = put(end, STR("\r\n"));
    }
    if (framing->body == RESPONSE_CHUNKED) {
        end = put(end, STR("Transfer-Encoding: chunked\r\n"));
    } else if (framing->body == RESPONSE_LENGTH && response_may_have_body(response->status)) {
        end = put(end, STR("Content-Length: "));
        end += response_write_number(end, response->body.len);
        end = put(end, STR("\r\n"));
    }
    if (response->status == 426) /* Upgrade is for this connection only: RFC 9110 section 7.8 */
        end = put(end,
                  framing->closes ? STR("Connection: upgrade, close\r\n") : STR("Connection: upgrade\r\n"));
    else if (framing->closes)
        end = put(end, STR("Connection: close\r\n"));
    end = put(end, STR("\r\n"));
    return (size_t)(end - at);
}

static char *put_two(char *at, int number) {
    at[0] = (char)('0' + number / 10 % 10);
    at[1] = (char)('0' + number % 10);
    return at + 2;
}

void response_write_date(char at[RESPONSE_DATE_LEN], int64_t unix_seconds) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t time = (time_t)unix_seconds;
    struct tm parts = {0};
    gmtime_r(&time, &parts);
    char *end = put(at, str_of(days + (ptrdiff_t)parts.tm_wday * 3, 3));
    end = put(end, STR(", "));
    end = put_two(end, parts.tm_mday);
    end = put(end, STR(" "));
    end = put(end, str_of(months + (ptrdiff_t)parts.tm_mon * 3, 3));
    end = put(end, STR(" "));
    end = put_two(end, (parts.tm_year + 1900) / 100);
    end = put_two(end, (parts.tm_year + 1900) % 100);
    end = put(end, STR(" "));
    end = put_two(end, parts.tm_hour);
    end = put(end, STR(":"));
    end = put_two(end, parts.tm_min);
    end = put(end, STR(":"));
    end = put_two(end, parts.tm_sec);
    put(end, STR(" GMT"));
}
