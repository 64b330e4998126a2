/* SPDX-License-Identifier: Apache-2.0 */
/* The same with keys from the issuer's URL:   cc verify_fetching.c $(pkg-config --cflags --libs
 * libchatelaine-fetch) Tokens come by standard input, one a line. */
#include <chatelaine/fetch.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    struct chatelaine_issuer *acme = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_key_set_url(acme,
                                      argc > 1 ? argv[1] : "https://acme.example/.well-known/jwks.json");
    struct chatelaine_verifier *verifier;
    if (chatelaine_verifier_new((const struct chatelaine_issuer *[]){acme}, 1, &verifier, NULL) !=
        CHATELAINE_OK)
        return 2;
    chatelaine_issuer_free(acme);

    /* Only public https addresses, unless somebody asks for more. */
    const struct chatelaine_fetch_options options = {.size = sizeof options,
                                                     .allow_private_addresses = argc > 2};
    struct chatelaine_fetcher *fetcher;
    if (chatelaine_fetcher_new(verifier, &options, &fetcher) != CHATELAINE_OK)
        return 2;

    struct chatelaine_result *result = chatelaine_result_new();
    char token[16385];
    while (result != NULL && fgets(token, sizeof token, stdin) != NULL) {
        if (chatelaine_fetcher_verify(fetcher, token, strcspn(token, "\n"), result) == CHATELAINE_OK)
            printf("%s\n", chatelaine_result_subject(result));
        else
            printf("refused: %s\n", chatelaine_detail_word(chatelaine_result_detail(result)));
        fflush(stdout);
    }
    chatelaine_result_free(result);
    chatelaine_fetcher_free(fetcher);
    chatelaine_verifier_free(verifier);
    return 0;
}
