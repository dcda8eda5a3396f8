import {
  chooseAirport,
  chooseFare,
  chooseFirstFlight,
  daysAhead,
  enterTraveller,
  expect,
  heading,
  recordLocator,
  signIn,
  test,
} from './support/tern.ts';

test('a member searches, books, and sees the trip and its miles', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Amelia Okafor' }).click();
  await expect(heading(page, 'Where to next?')).toBeVisible();

  await chooseAirport(page, 'From', 'san fran', /San Francisco/);
  await chooseAirport(page, 'To', 'tokio', /Tokyo, all airports/);
  await page.getByRole('radio', { name: 'One way' }).check();
  await page.getByLabel('Depart').fill(daysAhead(14));
  await page.getByRole('button', { name: 'Search flights' }).click();

  await expect(heading(page, 'San Francisco to Tokyo')).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/flights/SFO-TYO/${daysAhead(14)}$`));
  await chooseFirstFlight(page);
  await chooseFare(page, 'Classic');

  await expect(heading(page, 'Who is travelling?')).toBeVisible();
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();

  await expect(heading(page, 'Check your answers')).toBeVisible();
  await expect(page.getByText("Zoë O'Brien-Łuczak")).toBeVisible();
  await expect(page.getByText('zoe@example.com')).toBeVisible();
  const confirm = page.getByRole('button', { name: /^Book for \$[\d,.]+$/ });
  const price = (await confirm.textContent())!.replace('Book for ', '');
  await confirm.click();

  await expect(heading(page, 'Your trip is booked')).toBeVisible();
  const locator = await recordLocator(page);
  const miles = page.getByRole('region', { name: 'Miles', exact: true });
  await expect(miles.getByText('Pending', { exact: true })).toBeVisible();
  const earned = (await miles.locator('.miles-panel__total bdi').textContent())!;
  expect(earned).toMatch(/^\+[\d,]+$/);
  await expect(miles.getByRole('heading', { name: 'How this was worked out' })).toBeVisible();
  await expect(miles.getByRole('listitem').first()).toContainText(/SFO to .*mi/);

  await page.getByRole('link', { name: 'Trips' }).click();
  await expect(heading(page, 'Your trips')).toBeVisible();
  await expect(page.getByText(locator)).toBeVisible();

  await page.getByRole('link', { name: 'Miles', exact: true }).click();
  await expect(heading(page, 'Your miles')).toBeVisible();
  await expect(page.getByText(/\+[\d,]+ pending, yours after the flight/)).toBeVisible();
  const entry = page.getByRole('row').filter({ has: page.locator(`a[href="/trips/${locator}"]`) });
  await expect(entry).toContainText('Pending');
  await expect(entry).toContainText(earned);

  // The page shows what the service stored, not this tab's memory.
  await page.evaluate(() => sessionStorage.clear());
  await signIn(page, 'Amelia Okafor');
  await page.goto(`/trips/${locator}`);
  await expect(heading(page, 'San Francisco to Tokyo')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Booking reference' })).toContainText(locator);
  await expect(page.getByText(price).first()).toBeVisible();
});

test('a return trip is chosen way by way and booked as one', async ({ page }) => {
  await signIn(page, 'Kenji Mori');
  await page.goto(`/flights/SFO-TYO/${daysAhead(14)}/${daysAhead(21)}`);
  await expect(page.getByText('1 of 2: choose your way out.')).toBeVisible();
  await chooseFirstFlight(page);
  await chooseFare(page, 'Light');
  await expect(page.getByText('2 of 2: choose your way back.')).toBeVisible();
  await expect(heading(page, 'Tokyo to San Francisco')).toBeVisible();
  await chooseFirstFlight(page);
  await chooseFare(page, 'Flex');
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(heading(page, 'Your trip is booked')).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Way out: San Francisco to Tokyo/ })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Way back: Tokyo to San Francisco/ })).toBeVisible();
  await expect(page.getByText(/Ridge bonus/).first()).toBeVisible();
});

test('a visitor who is not signed in signs in and returns to the travellers', async ({ page }) => {
  await page.goto(`/flights/SFO-TYO/${daysAhead(14)}`);
  await chooseFirstFlight(page);
  await chooseFare(page, 'Light');
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.getByRole('button', { name: 'Noor Haddad' }).click();
  await expect(heading(page, 'Who is travelling?')).toBeVisible();
});
