/* SPDX-License-Identifier: Apache-2.0 */
#include "library/words.h"

static const enum chatelaine_detail details[IDENTITY_DETAILS] = {
    [IDENTITY_TOKEN_ABSENT] = CHATELAINE_TOKEN_ABSENT,
    [IDENTITY_SIGN_IN_OFF] = CHATELAINE_SIGN_IN_OFF,
    [IDENTITY_SECRET_MISSING] = CHATELAINE_SECRET_MISSING,
    [IDENTITY_KEY_SET_MISSING] = CHATELAINE_KEY_SET_MISSING,
    [IDENTITY_SECRET_TOO_SHORT] = CHATELAINE_SECRET_TOO_SHORT,
    [IDENTITY_ISSUER_UNCONFIRMED] = CHATELAINE_ISSUER_UNCONFIRMED,
    [IDENTITY_EXP_PASSED] = CHATELAINE_EXP_PASSED,
    [IDENTITY_MALFORMED] = CHATELAINE_MALFORMED,
    [IDENTITY_TOKEN_TOO_LARGE] = CHATELAINE_TOKEN_TOO_LARGE,
    [IDENTITY_ALG_NOT_ALLOWED] = CHATELAINE_ALG_NOT_ALLOWED,
    [IDENTITY_UNKNOWN_KID] = CHATELAINE_UNKNOWN_KID,
    [IDENTITY_KEY_UNFIT] = CHATELAINE_KEY_UNFIT,
    [IDENTITY_KEY_AMBIGUOUS] = CHATELAINE_KEY_AMBIGUOUS,
    [IDENTITY_CERTIFICATE_EXPIRED] = CHATELAINE_CERTIFICATE_EXPIRED,
    [IDENTITY_SIGNATURE_MISMATCH] = CHATELAINE_SIGNATURE_MISMATCH,
    [IDENTITY_PROOF_INVALID] = CHATELAINE_PROOF_INVALID,
    [IDENTITY_CLAIMS_MALFORMED] = CHATELAINE_CLAIMS_MALFORMED,
    [IDENTITY_TYP_NOT_ALLOWED] = CHATELAINE_TYP_NOT_ALLOWED,
    [IDENTITY_EXP_MISSING] = CHATELAINE_EXP_MISSING,
    [IDENTITY_EXP_INVALID] = CHATELAINE_EXP_INVALID,
    [IDENTITY_NOT_YET_VALID] = CHATELAINE_NOT_YET_VALID,
    [IDENTITY_NBF_INVALID] = CHATELAINE_NBF_INVALID,
    [IDENTITY_IAT_IN_FUTURE] = CHATELAINE_IAT_IN_FUTURE,
    [IDENTITY_IAT_INVALID] = CHATELAINE_IAT_INVALID,
    [IDENTITY_ISS_MISSING] = CHATELAINE_ISS_MISSING,
    [IDENTITY_ISS_MISMATCH] = CHATELAINE_ISS_MISMATCH,
    [IDENTITY_ISSUER_AMBIGUOUS] = CHATELAINE_ISSUER_AMBIGUOUS,
    [IDENTITY_AUD_MISSING] = CHATELAINE_AUD_MISSING,
    [IDENTITY_AUD_MISMATCH] = CHATELAINE_AUD_MISMATCH,
    [IDENTITY_SUB_MISSING] = CHATELAINE_SUB_MISSING,
    [IDENTITY_SUB_INVALID] = CHATELAINE_SUB_INVALID,
    [IDENTITY_MACHINE_TOKEN] = CHATELAINE_MACHINE_TOKEN,
    [IDENTITY_CLIENT_MISMATCH] = CHATELAINE_CLIENT_MISMATCH,
    [IDENTITY_ORGANIZATION_MISMATCH] = CHATELAINE_ORGANIZATION_MISMATCH,
    [IDENTITY_PROVIDER_RULE] = CHATELAINE_PROVIDER_RULE,
    [IDENTITY_IDENTITY_TOO_LARGE] = CHATELAINE_IDENTITY_TOO_LARGE,
    [IDENTITY_REVOKED] = CHATELAINE_REVOKED,
    [IDENTITY_REPLAYED] = CHATELAINE_REPLAYED,
    [IDENTITY_AUTHENTICATION_TOO_OLD] = CHATELAINE_AUTHENTICATION_TOO_OLD,
    [IDENTITY_AUTHENTICATION_TOO_WEAK] = CHATELAINE_AUTHENTICATION_TOO_WEAK,
    [IDENTITY_FETCH_UNREACHABLE] = CHATELAINE_FETCH_UNREACHABLE,
    [IDENTITY_FETCH_REFUSED] = CHATELAINE_FETCH_REFUSED,
    [IDENTITY_FETCH_STATUS] = CHATELAINE_FETCH_STATUS,
    [IDENTITY_FETCH_INVALID] = CHATELAINE_FETCH_INVALID,
};

