/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/key.h"

/* Infineon's flawed generator (CVE-2017-15361) made primes of the form k * M + (65537^a mod M), M a product
 * of small primes. So modulo each of these primes the modulus is a power of 65537; an honest one is that for
 * all of them once in 2^27 and rarer. */
static const unsigned primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};

static bool is_power_of_65537(unsigned residue, unsigned prime) {
    unsigned power = 1;
    do {
        if (power == residue)
            return true;
        power = (unsigned)((uint64_t)power * 65537U % prime);
    } while (power != 1);
    return false;
}

bool jose_rsa_is_roca(const BIGNUM *modulus) {
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        if (!is_power_of_65537((unsigned)BN_mod_word(modulus, primes[i]), primes[i]))
            return false;
    }
    return true;
}
