// Journeys in a real browser against the built `local` with an empty data folder: no mocks, since a journey tests how
// the parts fit. Elements are found by role and visible name. No retries: a test that passes on the second attempt has
// found a fault. Axe must find nothing on any page.
import { defineConfig } from '@playwright/test';

// `cargo xtask test browser` sets CHROMIUM to the machine's browser; otherwise Debian's path is used.
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// The browser must reach nothing but the server under test: without the resolver rule it looks up its vendor's hosts.
// (`--disable-features` is left out on purpose: it would replace Playwright's own list.)
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--no-pings',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
];

const phone = { viewport: { width: 360, height: 780 }, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 900 } };

// Looks and journeys depend on width and colours; addresses and refusals don't, so those run once narrow and once wide.
const meaning = ['addresses.spec.ts', 'keyboard.spec.ts', 'refusals.spec.ts'];

export default defineConfig({
  testMatch: '*.spec.ts',
  outputDir: 'results/traces',
  globalSetup: './support/server.ts',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  workers: 2,
  timeout: 120_000, // for busy machines; each wait has a limit of its own
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath, args },
    locale: 'en-US',
    timezoneId: 'America/Los_Angeles',
    actionTimeout: 10_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'phone-light', testIgnore: meaning, use: { ...phone, colorScheme: 'light' } },
    { name: 'phone-dark', use: { ...phone, colorScheme: 'dark' } },
    { name: 'desktop-light', use: { ...desktop, colorScheme: 'light' } },
    { name: 'desktop-dark', testIgnore: meaning, use: { ...desktop, colorScheme: 'dark' } },
  ],
});
