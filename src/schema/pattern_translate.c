/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/pattern_translate.h"

#include "schema/schema.h"

/* One pass over the text. `repeated` says what stands just before: nothing that repeats, a quantifier, or a
 * quantifier with its "?" (lazy): a further "+" would be PCRE2's possessive quantifier, which ECMA-262 does
 * not have. */
struct translation {
    struct str rest;
    struct buffer *out;
    const char **what;
    bool in_class;
    enum { ONCE, REPEATED, REPEATED_LAZILY } repeated;
};

static enum status refuse(struct translation *t, const char *what) {
    *t->what = what;
    return INVALID;
}

static char peek(const struct translation *t, size_t ahead) {
    return ahead < t->rest.len ? t->rest.at[ahead] : '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Copies `count` bytes of the rest as they stand. */
static enum status copy(struct translation *t, size_t count) {
    buffer_append(t->out, str_slice(t->rest, 0, count));
    t->rest = str_from_index(t->rest, count);
    return OK;
}

static bool take_hex(struct str text, uint32_t *value) {
    if (text.len == 0 || text.len > 6)
        return false;
    *value = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        uint32_t digit = 0;
        if (is_digit(c))
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return false;
        *value = *value * 16 + digit;
    }
    return true;
}

/* "\xHH", "\uHHHH", "\u{H…}" and a surrogate pair of two "\uHHHH" become "\x{H…}". */
static enum status translate_code_point(struct translation *t) {
    static const char wrong[] = "has a \\u or \\x without its hexadecimal digits, or half a surrogate pair";
    uint32_t code = 0;
    size_t length = 0;
    if (peek(t, 1) == 'u' && peek(t, 2) == '{') {
        size_t digits = str_find_byte(str_from_index(t->rest, 3), '}');
        if (digits == STR_NOT_FOUND || !take_hex(str_slice(t->rest, 3, 3 + digits), &code))
            return refuse(t, wrong);
        length = 3 + digits + 1;
    } else {
        length = peek(t, 1) == 'u' ? 6 : 4;
        if (t->rest.len < length || !take_hex(str_slice(t->rest, 2, length), &code))
            return refuse(t, wrong);
    }
    uint32_t low = 0;
    bool is_high = code >= 0xD800 && code <= 0xDBFF && length == 6;
    if (is_high && peek(t, 6) == '\\' && peek(t, 7) == 'u' && take_hex(str_slice(t->rest, 8, 12), &low) &&
        t->rest.len >= 12 && low >= 0xDC00 && low <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        length = 12;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return refuse(t, wrong);
    buffer_print(t->out, "\\x{%x}", code);
    t->rest = str_from_index(t->rest, length);
    return OK;
}

/* The general categories' long names (UAX #44, table 12): ECMA-262 knows them, PCRE2 the short ones only. */
static const struct {
    struct str name;
    struct str category;
} general_categories[] = {
    {STR_STATIC("Letter"), STR_STATIC("L")},
    {STR_STATIC("Cased_Letter"), STR_STATIC("L&")},
    {STR_STATIC("Uppercase_Letter"), STR_STATIC("Lu")},
    {STR_STATIC("Lowercase_Letter"), STR_STATIC("Ll")},
    {STR_STATIC("Titlecase_Letter"), STR_STATIC("Lt")},
    {STR_STATIC("Modifier_Letter"), STR_STATIC("Lm")},
    {STR_STATIC("Other_Letter"), STR_STATIC("Lo")},
    {STR_STATIC("Mark"), STR_STATIC("M")},
    {STR_STATIC("Nonspacing_Mark"), STR_STATIC("Mn")},
    {STR_STATIC("Spacing_Mark"), STR_STATIC("Mc")},
    {STR_STATIC("Enclosing_Mark"), STR_STATIC("Me")},
    {STR_STATIC("Number"), STR_STATIC("N")},
    {STR_STATIC("Decimal_Number"), STR_STATIC("Nd")},
    {STR_STATIC("Letter_Number"), STR_STATIC("Nl")},
    {STR_STATIC("Other_Number"), STR_STATIC("No")},
    {STR_STATIC("Punctuation"), STR_STATIC("P")},
    {STR_STATIC("Connector_Punctuation"), STR_STATIC("Pc")},
    {STR_STATIC("Dash_Punctuation"), STR_STATIC("Pd")},
    {STR_STATIC("Open_Punctuation"), STR_STATIC("Ps")},
    {STR_STATIC("Close_Punctuation"), STR_STATIC("Pe")},
    {STR_STATIC("Initial_Punctuation"), STR_STATIC("Pi")},
    {STR_STATIC("Final_Punctuation"), STR_STATIC("Pf")},
    {STR_STATIC("Other_Punctuation"), STR_STATIC("Po")},
    {STR_STATIC("Symbol"), STR_STATIC("S")},
    {STR_STATIC("Math_Symbol"), STR_STATIC("Sm")},
    {STR_STATIC("Currency_Symbol"), STR_STATIC("Sc")},
    {STR_STATIC("Modifier_Symbol"), STR_STATIC("Sk")},
    {STR_STATIC("Other_Symbol"), STR_STATIC("So")},
    {STR_STATIC("Separator"), STR_STATIC("Z")},
    {STR_STATIC("Space_Separator"), STR_STATIC("Zs")},
    {STR_STATIC("Line_Separator"), STR_STATIC("Zl")},
    {STR_STATIC("Paragraph_Separator"), STR_STATIC("Zp")},
    {STR_STATIC("Other"), STR_STATIC("C")},
    {STR_STATIC("Control"), STR_STATIC("Cc")},
    {STR_STATIC("Format"), STR_STATIC("Cf")},
    {STR_STATIC("Private_Use"), STR_STATIC("Co")},
    {STR_STATIC("Unassigned"), STR_STATIC("Cn")},
};

/* "\p{General_Category=Letter}", "\p{Letter}", "\p{L}", "\p{Script=Greek}" … */
static enum status translate_property(struct translation *t) {
    size_t end = str_find_byte(t->rest, '}');
    if (peek(t, 2) != '{' || end == STR_NOT_FOUND)
        return refuse(t, "has a \\p without a property in braces");
    struct str name = str_slice(t->rest, 3, end);
    for (size_t i = 0; i < name.len; i++)
        if (!is_letter(name.at[i]) && !is_digit(name.at[i]) && name.at[i] != '_' && name.at[i] != '=')
            return refuse(t, "has a \\p with something that is no property");
    static const struct str prefixes[] = {STR_STATIC("General_Category="), STR_STATIC("gc=")};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts_with(name, prefixes[i]))
            name = str_from_index(name, prefixes[i].len);
    for (size_t i = 0; i < sizeof general_categories / sizeof *general_categories; i++)
        if (str_equal(name, general_categories[i].name))
            name = general_categories[i].category;
    copy(t, 3);
    buffer_append(t->out, name);
    buffer_append_byte(t->out, '}');
    t->rest = str_from_index(t->rest, end - 2); /* three bytes are copied already */
    return OK;
}

