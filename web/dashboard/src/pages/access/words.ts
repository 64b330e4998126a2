// SPDX-License-Identifier: Apache-2.0
import { ApiProblem } from '../../api/problem';

const singleSignOn: Record<string, [title: string, detail: string]> = {
  'no-account': ['No account here has that address', 'The provider knows you, but nobody invited you here. Ask an owner for an invitation to the same e-mail address.'],
  'email-not-verified': ['The provider has not verified your e-mail address', 'Verify it there, then sign in again.'],
  'not-linked': ['Your account here is not linked to the provider yet', 'Sign in with your password once, then link it under Your account.'],
  'access-denied': ['The provider did not let you in', 'Its own page says why. Try again, or ask whoever looks after it.'],
  'state-unknown': ['That sign-in took too long', 'Begin again from here.'],
};

/** What a sign-in at the company's provider ended in; the server names it in the address it comes back to. */
export function singleSignOnProblem(code: string): ApiProblem {
  const [title, detail] = singleSignOn[code] ?? ['Single sign-on did not work', `The server says “${code}”. Try again; if it stays, sign in another way and look into the audit.`];
  return new ApiProblem({ type: `urn:chatelaine:problem:${code}`, title, status: 0, detail });
}

/** What a password must be, said before it is refused. */
export const passwordHelp = 'At least 12 characters; several words are easiest to remember. Nothing else is asked of it.';
