import { book, chooseFirstFlight, daysAhead, expect, flights, heading, signIn, test } from './support/tern.ts';

test('a shared address opens the same search, order and filters', async ({ page }) => {
  await page.goto(`${flights()}?adults=2&sort=fastest&stops=0`);
  await expect(heading(page, 'San Francisco to Tokyo')).toBeVisible();
  await expect(page.getByText('2 adults')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Fastest/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('listitem').filter({ hasText: '1 stop' })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: /nonstop/ }).first()).toBeAttached();
});

test('order and filters change the address; Back leaves the list, not the filter', async ({ page }) => {
  await page.goto('/');
  await page.goto(flights());
  await page.getByRole('button', { name: /^Cheapest/ }).click();
  await expect(page).toHaveURL(/\?sort=cheapest$/);
  await chooseFirstFlight(page);
  await page.goBack();
  await expect(heading(page, 'San Francisco to Tokyo')).toBeVisible();
  await expect(page).toHaveURL(/\?sort=cheapest$/);
  await expect(page.getByRole('button', { name: /^Cheapest/ })).toHaveAttribute('aria-pressed', 'true');
  await page.goBack();
  await expect(heading(page, 'Where to next?')).toBeVisible();
});

test('Back from the check page finds the travellers as they were typed', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  await page.goto(flights());
  await chooseFirstFlight(page);
  await page.getByRole('button', { name: 'Choose Light' }).click();
  await page.getByLabel('Given names').fill('Nour-Éloïse');
  await page.getByLabel('Family name').fill('حداد');
  await page.getByLabel('Day').fill('4');
  await page.getByLabel('Month').fill('5');
  await page.getByLabel('Year').fill('1990');
  await page.getByLabel('E-mail address').fill('noor@example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(heading(page, 'Check your answers')).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel('Given names')).toHaveValue('Nour-Éloïse');
  await expect(page.getByLabel('Family name')).toHaveValue('حداد');
  await page.reload();
  await expect(page.getByLabel('Year')).toHaveValue('1990');
});

test('a trip has an address of its own, for its member only', async ({ page }) => {
  await signIn(page, 'Kenji Mori');
  const locator = await book(page);
  await page.goto(`/trips/${locator}`);
  await expect(heading(page, 'San Francisco to Tokyo')).toBeVisible();

  await page.getByRole('button', { name: /^Sign out/ }).click();
  await page.goto(`/trips/${locator}`);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.getByRole('button', { name: 'Noor Haddad' }).click();
  await expect(heading(page, "We can't find this trip")).toBeVisible();
});

test('the page before signing in is the page after it', async ({ page }) => {
  await page.goto('/miles/statement');
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.getByRole('button', { name: 'Noor Haddad' }).click();
  await expect(heading(page, /statement/i)).toBeVisible();
  await expect(page).toHaveURL(/\/miles\/statement$/);
});

test('an address that is none says so and leads on', async ({ page }) => {
  for (const address of ['/nowhere', '/flights/SFO/2026-12-05', '/trips/K7QZ40', `/flights/SFO-TYO/${daysAhead(14)}/2020-01-01`]) {
    await page.goto(address);
    await expect(heading(page, "This page doesn't exist")).toBeVisible();
  }
  await page.getByRole('main').getByRole('link', { name: 'Search flights' }).click();
  await expect(heading(page, 'Where to next?')).toBeVisible();
});

test('each page has its title', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveTitle(/^Search flights/);
  await page.goto(flights());
  await expect(page).toHaveTitle(/^San Francisco to Tokyo, /);
  await signIn(page, 'Sofia Lindqvist');
  await page.goto('/trips');
  await expect(page).toHaveTitle(/^Your trips/);
});
