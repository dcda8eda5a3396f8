import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Locator, type Page } from '@playwright/test';

/** The journeys' `test`: pages are relative to the server of this run, and any page error fails the test. */
export const test = base.extend<{ quiet: void }>({
  baseURL: async ({}, use) => use(process.env.TERN_URL),
  // A page that logs an error, throws, or breaks its content security policy fails the journey it happened in.
  quiet: [
    async ({ page }, use) => {
      const messages: string[] = [];
      page.on('pageerror', (error) => messages.push(`${page.url()} threw ${error.message}`));
      page.on('console', (message) => {
        // The browser itself logs each 4xx and each aborted request; the journey checks what the page shows then.
        const expected = /status of 4\d\d|net::ERR_FAILED/;
        if (message.type() === 'error' && !expected.test(message.text())) {
          messages.push(`${page.url()} logged ${message.text()}`);
        }
      });
      await use();
      expect(messages).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** A day that many days from today, by the browser's clock: `2026-12-05`. */
export function daysAhead(days: number): string {
  const day = new Date(Date.now() + days * 86_400_000);
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles' }).format(day);
}

/** Flights to choose from, one way, one adult. */
export function flights(days = 14, pair = 'SFO-TYO'): string {
  return `/flights/${pair}/${daysAhead(days)}`;
}

export const heading = (page: Page, name: string | RegExp): Locator => page.getByRole('heading', { level: 1, name });

export async function signIn(page: Page, member: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: member }).click();
  await expect(heading(page, 'Where to next?')).toBeVisible();
  // A narrow header shows no name; its button has it as accessible name.
  await expect(page.getByRole('button', { name: `Sign out, ${member}` })).toBeVisible();
}

/** Types into an airport field and takes the suggestion of this name. */
export async function chooseAirport(page: Page, field: 'From' | 'To', typed: string, suggestion: RegExp): Promise<void> {
  await page.getByRole('combobox', { name: field, exact: true }).fill(typed);
  await page.getByRole('option', { name: suggestion }).click();
}

export async function chooseFirstFlight(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Choose', exact: true }).first().click();
  await expect(heading(page, 'Choose a fare')).toBeVisible();
}

export async function chooseFare(page: Page, family: 'Light' | 'Classic' | 'Flex'): Promise<void> {
  await page.getByRole('button', { name: `Choose ${family}` }).click();
}

export async function enterTraveller(page: Page): Promise<void> {
  await page.getByLabel('Given names').fill('Zoë');
  await page.getByLabel('Family name').fill("O'Brien-Łuczak");
  const birth = page.getByRole('group', { name: 'Date of birth' });
  await birth.getByLabel('Day').fill('27');
  await birth.getByLabel('Month').fill('3');
  await birth.getByLabel('Year').fill('1985');
  await page.getByLabel('E-mail address').fill('zoe@example.com');
}

/** From the flights to the booked trip; its record locator. */
export async function book(page: Page, address = flights()): Promise<string> {
  await page.goto(address);
  await chooseFirstFlight(page);
  await chooseFare(page, 'Light');
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(heading(page, 'Your trip is booked')).toBeVisible();
  return recordLocator(page);
}

/** The record locator of the trip page. */
export async function recordLocator(page: Page): Promise<string> {
  const locator = (await page.getByRole('region', { name: 'Booking reference' }).locator('bdi').textContent())?.trim();
  expect(locator).toMatch(/^[2-9A-HJ-NP-Z]{6}$/);
  return locator!;
}

/** Checks the present page as every page: no axe violations, no horizontal scrolling. */
export async function holdsUp(page: Page, name: string): Promise<void> {
  // Wait for transitions to end: contrast is wrong in the middle of one.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))));
  await page.screenshot({ path: `results/pages/${name}-${base.info().project.name}.png`, fullPage: true });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }))).toEqual([]);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond, `${name} scrolls sideways by ${beyond} px`).toBe(0);
}
