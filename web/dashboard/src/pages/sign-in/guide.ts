// SPDX-License-Identifier: Apache-2.0
/** "Which mode fits you?": three questions, and the way to prove who a visitor is that follows from the answers. */

export type ProviderId = 'auth0' | 'clerk' | 'cognito' | 'workos' | 'firebase' | 'oidc';
export type Mode = 'hmac' | 'key-set' | 'provider';

export interface Answers {
  /** Who signs the users of the app in. */
  source: ProviderId | 'own' | null;
  /** Whether that system signs tokens and shows its public keys; asked only where the app itself does it. */
  keys: 'yes' | 'no' | null;
  /** Where a token may be seen. */
  browser: 'page' | 'narrow' | 'never' | null;
}

export type QuestionId = keyof Answers;

export interface Choice {
  value: string;
  label: string;
  help: string;
}

export interface Question {
  id: QuestionId;
  title: string;
  help: string;
  choices: readonly Choice[];
}

export const noAnswers: Answers = { source: null, keys: null, browser: null };

export const providerNames: Record<ProviderId, string> = {
  auth0: 'Auth0',
  clerk: 'Clerk',
  cognito: 'Amazon Cognito',
  workos: 'WorkOS',
  firebase: 'Firebase',
  oidc: 'another OpenID provider',
};

export const questions: readonly Question[] = [
  {
    id: 'source',
    title: 'Who signs your users in?',
    help: 'The system that knows who they are. Chatelaine never sees a password: it checks a token that this system has signed.',
    choices: [
      { value: 'own', label: 'Our own app', help: 'Sessions of your own, whatever they are made with' },
      { value: 'auth0', label: 'Auth0', help: 'Also behind your own domain' },
      { value: 'clerk', label: 'Clerk', help: 'Session tokens of a Clerk instance' },
      { value: 'cognito', label: 'Amazon Cognito', help: 'A user pool' },
      { value: 'workos', label: 'WorkOS', help: 'AuthKit and single sign-on' },
      { value: 'firebase', label: 'Firebase', help: 'Firebase Authentication, Identity Platform' },
      { value: 'oidc', label: 'Another OpenID provider', help: 'Keycloak, Entra ID, Okta, Zitadel, …' },
    ],
  },
  {
    id: 'keys',
    title: 'Does your app publish its keys?',
    help: 'Some apps sign JSON Web Tokens with a private key and serve the public ones at an address that ends in jwks.json.',
    choices: [
      { value: 'no', label: 'No, or not sure', help: 'Then a secret that only the two of us know does it: a few lines in your backend' },
      { value: 'yes', label: 'Yes, there is a JWKS address', help: 'Then there is no secret to keep' },
    ],
  },
  {
    id: 'browser',
    title: 'Where may a token be?',
    help: 'A token says who somebody is, for as long as it lives.',
    choices: [
      { value: 'page', label: 'In the page, for minutes', help: 'What most apps do: short-lived, renewed before it ends' },
      { value: 'narrow', label: 'In the page, but made for the chat alone', help: 'Good for nothing else, so that its loss opens nothing else' },
      { value: 'never', label: 'Never in the browser', help: 'Your own server speaks for the page' },
    ],
  },
];

/** The questions that the answers so far leave open to ask: a hosted provider has keys in public, always. */
export function questionsFor(answers: Answers): readonly Question[] {
  const isHosted = answers.source !== null && answers.source !== 'own';
  return questions.filter((question) => question.id !== 'keys' || !isHosted);
}

/** The same answers with one more; what no longer applies is forgotten. */
export function answer(answers: Answers, id: QuestionId, value: string): Answers {
  const next = { ...answers, [id]: value } as Answers;
  if (next.source !== 'own') next.keys = null;
  return next;
}

export interface Advice {
  mode: Mode;
  /** Of mode `provider`. */
  provider: ProviderId | null;
  /** Who hands the token over: the page's script, or a server of the company's own. */
  delivery: 'page' | 'server';
  /** A token with an audience of its own, for the chat. */
  isNarrow: boolean;
  title: string;
  /** Why this one: a sentence each. */
  reasons: readonly string[];
  /** What must be at hand. */
  needs: readonly string[];
  /** What it costs to set up, honestly. */
  minutes: number;
}

const titles: Record<Mode, string> = {
  hmac: 'Signed session token',
  'key-set': 'JWT + JWKS',
  provider: 'Identity-provider adapter',
};

const needsOfProvider: Record<ProviderId, readonly string[]> = {
  auth0: ['the tenant domain', 'the application’s client ID'],
  clerk: ['the instance URL', 'the client ID'],
  cognito: ['the Cognito domain', 'the app client ID', 'one token, to confirm the user pool by'],
  workos: ['the client ID', 'the organization ID'],
  firebase: ['the project ID'],
  oidc: ['the issuer’s URL', 'the client ID'],
};

function modeOf({ source, keys }: Answers): Mode | null {
  if (source === null) return null;
  if (source !== 'own') return 'provider';
  if (keys === null) return null;
  return keys === 'yes' ? 'key-set' : 'hmac';
}

function whyMode(mode: Mode, provider: ProviderId | null): readonly string[] {
  if (mode === 'hmac')
    return [
      'It is the fastest start: any JWT library signs such a token, in a few lines of your backend.',
      'The secret is made here, shown once, and can be rotated at any time without anybody noticing.',
    ];
  if (mode === 'key-set')
    return [
      'Your app signs tokens already: Chatelaine fetches the public keys and verifies them itself.',
      'There is no secret that could leak, and a new key of yours is found by itself.',
    ];
  return [
    `${provider === 'oidc' ? 'Your provider' : providerNames[provider ?? 'oidc']} issues the token in the browser already: a few fields, and no second sign-in for your users.`,
    'There is no secret to keep: tokens are verified by the provider’s public keys.',
  ];
}

function whyBrowser(mode: Mode, browser: NonNullable<Answers['browser']>): readonly string[] {
  if (browser === 'page') return [];
  if (browser === 'never')
    return ['Your own server asks Chatelaine and adds the token there (a backend for the frontend): the browser holds your session’s HttpOnly cookie and nothing else.'];
  if (mode === 'hmac') return ['Your backend makes the token for the chat alone: nothing else takes it, so nothing needs to be swapped.'];
  return ['Your authorization server swaps the user’s token for one with an audience of the chat’s own (RFC 8693); Chatelaine takes tokens of that audience only.'];
}

const minutesOf: Record<Mode, number> = { hmac: 5, 'key-set': 3, provider: 3 };

/** What to do, once all that matters is answered; null before. */
export function advise(answers: Answers): Advice | null {
  const mode = modeOf(answers);
  const { browser } = answers;
  if (mode === null || browser === null) return null;
  const provider = mode === 'provider' ? (answers.source as ProviderId) : null;
  const needs = provider ? needsOfProvider[provider] : mode === 'key-set' ? ['the JWKS address'] : ['a place for a secret in your backend'];
  const isSwapped = browser === 'narrow' && mode !== 'hmac';
  return {
    mode,
    provider,
    delivery: browser === 'never' ? 'server' : 'page',
    isNarrow: browser === 'narrow',
    title: titles[mode],
    reasons: [...whyMode(mode, provider), ...whyBrowser(mode, browser)],
    needs: [...needs, ...(isSwapped ? ['an authorization server that exchanges tokens'] : []), ...(browser === 'never' ? ['a route of your own server'] : [])],
    minutes: minutesOf[mode] + (isSwapped ? 10 : 0) + (browser === 'never' ? 5 : 0),
  };
}
