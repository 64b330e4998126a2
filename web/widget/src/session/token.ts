// SPDX-License-Identifier: Apache-2.0
/** What the widget may know of a token: when it ends, and whom it names. Nothing is verified here; that is the server's work. */

/** A token this near to its end is renewed before a message goes out. */
export const RENEW_BEFORE_SECONDS = 5 * 60;

function readClaims(token: string): { exp?: unknown; sub?: unknown } {
  try {
    const claims: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

/** The `exp` claim in seconds since 1970, or nothing when the token cannot be read (an opaque one, say). */
export function tokenExpiry(token: string): number | undefined {
  const { exp } = readClaims(token);
  return typeof exp === 'number' && Number.isFinite(exp) ? exp : undefined;
}

/** Whether two tokens name the same person, as far as one can read them: then the later one is a renewal. */
export function sameSubject(one: string, other: string): boolean {
  const { sub } = readClaims(one);
  return sub !== undefined && sub === readClaims(other).sub;
}

/** True when the token ends within five minutes, or has ended. One whose end is unknown is left to the server. */
export function needsRenewal(token: string, nowMilliseconds: number): boolean {
  const expiry = tokenExpiry(token);
  return expiry !== undefined && expiry - nowMilliseconds / 1000 <= RENEW_BEFORE_SECONDS;
}

/** `identify` takes a token, or an object with one; null (or nothing) forgets. Undefined means: this is no token. */
export function readToken(value: unknown): string | null | undefined {
  const token: unknown = typeof value === 'object' && value !== null ? (value as { token?: unknown }).token : value;
  if (token === null || token === undefined || token === '') return null;
  return typeof token === 'string' ? token : undefined;
}

/** A random id for a message; crypto.randomUUID is absent on pages that did not come by HTTPS. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
