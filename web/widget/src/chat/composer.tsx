// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import { Component, type TargetedKeyboardEvent } from 'preact';
import type { Actions } from './actions';
import { Icon } from './icons';
import type { Translate } from './translate';
import { storable } from './storable';

interface Props {
  t: Translate;
  actions: Actions;
  placeholder: string;
  isAnswering: boolean;
  isAuthenticating: boolean;
}

/** Shown when so many characters or fewer are left. */
const COUNT_FROM = 200;

export class Composer extends Component<Props, { text: string }> {
  override state = { text: '' };
  #field: HTMLTextAreaElement | null = null;

  focus(): void {
    this.#field?.focus({ preventScroll: true });
  }

  readonly #submit = (): void => {
    const text = storable(this.state.text).trim();
    if (!text || text.length > this.props.actions.limit) return;
    this.props.actions.send(text);
    this.setState({ text: '' });
  };

  readonly #keyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // While a word is being composed (Japanese, Chinese …), Enter takes the word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  };

  render() {
    const { t, actions, placeholder, isAnswering, isAuthenticating } = this.props;
    const { text } = this.state;
    const left = actions.limit - text.trim().length;
    const isStop = isAnswering && !text.trim();
    const label = t(isAuthenticating ? 'signingIn' : isStop ? 'stop' : 'send');
    return (
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          if (isStop) actions.stop();
          else this.#submit();
        }}
      >
        <div class="field">
          <div class="grow" data-text={`${text}\n`}>
            <textarea
              ref={(field) => {
                this.#field = field;
              }}
              rows={1}
              dir="auto"
              value={text}
              placeholder={placeholder}
              aria-label={placeholder}
              aria-invalid={left < 0}
              enterkeyhint="send"
              onInput={(event) => this.setState({ text: event.currentTarget.value })}
              onKeyDown={this.#keyDown}
            />
          </div>
          <button
            type="submit"
            class="send"
            aria-label={label}
            title={label}
            aria-disabled={!isStop && (!text.trim() || left < 0)}
            aria-busy={isAuthenticating}
          >
            <Icon name={isAuthenticating ? 'busy' : isStop ? 'stop' : 'send'} class={isAuthenticating ? 'spinning' : ''} />
          </button>
        </div>
        {left <= COUNT_FROM && (
          <p class={`count ${left < 0 ? 'over' : ''}`}>
            {t(left < 0 ? 'charactersOver' : 'charactersLeft', { count: Math.abs(left) })}
          </p>
        )}
      </form>
    );
  }
}