/* "\1" is a reference to a group and nothing else: PCRE2 would read "\12" as octal where there are not twelve
 * groups. */
static enum status translate_reference(struct translation *t) {
    size_t digits = 0;
    while (is_digit(peek(t, 1 + digits)))
        digits++;
    if (t->in_class || digits > 3)
        return refuse(t, "has a group's number where there can't be one");
    buffer_append(t->out, STR("\\g{"));
    buffer_append(t->out, str_slice(t->rest, 1, 1 + digits));
    buffer_append(t->out, STR("}"));
    t->rest = str_from_index(t->rest, 1 + digits);
    return OK;
}

static enum status translate_escape(struct translation *t) {
    char c = peek(t, 1);
    if (t->rest.len < 2)
        return refuse(t, "ends in a backslash");
    if (c == 'u' || c == 'x')
        return translate_code_point(t);
    if (c == 'p' || c == 'P')
        return translate_property(t);
    if (c >= '1' && c <= '9')
        return translate_reference(t);
    if (c == 'v' || c == '0') {
        if (c == '0' && is_digit(peek(t, 2)))
            return refuse(t, "has an octal escape");
        buffer_append(t->out, c == 'v' ? STR("\\x{b}") : STR("\\x{0}"));
        t->rest = str_from_index(t->rest, 2);
        return OK;
    }
    if (c == 'c')
        return is_letter(peek(t, 2)) ? copy(t, 3) : refuse(t, "has a \\c without a letter");
    if (c == 'k')
        return peek(t, 2) == '<' && !t->in_class ? copy(t, 2) : refuse(t, "has a \\k without a group's name");
    bool is_known = str_find_byte(STR("dDwWsSbtnrf"), c) != STR_NOT_FOUND || (c == 'B' && !t->in_class);
    if (is_letter(c) && !is_known)
        return refuse(t, "has a backslash before a letter that means nothing there");
    return copy(t, 2);
}

