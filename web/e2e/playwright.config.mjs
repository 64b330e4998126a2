// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from '@playwright/test';

const out = new URL('../../build/e2e/', import.meta.url).pathname;

/** Each project is one way to look at the story; the rest looks the same everywhere and is tested once, at the desktop. */
const look = (name, width, height, colorScheme, more = {}, testMatch = '*.spec.mjs') => ({
  name, testMatch, use: { viewport: { width, height }, colorScheme, ...more },
});

export default defineConfig({
  testDir: '.',
  outputDir: `${out}results`,
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: 'list',
  use: {
    locale: 'en-GB',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  projects: [
    look('desktop-light', 1280, 800, 'light'),
    look('desktop-dark', 1280, 800, 'dark', {}, 'story.spec.mjs'),
    look('phone-light', 390, 844, 'light', { hasTouch: true, deviceScaleFactor: 2 }, 'story.spec.mjs'),
    look('phone-dark', 390, 844, 'dark', { hasTouch: true, deviceScaleFactor: 2 }, 'story.spec.mjs'),
  ],
});
