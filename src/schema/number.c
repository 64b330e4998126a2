/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison and divisibility without rounding: a bound of 0.1 means one tenth, not the binary number next to
 * it. */
#include "schema/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int sign_of(bool is_greater, bool is_less) {
    return (int)is_greater - (int)is_less;
}

static int compare_integer_to_real(int64_t integer, double real) {
    if (real >= 9223372036854775808.0)
        return -1;
    if (real < -9223372036854775808.0)
        return 1;
    double whole = trunc(real); /* fits now */
    int64_t other = (int64_t)whole;
    if (integer != other)
        return sign_of(integer > other, integer < other);
    return sign_of(whole > real, whole < real);
}

int number_compare(const json_t *a, const json_t *b) {
    if (json_is_integer(a) && json_is_integer(b))
        return sign_of(json_integer_value(a) > json_integer_value(b),
                       json_integer_value(a) < json_integer_value(b));
    if (json_is_integer(a))
        return compare_integer_to_real(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return -compare_integer_to_real(json_integer_value(b), json_real_value(a));
    return sign_of(json_real_value(a) > json_real_value(b), json_real_value(a) < json_real_value(b));
}

/* digits · 10^exponent, with the fewest digits that name the number; `digits` without trailing zeros. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* Reads printf's "%.*e": "-1.2345e+07". */
static struct decimal decimal_of_text(const char *text) {
    struct decimal decimal = {0, 0};
    bool is_fraction = false;
    for (; *text && *text != 'e'; text++) {
        if (*text >= '0' && *text <= '9') {
            decimal.digits = decimal.digits * 10 + (uint64_t)(*text - '0');
            decimal.exponent -= is_fraction;
        } else if (*text != '-') {
            is_fraction = true; /* whatever the locale's point is */
        }
    }
    if (*text == 'e')
        decimal.exponent += (int)strtol(text + 1, NULL, 10);
    return decimal;
}

static struct decimal decimal_of(const json_t *number) {
    struct decimal decimal = {0, 0};
    if (json_is_integer(number)) {
        int64_t value = json_integer_value(number);
        decimal.digits = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    } else {
        char text[40]; /* "-d." and 16 digits and an exponent of at most three: 24 bytes */
        for (int digits = 14; digits <= 16; digits++) {
            snprintf(text, sizeof text, "%.*e", digits, json_real_value(number));
            if (strtod(text, NULL) == json_real_value(number))
                break;
        }
        decimal = decimal_of_text(text);
    }
    while (decimal.digits != 0 && decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    return decimal;
}

__extension__ typedef unsigned __int128 wide; /* gcc's and clang's, not ISO C's */

/* 10^exponent mod `modulus`. */
static uint64_t power_of_ten_modulo(unsigned exponent, uint64_t modulus) {
    uint64_t result = 1 % modulus;
    uint64_t factor = 10 % modulus;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result = (uint64_t)((wide)result * factor % modulus);
        factor = (uint64_t)((wide)factor * factor % modulus);
    }
    return result;
}

bool number_is_multiple_of(const json_t *number, const json_t *of) {
    struct decimal a = decimal_of(number);
    struct decimal b = decimal_of(of);
    if (a.digits == 0)
        return true;
    if (b.digits == 0)
        return false;
    if (a.exponent >= b.exponent) {
        uint64_t scale = power_of_ten_modulo((unsigned)(a.exponent - b.exponent), b.digits);
        return (wide)(a.digits % b.digits) * scale % b.digits == 0;
    }
    /* `of` has zeros at its end that the number, whose digits end in none, cannot have: only more digits than
     * 10 divides. */
    return false;
}
