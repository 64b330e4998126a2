// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import { Component, createRef } from 'preact';
import type { Appearance, SdkConfig } from '../session/protocol';
import type { State as ChatState } from '../session/state';
import type { Actions } from './actions';
import { connectionNotice } from './announce';
import { Composer } from './composer';
import { Header } from './header';
import { History } from './history';
import { Icon } from './icons';
import type { PanelSize } from './size';
import { Transcript } from './transcript';
import type { Translate } from './translate';

export interface PanelProps {
  t: Translate;
  locale: string;
  titleId: string;
  actions: Actions;
  state: ChatState;
  config: SdkConfig;
  appearance: Appearance;
  announcement: string;
  size: PanelSize | undefined;
  isInline: boolean;
}

export class Panel extends Component<PanelProps, { isHistory: boolean }> {
  override state = { isHistory: false };
  readonly #composer = createRef<Composer>();

  focus(): void {
    this.#composer.current?.focus();
  }

  override componentDidUpdate(before: PanelProps): void {
    if (this.state.isHistory && before.state.user && !this.props.state.user) this.setState({ isHistory: false });
  }

  render() {
    const { t, locale, titleId, actions, state, config, appearance, announcement, size, isInline } = this.props;
    const trouble = connectionNotice(state, t);
    return (
      <>
        {size && (
          <button
            type="button"
            class="handle"
            aria-label={t('resize')}
            onPointerDown={size.draw}
            onKeyDown={size.press}
          />
        )}
        <Header
          t={t}
          actions={actions}
          title={appearance.title ?? t('title')}
          titleId={titleId}
          user={state.user}
          privacyUrl={appearance.privacyUrl}
          hasItems={state.items.length > 0}
          canClose={!isInline}
          showHistory={() => this.setState({ isHistory: true })}
        />
        {trouble && (
          <div class={`connection ${state.connection}`}>
            <Icon name={state.connection === 'connecting' || state.connection === 'reconnecting' ? 'busy' : 'alert'} class="spinning" />
            <span>{trouble}</span>
            {state.connection === 'unavailable' && (
              <button type="button" class="link" onClick={() => actions.connectNow()}>
                {t('tryAgain')}
              </button>
            )}
          </div>
        )}
        {this.state.isHistory ? (
          <History
            t={t}
            locale={locale}
            actions={actions}
            leave={() => this.setState({ isHistory: false }, () => this.focus())}
          />
        ) : (
          <>
            <Transcript
              t={t}
              actions={actions}
              state={state}
              greeting={config.assistant?.greeting ?? t('greeting')}
              suggestions={config.assistant?.suggestions ?? []}
            />
            <Composer
              ref={this.#composer}
              t={t}
              actions={actions}
              placeholder={appearance.placeholder ?? t('placeholder')}
              isAnswering={state.turn !== null}
              isAuthenticating={state.authenticating}
            />
          </>
        )}
        <p class="unseen" role="status" aria-live="polite">
          {announcement}
        </p>
      </>
    );
  }
}
