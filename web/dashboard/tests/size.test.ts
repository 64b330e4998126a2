// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
// What the first page costs, whichever it is: index.html, what it loads, and the route with all it needs, gzipped.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Chunk {
  file: string;
  name?: string;
  css?: string[];
  imports?: string[];
}

let folder = '';
let manifest: Record<string, Chunk> = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatelaine-size-'));
  execFileSync(process.execPath, [fileURLToPath(new URL('../build.mjs', import.meta.url))], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, WEB_OUT: folder } });
  manifest = JSON.parse(readFileSync(join(folder, 'dashboard.manifest.json'), 'utf8')) as Record<string, Chunk>;
}, 600_000); // a build, on a machine that may have other work
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files of these chunks and of all they import. */
function filesOf(...names: string[]): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string) => {
    const chunk = manifest[name];
    if (!chunk || seen.has(name)) return;
    seen.add(name);
    [chunk.file, ...(chunk.css ?? [])].forEach((file) => files.add(file));
    chunk.imports?.forEach(visit);
  };
  names.forEach(visit);
  return files;
}
const gzipped = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);

/** The file of every route, as the table of pages names it. */
const pages = [...readFileSync(new URL('../src/router.tsx', import.meta.url), 'utf8').matchAll(/import\('\.\/(pages\/[\w/-]+)'\)/g)].map(([, path]) => `src/${path}.tsx`);

/** The chunk that a page has become: of its own name, or one that it shares. */
const chunkOf = (page: string): string | undefined => (manifest[page] ? page : Object.keys(manifest).find((name) => manifest[name]?.name === page.match(/([\w-]+)\.tsx$/)?.[1]));

describe('the first page, gzipped', () => {
  it('is known of every route', () => expect(pages.length).toBeGreaterThan(25));

  it.each(pages)('with %s is under 200 kB', (page) => {
    const chunk = chunkOf(page);
    expect(chunk, `${page} is no page of its own any more`).toBeDefined();
    const size = gzipped(new Set(['index.html', ...filesOf('index.html', chunk!)]));
    expect(size).toBeGreaterThan(100_000); // it was measured at all
    expect(size).toBeLessThan(200_000);
    console.log(`${page}: ${Math.round(size / 1000)} kB`);
  });

  it('names every file by its content, so that it may be kept for ever', () => {
    expect(Object.values(manifest).flatMap(({ file, css = [] }) => [file, ...css]).filter((file) => !/^dashboard\/[\w.-]+\.[0-9a-f]{8}\.\w+$/.test(file) && file !== 'index.html')).toEqual([]);
  });

  it('has nothing inline that the policy would refuse', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(page.match(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/g)).toBeNull();
    expect(page.match(/(?:src|href)="(?!\/dashboard\/)/g)).toBeNull();
  });
});
