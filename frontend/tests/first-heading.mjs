// Prints, as JSON, when the first heading is painted on a slow phone (CPU four times slower, 1.6 Mbit/s,
// 150 ms a round trip, empty cache), when the app has started, and the bytes transferred.
//
// node first-heading.mjs http://127.0.0.1:8080/
import { chromium } from '@playwright/test';

const LOADS = 9;
const [url] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-domain-reliability',
    '--no-pings',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
  ],
});

const loads = [];
for (let load = 0; load < LOADS; load += 1) {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  let bytes = 0;
  devtools.on('Network.loadingFinished', (request) => (bytes += request.encodedDataLength));
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6 * 1000 * 1000) / 8,
    uploadThroughput: (0.75 * 1000 * 1000) / 8,
  });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript(() => {
    const look = () => {
      const heading = document.querySelector('h1');
      if (heading?.getClientRects().length && heading.textContent.trim()) {
        // The frame after its layout: by then it has been painted.
        requestAnimationFrame(() => (window.firstHeadingMs = performance.now()));
        return;
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction(() => window.firstHeadingMs !== undefined);
  await page.waitForLoadState('networkidle');
  const heading_ms = await page.evaluate(() => window.firstHeadingMs);
  const paint_ms = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
  );
  loads.push({ heading_ms, paint_ms, bytes });
  await context.close();
}
await browser.close();

loads.sort((one, other) => one.heading_ms - other.heading_ms);
console.log(JSON.stringify({ median: loads[Math.floor(LOADS / 2)], slowest: loads[LOADS - 1], loads: LOADS }));
