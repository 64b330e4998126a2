// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import { Component } from 'preact';
import type { User } from '../session/protocol';
import type { Actions } from './actions';
import { Icon } from './icons';
import type { Translate } from './translate';

interface Props {
  t: Translate;
  actions: Actions;
  title: string;
  titleId: string;
  user: User | null;
  privacyUrl: string | undefined;
  hasItems: boolean;
  canClose: boolean;
  showHistory(): void;
}

export class Header extends Component<Props, { isMenuOpen: boolean }> {
  override state = { isMenuOpen: false };
  #element: HTMLElement | null = null;

  override componentDidMount(): void {
    document.addEventListener('pointerdown', this.#pressedElsewhere);
  }

  override componentWillUnmount(): void {
    document.removeEventListener('pointerdown', this.#pressedElsewhere);
  }

  readonly #pressedElsewhere = (event: Event): void => {
    if (this.state.isMenuOpen && this.#element && !event.composedPath().includes(this.#element)) this.#close(false);
  };

  #close(takesFocus: boolean): void {
    this.setState({ isMenuOpen: false });
    if (takesFocus) this.#element?.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  }

  #choose(act: () => void) {
    return () => {
      this.#close(true);
      act();
    };
  }

  #menu() {
    const { t, actions, user, hasItems, privacyUrl, showHistory } = this.props;
    const entries: [string, () => void][] = [];
    if (!user && actions.canSignIn()) entries.push([t('menuSignIn'), () => actions.signIn()]);
    if (hasItems) entries.push([t('menuNew'), () => actions.startConversation()]);
    if (user) entries.push([t('menuHistory'), showHistory]);
    if (user) entries.push([t('menuSignOut'), () => actions.signOut()]);
    return { entries, privacy: privacyUrl && /^https?:/i.test(privacyUrl) ? privacyUrl : undefined };
  }

  render() {
    const { t, actions, title, titleId, user, canClose } = this.props;
    const { isMenuOpen } = this.state;
    const { entries, privacy } = this.#menu();
    const hasMenu = entries.length > 0 || privacy !== undefined;
    return (
      <div
        class="head"
        ref={(element) => {
          this.#element = element;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !isMenuOpen) return;
          event.stopPropagation();
          this.#close(true);
        }}
      >
        <div class="title-row">
          <Icon name="mark" />
          <h2 id={titleId} dir="auto">
            {title}
          </h2>
          {hasMenu && (
            <button
              type="button"
              class="glyph"
              aria-label={t('menu')}
              title={t('menu')}
              aria-expanded={isMenuOpen}
              onClick={() => this.setState({ isMenuOpen: !isMenuOpen })}
            >
              <Icon name="menu" />
            </button>
          )}
          {canClose && (
            <button type="button" class="glyph" aria-label={t('close')} title={t('close')} onClick={() => actions.close()}>
              <Icon name="close" />
            </button>
          )}
        </div>
        <Chip user={user} t={t} />
        {isMenuOpen && hasMenu && (
          <ul class="menu">
            {entries.map(([label, act]) => (
              <li key={label}>
                <button type="button" onClick={this.#choose(act)}>
                  {label}
                </button>
              </li>
            ))}
            {privacy && (
              <li>
                <a href={privacy} target="_blank" rel="noopener">
                  {t('menuPrivacy')}
                </a>
              </li>
            )}
          </ul>
        )}
      </div>
    );
  }
}

function Chip({ user, t }: { user: User | null; t: Translate }) {
  if (!user)
    return (
      <p class="chip anonymous">
        <Icon name="anonymous" />
        <span>{t('anonymous')}</span>
      </p>
    );
  return (
    <p class="chip verified">
      <Icon name="key" />
      <span>
        <bdi>{user.name ?? user.email ?? user.sub}</bdi> · {t('signedIn')}
      </span>
    </p>
  );
}
