// SPDX-License-Identifier: Apache-2.0
/** Explains to the developer what went wrong and how to mend it. Loaded with `debug: true` only. */

const explanations: Record<string, string> = {
  'missing-token': 'A message needs a signed-in visitor and no token is here. Call identify({token}), or give an idTokenProvider.',
  'config-incomplete': 'The environment\'s sign-in is chosen but not set up: its key-set URL or its secret is missing.',
  expired: 'The token has ended. Mint a new one and call identify again, or give the widget an idTokenProvider.',
  'bad-signature': 'The token is signed by a key that the environment does not know. Rotated? Refresh the keys. Shared secret? Copy it again.',
  'bad-claim': 'A claim of the token is not as the environment expects it (iss, aud, sub, exp or nbf; see the detail).',
  'jwks-fetch-failed': 'The server could not fetch the issuer\'s key set. The chat goes on anonymously until it can.',
  'origin-not-allowed': `This page's origin, ${location.origin}, is not among the environment's origins. Add it there, letter for letter.`,
  'not-a-token': 'identify takes a token (a string), {token}, or null to forget.',
  'provider-failed': 'idTokenProvider threw, or did not answer in 20 seconds.',
  'chat-not-loaded': 'The chat\'s script could not be loaded. If your page has a Content-Security-Policy, script-src and connect-src must name the server.',
  unreachable: 'The server did not answer GET /sdk/config. Is serverUrl right, and does connect-src of the page\'s Content-Security-Policy name it?',
  'popup-refused': 'A message with a token came from a window or an origin that is not the registered sign-in URL\'s. It was not used.',
};

/** Known codes are explained; a detail (never a token) is shown as the server gave it. */
export function explain(code: string, detail?: string): void {
  console.warn(`[chatelaine] ${code}${detail ? ` (${detail})` : ''}. ${explanations[code] ?? ''}`.trim());
}
