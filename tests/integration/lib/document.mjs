// SPDX-License-Identifier: Apache-2.0
// Environment documents for tests that need no Acme.

/** The configuration with these issuers, and a tool that any verified visitor may call where `toolUrl` is given. */
export function environmentDocument({ issuers, origins = ['https://acme.example'], signIn = {}, config = {}, tools = [], knowledge } = {}) {
  return {
    config: {
      origins,
      signIn: { enforcement: 'optional', carryAnonymousConversation: true, issuers: issuers ?? [hmacIssuer()], ...signIn },
      assistant: { kind: 'rules', greeting: 'Hello.', suggestions: [], fallback: 'I do not know that.' },
      ...config,
    },
    tools,
    knowledge: knowledge ?? [{ id: 'hours', title: 'Business hours', triggers: ['business hours'], text: 'We are open from **9:00 to 17:00**.' }],
  };
}

export const hmacIssuer = (more = {}) => ({ name: 'acme', mode: 'hmac', issuer: 'https://acme.example', audiences: ['chat'], permissionClaims: ['permissions'], ...more });

export const keySetIssuer = (keySetUrl, more = {}) =>
  ({ name: 'acme', mode: 'key-set', keySetUrl, issuer: 'https://acme.example', audiences: ['chat'], permissionClaims: ['permissions'], ...more });
