import { type Locator, type Page } from '@playwright/test';
import { daysAhead, expect, heading, recordLocator, test } from './support/tern.ts';

/** Tabs until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let tabs = 0; tabs < 120; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`120 tabs did not lead to ${target}`);
}

async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

async function type(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(label));
  await page.keyboard.type(text);
}

test('a trip is booked without a mouse', async ({ page }) => {
  await page.goto('/');
  await press(page, page.getByRole('link', { name: 'Sign in' }));
  await press(page, page.getByRole('button', { name: 'Rafael Ortiz' }));
  await expect(heading(page, 'Where to next?')).toBeFocused();

  await tabTo(page, page.getByRole('radio', { name: 'Return' }));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'One way' })).toBeChecked();
  await tabTo(page, page.getByRole('combobox', { name: 'From', exact: true }));
  await page.keyboard.type('SFO');
  await expect(page.getByRole('option', { name: /SFO/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('combobox', { name: 'To', exact: true }));
  await page.keyboard.type('NRT');
  await expect(page.getByRole('option', { name: /NRT/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Depart'));
  const [year, month, day] = daysAhead(15).split('-');
  await page.keyboard.type(`${month}${day}${year}`);
  await press(page, page.getByRole('button', { name: 'Search flights' }));

  // Each page takes the focus to its heading, so that the next Tab starts there and not at the top.
  await expect(heading(page, 'San Francisco to Tokyo')).toBeFocused();
  await press(page, page.getByRole('button', { name: 'Choose', exact: true }).first());
  await expect(heading(page, 'Choose a fare')).toBeFocused();
  await press(page, page.getByRole('button', { name: 'Choose Light' }));

  await expect(heading(page, 'Who is travelling?')).toBeFocused();
  await type(page, 'Given names', 'Rafael');
  await type(page, 'Family name', 'Ortiz');
  await type(page, 'Day', '1');
  await type(page, 'Month', '12');
  await type(page, 'Year', '1979');
  await type(page, 'E-mail address', 'rafael@example.com');
  await press(page, page.getByRole('button', { name: 'Continue' }));
  await expect(heading(page, 'Check your answers')).toBeFocused();
  await press(page, page.getByRole('button', { name: /^Book for / }));
  await expect(heading(page, 'Your trip is booked')).toBeFocused();
  await recordLocator(page);
});

test('the first Tab offers to skip the header', async ({ page }) => {
  await page.goto('/miles');
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.reload();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await press(page, page.getByRole('link', { name: 'Skip to content' }));
  await expect(page.locator('main')).toBeFocused();
});
