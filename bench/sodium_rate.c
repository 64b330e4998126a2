/* SPDX-License-Identifier: Apache-2.0 */
/* How many Ed25519 signatures libsodium verifies a second and core: prints µs each, by processor time.
 * usage: sodium_rate SECONDS */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MESSAGE = 512, AT_ONCE = 64 }; /* a token's header and claims */

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
    unsigned char message[MESSAGE];
    unsigned char signature[crypto_sign_BYTES];
    if (sodium_init() < 0 || crypto_sign_keypair(public_key, secret_key) != 0)
        return 1;
    randombytes_buf(message, sizeof message);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret_key);

    double begun = processor_seconds();
    double spent = 0;
    long verified = 0;
    while (spent < seconds) {
        for (int i = 0; i < AT_ONCE; i++) {
            if (crypto_sign_verify_detached(signature, message, sizeof message, public_key) != 0)
                return 1;
        }
        verified += AT_ONCE;
        spent = processor_seconds() - begun;
    }
    printf("%.3f\n", spent / (double)verified * 1e6);
    return 0;
}
