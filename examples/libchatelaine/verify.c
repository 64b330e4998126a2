/* SPDX-License-Identifier: Apache-2.0 */
/* Who sent this token?   cc verify.c $(pkg-config --cflags --libs libchatelaine) -o verify
 *                        ./verify keys.json "$token"                                              */
#include <chatelaine/chatelaine.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static char keys[1 << 20];
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL)
        return 2;
    struct chatelaine_issuer *acme = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_keys(acme, keys, fread(keys, 1, sizeof keys, file));
    chatelaine_issuer_set_iss(acme, "https://acme.example");
    chatelaine_issuer_add_audience(acme, "chat");

    struct chatelaine_verifier *verifier;
    struct chatelaine_error *error;
    if (chatelaine_verifier_new((const struct chatelaine_issuer *[]){acme}, 1, &verifier, &error) !=
        CHATELAINE_OK)
        return fprintf(stderr, "%s\n", error ? chatelaine_error_message(error) : "no memory"), 2;

    struct chatelaine_result *result = chatelaine_result_new();
    enum chatelaine_status status = chatelaine_verify(verifier, argv[2], strlen(argv[2]), result);
    if (status == CHATELAINE_OK)
        printf("%s\n", chatelaine_result_identity_json(result));
    else
        printf("refused: %s\n", chatelaine_detail_word(chatelaine_result_detail(result)));
    return status != CHATELAINE_OK;
}
