// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import ArrowDown from 'lucide/dist/esm/icons/arrow-down.mjs';
import ArrowLeft from 'lucide/dist/esm/icons/arrow-left.mjs';
import ArrowUp from 'lucide/dist/esm/icons/arrow-up.mjs';
import Check from 'lucide/dist/esm/icons/check.mjs';
import ChevronDown from 'lucide/dist/esm/icons/chevron-down.mjs';
import CircleAlert from 'lucide/dist/esm/icons/circle-alert.mjs';
import CircleDashed from 'lucide/dist/esm/icons/circle-dashed.mjs';
import KeyRound from 'lucide/dist/esm/icons/key-round.mjs';
import LoaderCircle from 'lucide/dist/esm/icons/loader-circle.mjs';
import X from 'lucide/dist/esm/icons/x.mjs';
import { h } from 'preact';
import { MARK_PATHS } from '../mark';

type Shapes = readonly (readonly [string, Record<string, string | number>])[];

const icons = {
  mark: MARK_PATHS.map((d) => ['path', { d }] as const) as Shapes,
  down: ArrowDown as Shapes,
  back: ArrowLeft as Shapes,
  send: ArrowUp as Shapes,
  check: Check as Shapes,
  menu: ChevronDown as Shapes,
  alert: CircleAlert as Shapes,
  anonymous: CircleDashed as Shapes,
  key: KeyRound as Shapes,
  busy: LoaderCircle as Shapes,
  close: X as Shapes,
  stop: [['rect', { x: 7, y: 7, width: 10, height: 10, rx: 2, fill: 'currentcolor' }]] as Shapes,
};

export function Icon({ name, class: extra = '' }: { name: keyof typeof icons; class?: string }) {
  return (
    <svg class={`icon icon-${name} ${extra}`} viewBox="0 0 24 24" aria-hidden="true">
      {icons[name].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
