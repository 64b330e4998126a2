// SPDX-License-Identifier: Apache-2.0
/** What goes into the page: the chat, and where it gets the visitor's token from. */
import type { ProviderId } from '../pages/sign-in/guide';
import type { Snippet } from './sign';

export interface PageContext {
  /** Where this server is reached from a visitor's browser, without a slash at the end. */
  serverUrl: string;
  productId: string;
  publishableKey: string;
  /** What the provider's own SDK needs, from the settings: by the names of the provider's fields. */
  fields?: Readonly<Record<string, string>>;
}

/** Where the token comes from: the company's own backend (shared secret, own keys) or a provider's SDK. */
export type TokenSource = 'backend' | ProviderId;

interface Source {
  install: string | null;
  imports: (field: (name: string, otherwise: string) => string) => string[];
  setUp: (field: (name: string, otherwise: string) => string) => string[];
  /** The body of the provider function, for a page without a framework. */
  token: string[];
  /** React: the hook, and what gives the token. */
  react: { install: string | null; imports: string[]; hook: string[]; isSignedIn: string; token: string[] };
}

const fromBackend = [
  `const response = await fetch('/chat-token', { method: 'POST' }); // your route: 401 when nobody is signed in`,
  `return response.ok ? (await response.json()).token : null;`,
];

const sources: Record<TokenSource, Source> = {
  backend: {
    install: null, imports: () => [], setUp: () => [], token: fromBackend,
    react: { install: null, imports: [], hook: [], isSignedIn: 'true', token: fromBackend },
  },
  auth0: {
    install: '@auth0/auth0-spa-js',
    imports: () => [`import { createAuth0Client } from '@auth0/auth0-spa-js';`],
    setUp: (field) => [
      `const auth0 = await createAuth0Client({`,
      `  domain: ${field('tenantDomain', 'your-tenant.eu.auth0.com')},`,
      `  clientId: ${field('clientId', 'your-client-id')},`,
      `});`,
    ],
    token: [
      `if (!(await auth0.isAuthenticated())) return null;`,
      `await auth0.getTokenSilently(); // renews the ID token beside`,
      `return (await auth0.getIdTokenClaims())?.__raw ?? null;`,
    ],
    react: {
      install: '@auth0/auth0-react', imports: [`import { useAuth0 } from '@auth0/auth0-react';`],
      hook: [`const { isAuthenticated, getAccessTokenSilently, getIdTokenClaims } = useAuth0();`], isSignedIn: 'isAuthenticated',
      token: [`await getAccessTokenSilently();`, `return (await getIdTokenClaims())?.__raw ?? null;`],
    },
  },
  clerk: {
    install: '@clerk/clerk-js',
    imports: () => [`import { Clerk } from '@clerk/clerk-js';`],
    setUp: () => [`const clerk = new Clerk('pk_live_…'); // Clerk's own publishable key`, `await clerk.load();`],
    token: [`return (await clerk.session?.getToken()) ?? null;`],
    react: {
      install: '@clerk/clerk-react', imports: [`import { useAuth } from '@clerk/clerk-react';`],
      hook: [`const { isSignedIn, getToken } = useAuth();`], isSignedIn: 'isSignedIn === true', token: [`return getToken();`],
    },
  },
  cognito: {
    install: 'aws-amplify',
    imports: () => [`import { fetchAuthSession } from 'aws-amplify/auth';`],
    setUp: () => [],
    token: [`return (await fetchAuthSession()).tokens?.idToken?.toString() ?? null;`],
    react: {
      install: 'aws-amplify @aws-amplify/ui-react',
      imports: [`import { useAuthenticator } from '@aws-amplify/ui-react';`, `import { fetchAuthSession } from 'aws-amplify/auth';`],
      hook: [`const { authStatus } = useAuthenticator((context) => [context.authStatus]);`], isSignedIn: `authStatus === 'authenticated'`,
      token: [`return (await fetchAuthSession()).tokens?.idToken?.toString() ?? null;`],
    },
  },
  workos: {
    install: '@workos-inc/authkit-js',
    imports: () => [`import { createClient } from '@workos-inc/authkit-js';`],
    setUp: (field) => [`const authkit = await createClient(${field('clientId', 'client_…')});`],
    token: [`return authkit.getUser() ? authkit.getAccessToken() : null;`],
    react: {
      install: '@workos-inc/authkit-react', imports: [`import { useAuth } from '@workos-inc/authkit-react';`],
      hook: [`const { user, getAccessToken } = useAuth();`], isSignedIn: 'user !== null', token: [`return getAccessToken();`],
    },
  },
  firebase: {
    install: 'firebase',
    imports: () => [`import { getAuth } from 'firebase/auth';`],
    setUp: () => [`const auth = getAuth(); // after initializeApp({ … })`, `await auth.authStateReady();`],
    token: [`return (await auth.currentUser?.getIdToken()) ?? null;`],
    react: {
      install: 'firebase react-firebase-hooks',
      imports: [`import { getAuth } from 'firebase/auth';`, `import { useAuthState } from 'react-firebase-hooks/auth';`],
      hook: [`const [user] = useAuthState(getAuth());`], isSignedIn: 'Boolean(user)', token: [`return (await user?.getIdToken()) ?? null;`],
    },
  },
  oidc: {
    install: 'oidc-client-ts',
    imports: () => [`import { UserManager } from 'oidc-client-ts';`],
    setUp: (field) => [
      `const users = new UserManager({`,
      `  authority: ${field('issuer', 'https://id.example')},`,
      `  client_id: ${field('clientId', 'your-client-id')},`,
      `  redirect_uri: \`\${location.origin}/callback\`,`,
      `});`,
    ],
    token: [
      `let user = await users.getUser();`,
      `if (user?.expired) user = await users.signinSilent();`,
      `return user?.id_token ?? null;`,
    ],
    react: {
      install: 'oidc-client-ts react-oidc-context', imports: [`import { useAuth } from 'react-oidc-context';`],
      hook: [`const auth = useAuth();`], isSignedIn: 'auth.isAuthenticated',
      token: [
        `const user = auth.user?.expired ? await auth.signinSilent() : auth.user;`,
        `return user?.id_token ?? null;`,
      ],
    },
  },
};

