// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import { Component } from 'preact';
import { patchBlocks, renderMarkdown } from './markdown';
import type { Translate } from './translate';

interface Props {
  text: string;
  isGrowing: boolean;
  t: Translate;
}

/** An answer's text. While it grows it is drawn again at most as often as drawing it costs little: a long answer takes
 * longer, so it waits longer. */
export class AnswerText extends Component<Props> {
  #element: HTMLElement | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = 0;

  override shouldComponentUpdate(next: Props): boolean {
    if (next.text === this.props.text && next.isGrowing === this.props.isGrowing) return false;
    this.#schedule(next);
    return false;
  }

  override componentDidMount(): void {
    this.#draw(this.props);
  }

  override componentWillUnmount(): void {
    clearTimeout(this.#timer);
  }

  #schedule(next: Props): void {
    if (!next.isGrowing) return this.#draw(next);
    this.#timer ??= setTimeout(() => this.#draw(this.props), this.#pause);
  }

  #draw({ text, t }: Props): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#element) return;
    const began = performance.now();
    patchBlocks(this.#element, renderMarkdown(text, t));
    this.#pause = Math.min(500, 16 + 4 * (performance.now() - began));
  }

  render() {
    return (
      <div
        class="prose"
        ref={(element) => {
          this.#element = element;
        }}
      />
    );
  }
}