/* How long the quantifier in braces at the front of the rest is: 0 where there is none. */
static size_t braces_length(const struct translation *t) {
    size_t at = 1;
    size_t digits = 0;
    for (; is_digit(peek(t, at)); at++)
        digits++;
    if (digits == 0)
        return 0;
    if (peek(t, at) == ',')
        at++;
    while (is_digit(peek(t, at)))
        at++;
    return peek(t, at) == '}' ? at + 1 : 0;
}

static enum status translate_quantifier(struct translation *t, size_t length) {
    if (t->repeated == REPEATED && peek(t, 0) == '?')
        t->repeated = REPEATED_LAZILY;
    else if (t->repeated == ONCE)
        t->repeated = REPEATED;
    else
        return refuse(t, "repeats what is a repetition already");
    return copy(t, length);
}

static enum status translate_group(struct translation *t) {
    if (peek(t, 1) == '*')
        return refuse(t, "has a \"*\" with nothing before it");
    if (peek(t, 1) != '?')
        return copy(t, 1);
    char kind = peek(t, 2);
    char next = peek(t, 3);
    if (kind == ':' || kind == '=' || kind == '!')
        return copy(t, 3);
    if (kind == '<' && (next == '=' || next == '!' || next == '_' || is_letter(next)))
        return copy(t, 4);
    return refuse(t, "has a group of a kind that ECMA-262 does not know");
}

static enum status translate_in_class(struct translation *t) {
    char c = peek(t, 0);
    char next = peek(t, 1);
    if (c == '\\')
        return translate_escape(t);
    if (c == '[') { /* plain in ECMA-262; PCRE2 sees the beginning of a POSIX class in "[:" */
        if (next == ':' || next == '.' || next == '=')
            return refuse(t, "has a POSIX class");
        buffer_append_byte(t->out, '\\');
    }
    if (c == ']')
        t->in_class = false;
    return copy(t, 1);
}

static enum status translate_outside(struct translation *t) {
    char c = peek(t, 0);
    if (c == '*' || c == '+' || c == '?')
        return translate_quantifier(t, 1);
    if (c == '{' && braces_length(t) > 0)
        return translate_quantifier(t, braces_length(t));
    t->repeated = ONCE;
    switch (c) {
    case '\\':
        return translate_escape(t);
    case '(':
        return translate_group(t);
    case '[':
        t->in_class = true;
        return copy(t, peek(t, 1) == '^' ? 2 : 1);
    case '.': /* ECMA-262's four line terminators */
        buffer_append(t->out, STR("[^\\n\\r\\x{2028}\\x{2029}]"));
        t->rest = str_from_index(t->rest, 1);
        return OK;
    case '{':
    case '}':
    case ']':
        buffer_append_byte(t->out, '\\');
        return copy(t, 1);
    default:
        return copy(t, 1);
    }
}

enum status pattern_translate(struct str text, struct buffer *translated, const char **what) {
    struct translation t = {.rest = text, .out = translated, .what = what};
    if (text.len > SCHEMA_PATTERN_BYTES_MAX) {
        *what = "is too long";
        return TOO_LARGE;
    }
    while (t.rest.len > 0)
        TRY(t.in_class ? translate_in_class(&t) : translate_outside(&t));
    if (t.in_class)
        return refuse(&t, "has a \"[\" without its \"]\"");
    if (!translated->at)
        buffer_reserve(translated, 1); /* PCRE2 wants an address even for nothing */
    return OK;
}