static const enum chatelaine_reason reasons[IDENTITY_REASONS] = {
    [IDENTITY_MISSING_TOKEN] = CHATELAINE_MISSING_TOKEN,
    [IDENTITY_CONFIG_INCOMPLETE] = CHATELAINE_CONFIG_INCOMPLETE,
    [IDENTITY_EXPIRED] = CHATELAINE_EXPIRED,
    [IDENTITY_BAD_SIGNATURE] = CHATELAINE_BAD_SIGNATURE,
    [IDENTITY_BAD_CLAIM] = CHATELAINE_BAD_CLAIM,
    [IDENTITY_JWKS_FETCH_FAILED] = CHATELAINE_JWKS_FETCH_FAILED,
};

enum chatelaine_detail words_detail(enum identity_detail detail) {
    return detail < IDENTITY_DETAILS ? details[detail] : CHATELAINE_NO_DETAIL;
}

bool words_find(enum chatelaine_detail detail, enum identity_detail *internal) {
    for (enum identity_detail i = 0; i < IDENTITY_DETAILS; i++) {
        if (detail != CHATELAINE_NO_DETAIL && details[i] == detail) {
            *internal = i;
            return true;
        }
    }
    return false;
}

static const struct identity_words *words_of(enum chatelaine_detail detail) {
    enum identity_detail internal;
    return words_find(detail, &internal) ? identity_words(internal) : NULL;
}

/* Of the server's reasons the one with that number; IDENTITY_REASONS for none. */
static enum identity_reason find_reason(enum chatelaine_reason reason) {
    enum identity_reason i = 0;
    while (i < IDENTITY_REASONS && reasons[i] != reason)
        i++;
    return i;
}

const char *chatelaine_reason_word(enum chatelaine_reason reason) {
    enum identity_reason found = find_reason(reason);
    return found < IDENTITY_REASONS ? identity_reason_name(found) : NULL;
}

const char *chatelaine_reason_visitor_sentence(enum chatelaine_reason reason) {
    enum identity_reason found = find_reason(reason);
    return found < IDENTITY_REASONS ? identity_visitor_sentence(found) : NULL;
}

const char *chatelaine_detail_word(enum chatelaine_detail detail) {
    const struct identity_words *words = words_of(detail);
    return words != NULL ? words->detail : NULL;
}

enum chatelaine_reason chatelaine_detail_reason(enum chatelaine_detail detail) {
    const struct identity_words *words = words_of(detail);
    return words != NULL ? reasons[words->reason] : CHATELAINE_NO_REASON;
}

const char *chatelaine_detail_sentence(enum chatelaine_detail detail) {
    const struct identity_words *words = words_of(detail);
    return words != NULL ? words->sentence : NULL;
}

const char *chatelaine_detail_fix(enum chatelaine_detail detail) {
    const struct identity_words *words = words_of(detail);
    return words != NULL ? words->fix : NULL;
}
