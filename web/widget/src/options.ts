// SPDX-License-Identifier: Apache-2.0
/** What a page can say about its chat, and how it becomes what the widget works with. */
import type { Appearance } from './session/protocol';

/** How the visitor is identified. `identify`: the page calls `identify(token)`. `tokenExchange`: `idTokenProvider` is
 * asked as soon as the chat is created, in the background. `anonymous`: never. */
export type AuthType = 'identify' | 'tokenExchange' | 'anonymous';

/** Gives the token that the page's own system issued, or null when nobody is signed in there. */
export type IdTokenProvider = () => Promise<string | null | undefined> | string | null | undefined;

export interface Colors {
  primary?: string;
  /** The primary colour where the chat is dark; made from `primary` when it is absent. */
  primaryDark?: string;
}

export interface Dimensions {
  width?: string;
  height?: string;
  triggerMaxWidth?: string;
}

export interface ChatOptions {
  /** The product and its publishable key; `partnerIdentifier` and `publicKey` are other names of the same. */
  productId?: string;
  serviceKey?: string;
  partnerIdentifier?: string;
  publicKey?: string;
  /** The server's address. By default where the script came from, or the host of `websocketUrl`. */
  serverUrl?: string;
  websocketUrl?: string;
  /** Where the chat stands. Without one it floats in the corner of the page, behind a button. */
  container?: HTMLElement | null;
  /** `launcher`: a button in the corner. `bar`: a bar in the container that opens the chat. `inline`: the chat fills
   * the container. */
  display?: 'launcher' | 'bar' | 'inline';
  authType?: AuthType;
  idTokenProvider?: IdTokenProvider;
  theme?: 'auto' | 'light' | 'dark';
  colors?: Colors;
  fontFamily?: string;
  fontSize?: string;
  cornerRadius?: string;
  headerTitle?: string;
  placeholder?: string;
  dimensions?: Dimensions;
  privacyUrl?: string;
  /** The language of the chat's own words, `en` or `de`; by default the page's. */
  locale?: string;
  /** Words of your own, by the keys of the message catalogue. */
  messages?: Record<string, string>;
  /** Explains in the console what goes wrong and how to mend it. Off in production. */
  debug?: boolean;
}

export interface Server {
  http: URL;
  websocketUrl?: string;
  product: string;
  key: string;
}

export class OptionError extends Error {}

/** Reads what leads to the server. Throws OptionError with what to write instead. */
export function readServer(options: ChatOptions, scriptUrl: string | undefined): Server {
  const key = options.serviceKey ?? options.publicKey;
  if (!key) throw new OptionError('serviceKey is missing: the publishable key (pk_…) of the environment');
  const { websocketUrl } = options;
  const http = options.serverUrl ?? websocketUrl?.replace(/^ws/, 'http') ?? scriptUrl;
  if (!http) throw new OptionError('serverUrl is missing: the address of your Chatelaine server');
  const base = new URL(http, document.baseURI);
  const server = { http: new URL('/', base), product: options.productId ?? options.partnerIdentifier ?? '', key };
  return websocketUrl ? { ...server, websocketUrl } : server;
}

/** The environment's appearance, with what the page says on top. */
export function readAppearance(options: ChatOptions, configured: Appearance = {}): Appearance {
  const own: Appearance = {};
  if (options.headerTitle) own.title = options.headerTitle;
  if (options.placeholder) own.placeholder = options.placeholder;
  if (options.privacyUrl) own.privacyUrl = options.privacyUrl;
  if (options.fontFamily) own.fontFamily = options.fontFamily;
  if (options.fontSize) own.fontSize = options.fontSize;
  if (options.cornerRadius) own.cornerRadius = options.cornerRadius;
  return {
    ...configured,
    ...own,
    colors: { ...configured.colors, ...options.colors },
    dimensions: { ...configured.dimensions, ...options.dimensions },
  };
}
