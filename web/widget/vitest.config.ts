// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';
import { characterNames } from './character-names.mjs';

export default defineConfig({
  plugins: [characterNames()],
  // So that the build's plugin takes the place of micromark's look-up here too.
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/built.setup.ts'],
    server: { deps: { inline: [/micromark/] } },
    testTimeout: 30_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
