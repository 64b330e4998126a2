// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import { Component } from 'preact';
import { type State as ChatState } from '../session/state';
import type { Actions } from './actions';
import { Icon } from './icons';
import { RowView, toRows } from './items';
import type { Translate } from './translate';

interface Props {
  t: Translate;
  actions: Actions;
  state: ChatState;
  greeting: string;
  suggestions: readonly string[];
}

/** So near to the end (px), the transcript follows what is written; further up the visitor is reading. */
const NEAR_END = 48;

export class Transcript extends Component<Props, { isBehind: boolean }> {
  override state = { isBehind: false };
  #box: HTMLElement | null = null;
  #follows = true;
  #watcher: ResizeObserver | undefined;

  override componentDidMount(): void {
    // The text grows after it is rendered too (markdown is drawn by its own clock), so sizes are watched.
    this.#watcher = new ResizeObserver(() => this.#follow());
    if (this.#box?.firstElementChild) this.#watcher.observe(this.#box.firstElementChild);
    if (this.#box) this.#watcher.observe(this.#box);
  }

  override componentWillUnmount(): void {
    this.#watcher?.disconnect();
  }

  override componentDidUpdate(before: Props): void {
    const newest = this.props.state.items.at(-1);
    // What the visitor has just written is always shown.
    if (newest !== before.state.items.at(-1) && newest?.kind === 'visitor' && newest.status === 'waiting') this.#follows = true;
    this.#follow();
  }

  #follow(): void {
    if (this.#follows && this.#box && this.props.state.items.length > 0) this.#box.scrollTop = this.#box.scrollHeight;
  }

  readonly #scrolled = (): void => {
    const box = this.#box;
    if (!box) return;
    this.#follows = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
    if (this.state.isBehind === this.#follows) this.setState({ isBehind: !this.#follows });
  };

  readonly #toEnd = (): void => {
    this.#follows = true;
    this.#follow();
    this.setState({ isBehind: false });
  };

  render() {
    const { t, actions, state, greeting, suggestions } = this.props;
    const isEmpty = !state.items.some((item) => item.kind === 'visitor' || item.kind === 'answer');
    const isThinking =
      state.turn !== null &&
      !state.items.some(
        (item) => (item.kind === 'answer' && item.status === 'streaming') || (item.kind === 'tool' && item.outcome === 'running'),
      );
    return (
      <div class="middle">
        <div
          class="transcript"
          role="log"
          aria-live="off"
          aria-label={t('conversation')}
          tabIndex={0}
          onScroll={this.#scrolled}
          ref={(box) => {
            this.#box = box;
          }}
        >
          <div class="rows">
            {isEmpty && (
              <div class="empty">
                <Icon name="mark" />
                <p class="greeting" dir="auto">
                  {greeting}
                </p>
                <ul class="suggestions">
                  {suggestions.slice(0, 3).map((text) => (
                    <li key={text}>
                      <button type="button" dir="auto" onClick={() => actions.send(text)}>
                        {text}
                      </button>
                    </li>
                  ))}
                </ul>
              </div>
            )}
            {toRows(state.items).map((row) => (
              <RowView key={row.key} row={row} t={t} actions={actions} />
            ))}
            {isThinking && (
              <p class="thinking" title={t('writing')}>
                <span />
                <span />
                <span />
              </p>
            )}
          </div>
        </div>
        {this.state.isBehind && (
          <button type="button" class="to-end" aria-label={t('latest')} title={t('latest')} onClick={this.#toEnd}>
            <Icon name="down" />
          </button>
        )}
      </div>
    );
  }
}
