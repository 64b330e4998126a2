// SPDX-License-Identifier: Apache-2.0
/** How large the panel is: on a desktop as the visitor has drawn it, remembered; on a phone what the keyboard leaves. */
import type { Stage } from '../stage';

const STORED = 'chatelaine:size';
const LEAST = { width: 320, height: 400 };
const STEP = 24;

interface Size {
  width: number;
  height: number;
}

export class PanelSize {
  readonly #stage: Stage;
  readonly #viewport = window.visualViewport;

  constructor(stage: Stage) {
    this.#stage = stage;
    const stored = this.#read();
    if (stored) this.#set(stored);
    this.#viewport?.addEventListener('resize', this.#fit);
    this.#viewport?.addEventListener('scroll', this.#fit);
    this.#fit();
  }

  destroy(): void {
    this.#viewport?.removeEventListener('resize', this.#fit);
    this.#viewport?.removeEventListener('scroll', this.#fit);
  }

  /** Follows a pointer that draws the panel's free corner. */
  readonly draw = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    const { width, height } = this.#stage.panel.getBoundingClientRect();
    const from = { x: event.clientX, y: event.clientY };
    const outward = getComputedStyle(this.#stage.host).direction === 'rtl' ? 1 : -1;
    const moved = (move: PointerEvent): void =>
      this.#set({ width: width + outward * (move.clientX - from.x), height: height + from.y - move.clientY });
    const ended = (): void => {
      handle.removeEventListener('pointermove', moved);
      handle.removeEventListener('pointerup', ended);
      handle.removeEventListener('pointercancel', ended);
      this.#keep();
    };
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', moved);
    handle.addEventListener('pointerup', ended);
    handle.addEventListener('pointercancel', ended);
  };

  readonly press = (event: KeyboardEvent): void => {
    const { width, height } = this.#stage.panel.getBoundingClientRect();
    const outward = getComputedStyle(this.#stage.host).direction === 'rtl' ? 1 : -1;
    const moves: Record<string, Size> = {
      ArrowUp: { width, height: height + STEP },
      ArrowDown: { width, height: height - STEP },
      ArrowLeft: { width: width - outward * STEP, height },
      ArrowRight: { width: width + outward * STEP, height },
    };
    const size = moves[event.key];
    if (!size) return;
    event.preventDefault();
    this.#set(size);
    this.#keep();
  };

  #set({ width, height }: Size): void {
    this.#stage.setProperty('--chatelaine-width', `${Math.round(Math.max(LEAST.width, width))}px`);
    this.#stage.setProperty('--chatelaine-height', `${Math.round(Math.max(LEAST.height, height))}px`);
  }

  #keep(): void {
    const { width, height } = this.#stage.panel.getBoundingClientRect();
    try {
      localStorage.setItem(STORED, JSON.stringify({ width, height }));
    } catch {
      // Without storage it has its usual size next time.
    }
  }

  #read(): Size | undefined {
    try {
      const size = JSON.parse(localStorage.getItem(STORED) ?? 'null') as Size | null;
      return Number.isFinite(size?.width) && Number.isFinite(size?.height) ? (size as Size) : undefined;
    } catch {
      return undefined;
    }
  }

  /** A phone's keyboard makes the visual viewport smaller, not the page: the panel keeps to what can be seen. */
  readonly #fit = (): void => {
    if (!this.#viewport) return;
    this.#stage.setProperty('--chatelaine-seen', `${Math.round(this.#viewport.height)}px`);
    this.#stage.setProperty('--chatelaine-seen-top', `${Math.round(this.#viewport.offsetTop)}px`);
  };
}
