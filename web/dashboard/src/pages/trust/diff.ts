// SPDX-License-Identifier: Apache-2.0
/** What differs between two JSON documents, place by place. */
import { isObject, type Json, pointerTo, sameJson } from '../assistant/json';

export interface Difference {
  pointer: string;
  kind: 'added' | 'removed' | 'changed';
  before?: Json;
  after?: Json;
}

/** Members are compared by name. So are the entries of a list, where each has a name or an id of its own; else a list is
 * compared place by place when its length is the same, and as a whole when it is not. */
export function differences(before: Json | undefined, after: Json | undefined, pointer = ''): Difference[] {
  if (sameJson(before, after)) return [];
  if (before === undefined || before === null) return [{ pointer, kind: 'added', ...(after === undefined ? {} : { after }) }];
  if (after === undefined || after === null) return [{ pointer, kind: 'removed', before }];
  if (isObject(before) && isObject(after)) return membersOf(before, after).flatMap((name) => differences(own(before, name), own(after, name), pointerTo(pointer, name)));
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, pointer);
  return [{ pointer, kind: 'changed', before, after }];
}

const own = (object: Record<string, Json>, name: string): Json | undefined => (Object.hasOwn(object, name) ? object[name] : undefined);
const membersOf = (before: object, after: object): string[] => [...new Set([...Object.keys(before), ...Object.keys(after)])];

function listDifferences(before: Json[], after: Json[], pointer: string): Difference[] {
  const [named, namedAfter] = [byName(before), byName(after)];
  if (named && namedAfter) {
    const changes = membersOf(named, namedAfter).flatMap((name) => differences(own(named, name), own(namedAfter, name), pointerTo(pointer, name)));
    // The same entries in another order.
    return changes.length > 0 ? changes : [{ pointer, kind: 'changed', before, after }];
  }
  if (before.length === after.length) return before.flatMap((value, at) => differences(value, after[at], pointerTo(pointer, at)));
  return [{ pointer, kind: 'changed', before, after }];
}

function byName(list: Json[]): Record<string, Json> | undefined {
  const names = list.map((one) => (isObject(one) ? (one['name'] ?? one['id']) : undefined));
  if (list.length === 0 || names.some((name) => typeof name !== 'string') || new Set(names).size !== names.length) return undefined;
  return Object.fromEntries(list.map((one, at) => [names[at] as string, one]));
}
