// SPDX-License-Identifier: Apache-2.0
/** Where the chat stands in the page: a host element with a shadow root, the button that opens it, and the place for
 * the panel. Styles come by constructed sheets, which a strict Content-Security-Policy lets pass. */
import tokens from '../../theme/tokens.css?inline';
import launcherCss from './launcher.css?inline';
import { markElement } from './mark';
import type { ChatOptions } from './options';
import type { Appearance } from './session/protocol';
import { sheetOf } from './sheet';
import { themeProperties } from './theme';
import type { FirstWords } from './words';

export type Display = NonNullable<ChatOptions['display']>;

/** Our base size, 14 px, to the 16 px that a browser's `medium` is unless the visitor wants it larger. */
const TEXT_SHARE = 14 / 16;

export class Stage {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly panel: HTMLElement;
  readonly display: Display;
  readonly #trigger: HTMLButtonElement | undefined;
  readonly #label = document.createElement('span');
  readonly #trouble: HTMLElement;
  readonly #theme = sheetOf(':host {}');
  readonly #words: FirstWords;
  readonly #container: HTMLElement | null | undefined;

  constructor(options: ChatOptions, words: FirstWords, toggle: () => void) {
    this.display = options.display ?? (options.container ? 'bar' : 'launcher');
    this.#words = words;
    this.host = document.createElement('chatelaine-chat');
    this.host.dataset['display'] = this.display;
    if (options.theme && options.theme !== 'auto') this.host.dataset['theme'] = options.theme;
    this.root = this.host.attachShadow({ mode: 'open' });
    this.root.adoptedStyleSheets = [sheetOf(tokens + launcherCss), this.#theme];
    this.panel = document.createElement('section');
    this.panel.className = 'panel';
    this.panel.hidden = true;
    this.#trouble = document.createElement('p');
    this.#trouble.className = 'trouble';
    this.#trouble.setAttribute('role', 'alert');
    this.#trouble.hidden = true;
    if (this.display !== 'inline') this.root.append((this.#trigger = this.#makeTrigger(toggle)));
    this.root.append(this.panel, this.#trouble);
    this.#container = options.container;
    // A script in the head can be here before the body is.
    if (this.#container ?? document.body) this.#enter();
    else document.addEventListener('DOMContentLoaded', this.#enter);
  }

  readonly #enter = (): void => {
    (this.#container ?? document.body).append(this.host);
    this.setProperty('--chatelaine-size', `${parseFloat(getComputedStyle(this.host).fontSize) * TEXT_SHARE}px`);
  };

  /** A custom property over the tokens, in a style sheet of our own: no style attribute is written. */
  setProperty(name: string, value: string): void {
    (this.#theme.cssRules[0] as CSSStyleRule).style.setProperty(name, value);
  }

  /** Known once the server's settings are here; the button waits for it, so that it does not change its colour. */
  dress(appearance: Appearance, warn: (text: string) => void): void {
    for (const [name, value] of Object.entries(themeProperties(appearance, warn))) this.setProperty(name, value);
    if (this.display === 'bar') this.#label.textContent = appearance.placeholder ?? this.#words.open;
    if (this.#trigger && this.panel.hidden) this.#trigger.hidden = false;
  }

  wait(isWaiting: boolean): void {
    this.#trigger?.setAttribute('aria-busy', String(isWaiting));
    if (isWaiting) this.#trouble.hidden = true;
  }

  tellTrouble(): void {
    this.#trouble.textContent = this.#words.notLoaded;
    this.#trouble.hidden = false;
  }

  show(isShown: boolean): void {
    this.panel.hidden = !isShown;
    this.#trigger?.setAttribute('aria-expanded', String(isShown));
    if (this.#trigger) this.#trigger.hidden = isShown;
  }

  focusTrigger(): void {
    this.#trigger?.focus({ preventScroll: true });
  }

  destroy(): void {
    document.removeEventListener('DOMContentLoaded', this.#enter);
    this.host.remove();
  }

  #makeTrigger(toggle: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = this.display;
    button.setAttribute('aria-haspopup', 'dialog');
    button.setAttribute('aria-expanded', 'false');
    if (this.display === 'launcher') button.setAttribute('aria-label', this.#words.open);
    else button.append(this.#label);
    button.append(markElement());
    button.hidden = true;
    button.addEventListener('click', toggle);
    return button;
  }
}
