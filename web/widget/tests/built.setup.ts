// SPDX-License-Identifier: Apache-2.0
/** Builds the widget once, into a directory of its own, for the tests that look at what is built. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    built: string;
  }
}

export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-web-'));
  execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs')], { env: { ...process.env, WEB_OUT: directory }, stdio: 'pipe' });
  project.provide('built', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}
