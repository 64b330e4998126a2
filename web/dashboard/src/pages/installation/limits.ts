// SPDX-License-Identifier: Apache-2.0
import type { components } from '../../api/schema.generated';

type Limits = components['schemas']['Limits'];
type Name = keyof Limits;
/** As they are typed: empty is the preset. */
export type LimitTexts = Record<Name, string>;

export const limitFields: readonly { name: Name; label: string; help: string; preset: string }[] = [
  { name: 'messageCharacters', label: 'Characters of a message', help: 'Preset 4000.', preset: '4000' },
  { name: 'visitorMessagesPerMinute', label: 'Messages a minute, of one visitor', help: 'Preset 60. A tool that is called counts as one more. 0: no limit.', preset: '60' },
  { name: 'messagesPerMinute', label: 'Messages a minute, of all together', help: 'Preset 6000; anonymous visitors have half of it between them. 0: no limit.', preset: '6000' },
  { name: 'requestsPerSecond', label: 'Requests of all kinds a second', help: 'Preset 0: no limit.', preset: '0' },
];

export const readLimits = (limits: Limits): LimitTexts =>
  Object.fromEntries(limitFields.map(({ name }) => [name, limits[name] === undefined ? '' : String(limits[name])])) as LimitTexts;

export const writeLimits = (texts: LimitTexts): Limits =>
  Object.fromEntries(limitFields.filter(({ name }) => texts[name] !== '').map(({ name }) => [name, Number(texts[name])]));
