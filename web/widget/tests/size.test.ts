// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';

const output = inject('built');
const files = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')) as Record<string, { path: string; bytes: number; gzip: number }>;

const gzip = (name: string): number => files[name]?.gzip ?? expect.unreachable(name);

describe('what a page pays (gzipped)', () => {
  it('at once: at most 12 kB', () => expect(gzip('widget')).toBeLessThanOrEqual(12_000));
  it('in all: at most 60 kB, whatever the language', () => expect(gzip('widget') + gzip('chat') + gzip('de')).toBeLessThanOrEqual(60_000));
});

describe('what is built', () => {
  const code = (name: string): string => readFileSync(join(output, files[name]?.path ?? ''), 'utf8');

  it('needs no eval and no inline style', () => {
    for (const name of ['widget', 'chat', 'debug', 'de']) expect(code(name)).not.toMatch(/\beval\(|new Function\(|setAttribute\("style"/);
  });
  it('names the chat by its hash in the loader', () => expect(code('widget')).toContain(files['chat']?.path));
  it('is the same under its own hash', () => expect(code('widgetHashed')).toBe(code('widget')));
  it('has types for the package', () => expect(readFileSync(join(output, 'package/types/index.d.ts'), 'utf8')).toContain('createChat'));
});
