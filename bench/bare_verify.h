/* SPDX-License-Identifier: Apache-2.0 */
/* A signature verified by the bare library, prepared once and used as fast as it allows; no claim is looked
 * at. For the floor: what a request costs where nothing but the signature is verified. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* `algorithm`: RS256, ES256, EdDSA (a public key in PEM) or HS256 (the file's bytes are the secret). */
void bare_prepare(const char *algorithm, const char *key_file);
bool bare_verify(const char *token, size_t len);