const single = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
const attribute = (text: string) => `"${text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')}"`;
const indent = (depth: number, all: readonly string[]) => all.map((line) => (line === '' ? '' : `${' '.repeat(depth)}${line}`));
const text = (all: readonly string[]) => `${all.join('\n')}\n`;

function plain(context: PageContext, source: Source): Snippet {
  const field = (name: string, otherwise: string) => single(context.fields?.[name] || otherwise);
  const isModule = source.install !== null;
  const head = [...source.imports(field), ...(isModule ? [''] : []), ...source.setUp(field)];
  return {
    id: 'script', label: 'Script tag', syntax: 'html', file: 'your page', install: isModule ? `npm install ${source.install}` : null,
    code: text([
      `<script src=${attribute(`${context.serverUrl}/widget.js`)} async></script>`,
      isModule ? `<script type="module">` : `<script>`,
      ...indent(2, [
        ...(isModule ? head : []),
        ...(isModule && source.setUp(field).length > 0 ? [''] : []),
        `window.chatelaine ??= function () { (chatelaine.q ??= []).push(arguments); };`,
        `chatelaine('init', {`,
        `  productId: ${single(context.productId)},`,
        `  serviceKey: ${single(context.publishableKey)},`,
        `  authType: 'tokenExchange',`,
        `  idTokenProvider: async () => {`,
        ...indent(4, source.token),
        `  },`,
        `});`,
      ]),
      `</script>`,
    ]),
  };
}

function react(context: PageContext, source: Source): Snippet {
  const { react: own } = source;
  const waits = own.isSignedIn !== 'true';
  return {
    id: 'react', label: 'React', syntax: 'tsx', file: 'Chat.tsx', install: `npm install ${['@chatelaine/widget', own.install].filter(Boolean).join(' ')}`,
    code: text([
      ...own.imports,
      `import { createChat } from '@chatelaine/widget';`,
      `import { useEffect, useRef } from 'react';`,
      ``,
      `export function Chat() {`,
      `  const place = useRef<HTMLDivElement>(null);`,
      ...indent(2, own.hook),
      ...(waits ? [`  const isVerified = ${own.isSignedIn};`] : []),
      ``,
      `  useEffect(() => {`,
      `    const chat = createChat({`,
      `      container: place.current,`,
      `      serverUrl: ${single(context.serverUrl)},`,
      `      productId: ${single(context.productId)},`,
      `      serviceKey: ${single(context.publishableKey)},`,
      ...(waits
        ? [`      authType: isVerified ? 'tokenExchange' : 'anonymous',`]
        : [`      authType: 'tokenExchange',`]),
      `      idTokenProvider: async () => {`,
      ...indent(8, own.token),
      `      },`,
      `    });`,
      `    return () => chat.destroy();`,
      waits ? `  }, [isVerified]);` : `  }, []);`,
      ``,
      `  return <div ref={place} />;`,
      `}`,
    ]),
  };
}

/** Script tag and React, for a page that gets its tokens from there. */
export function pageSnippets(source: TokenSource, context: PageContext): Snippet[] {
  return [plain(context, sources[source]), react(context, sources[source])];
}

/** A backend for the frontend: the browser talks to the company's own server, which adds the token and passes the answer on. */
export function serverSnippet({ serverUrl, productId, publishableKey }: PageContext): Snippet {
  return {
    id: 'server', label: 'Your server', syntax: 'javascript', file: 'chat-proxy.mjs', install: null,
    code: text([
      `import { Readable } from 'node:stream';`,
      ``,
      `// POST /chat of your own server. The browser sends your session's cookie and no token; request.body is the turn as JSON,`,
      `// {"id", "text", "conversation"}; the answer is streamed as it is written (text/event-stream).`,
      `export async function chat(request, response, tokenOf) {`,
      `  const token = await tokenOf(request); // of whoever is signed in to your app; null for nobody`,
      `  const answer = await fetch(${single(`${serverUrl}/v1/chat`)}, {`,
      `    method: 'POST',`,
      `    headers: {`,
      `      'Content-Type': 'application/json',`,
      `      'Chatelaine-Product': ${single(productId)},`,
      `      'Chatelaine-Key': ${single(publishableKey)},`,
      `      ...(token && { Authorization: \`Bearer \${token}\` }),`,
      `    },`,
      `    body: JSON.stringify(request.body),`,
      `  });`,
      `  response.writeHead(answer.status, { 'Content-Type': answer.headers.get('Content-Type') ?? 'text/plain' });`,
      `  Readable.fromWeb(answer.body).pipe(response);`,
      `}`,
    ]),
  };
}

/** A sign-in page that the chat opens in a tab of its own (the environment's sign-in URL): hands the token back and closes. */
export function popupSnippet(pageOrigin: string): string {
  return text([
    `<script type="module">`,
    `  // On your sign-in page, once the visitor is signed in. The chat takes a token from this page's origin alone.`,
    `  const { token } = await (await fetch('/chat-token', { method: 'POST' })).json();`,
    `  window.opener?.postMessage({ type: 'chatelaine-identify', token }, ${single(pageOrigin)});`,
    `  window.close();`,
    `</script>`,
  ]);
}
