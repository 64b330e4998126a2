/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the system's certificates are trusted: all that OpenSSL would trust, however they are kept. */
#include "egress/thread.h"

#include <openssl/x509_vfy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int count_read(void) {
    struct egress_thread thread = {.trusted = X509_STORE_new()};
    int count = sk_X509_OBJECT_num(X509_STORE_get0_objects(thread_trusted(&thread)));
    X509_STORE_free(thread.trusted);
    return count;
}

/* An operator's own hashed directory with a single certificate comes beside the system's bundle, not instead
 * of it. */
static void a_directory_of_ones_own_hides_no_bundle(void **state) {
    (void)state;
    char directory[] = "/tmp/chatelaine-trust-XXXXXX", file[64];
    if (access(X509_get_default_cert_file(), R_OK) != 0)
        skip();
    assert_non_null(mkdtemp(directory));
    snprintf(file, sizeof file, "%s/5ed36f99.0", directory);
    FILE *made = fopen(file, "w");
    assert_non_null(made);
    fclose(made);
    unsetenv("SSL_CERT_FILE");
    setenv("SSL_CERT_DIR", directory, 1);
    int count = count_read();
    unlink(file);
    rmdir(directory);
    unsetenv("SSL_CERT_DIR");
    assert_true(count > 0);
}

/* Where bundle and hashed directory are the same certificates, none is read before it is needed. */
static void nothing_is_read_that_is_there_twice(void **state) {
    (void)state;
    char *bundle = realpath(X509_get_default_cert_file(), NULL);
    bool is_debian = bundle != NULL && strcmp(bundle, "/etc/ssl/certs/ca-certificates.crt") == 0;
    free(bundle);
    if (!is_debian || access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0)
        skip();
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    assert_int_equal(count_read(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_of_ones_own_hides_no_bundle),
        cmocka_unit_test(nothing_is_read_that_is_there_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
