import { defineConfig } from '@playwright/test';

// `cargo xtask test browser` sets CHROMIUM to the machine's browser; run by hand, Debian's place is taken.
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// The browser must reach nothing but the server under test: without the resolver rule it looks up its maker's hosts.
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

export default defineConfig({
  testMatch: '*.spec.ts',
  outputDir: 'results/traces',
  globalSetup: './support/server.ts',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0, // a journey that passes at the second attempt is a fault, not a pass
  workers: 2,
  timeout: 60_000,
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
    { name: 'phone-light', use: { ...phone, colorScheme: 'light' } },
    { name: 'phone-dark', use: { ...phone, colorScheme: 'dark' } },
    { name: 'desktop-light', use: { ...desktop, colorScheme: 'light' } },
    { name: 'desktop-dark', use: { ...desktop, colorScheme: 'dark' } },
  ],
});
