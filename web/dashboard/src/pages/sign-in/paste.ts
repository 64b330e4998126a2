// SPDX-License-Identifier: Apache-2.0
/** What people paste when they mean a token, and what can be read of it here, before anything is proven. */

/** The token in what was pasted: without "Bearer ", quotes, `token=`, a JSON member's name or line breaks in the middle. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim();
  const found = /[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/.exec(text.replace(/\s+/g, (space) => (/[\r\n]/.test(space) ? '' : ' ')));
  if (found && looksLikeHeader(found[0])) return found[0];
  return text.replace(/^(?:authorization:\s*)?bearer(?:\s+|$)/i, '').replace(/^["'`]|["'`,;]$/g, '').trim();
}

const looksLikeHeader = (token: string): boolean => typeof readPart(token, 0)?.alg === 'string';

function readPart(token: string, index: number): Record<string, unknown> | null {
  const part = token.split('.')[index];
  if (!part) return null;
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The claims as they stand there: unproven, for filling in a form or a sample. */
export const claimsOf = (token: string): Record<string, unknown> | null => readPart(token, 1);
