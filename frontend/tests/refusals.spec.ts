import { chooseAirport, chooseFirstFlight, daysAhead, enterTraveller, expect, flights, heading, signIn, test } from './support/tern.ts';

test('an incomplete search is refused at its top, field by field', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('combobox', { name: 'From', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Search flights' }).click();
  const summary = page.getByRole('alert').filter({ hasText: 'There is a problem' });
  await expect(summary).toBeFocused();
  await expect(page).toHaveTitle(/^Error: /);
  await summary.getByRole('link', { name: 'Choose where you fly to' }).click();
  await expect(page.getByRole('combobox', { name: 'To', exact: true })).toBeFocused();
  await expect(page.getByRole('combobox', { name: 'To', exact: true })).toHaveAttribute('aria-invalid', 'true');
});

test('an unknown place is refused with a suggestion', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('combobox', { name: 'To', exact: true }).fill('xqzxqz');
  await expect(page.getByText('No airport matches “xqzxqz”. Try a city or a three-letter code.')).toBeVisible();
});

test('places are found by code, city, local name, and with a slip of the finger', async ({ page }) => {
  await page.goto('/');
  for (const [typed, suggestion] of [
    ['hnd', /HND/],
    ['londn', /London, all airports/],
    ['münchen', /Munich/],
    ['munchen', /Munich/],
    ['nyc', /New York, all airports/],
    ['zürich', /Zurich/],
  ] as const) {
    await page.getByRole('combobox', { name: 'To', exact: true }).fill(typed);
    await expect(page.getByRole('option').first(), typed).toHaveText(suggestion);
  }
  await chooseAirport(page, 'To', 'heathrow', /Heathrow/);
  await expect(page.getByRole('combobox', { name: 'To', exact: true })).toHaveValue(/London/);
});

test('travellers are refused with a summary that leads to the fields, and keep what they typed', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  await page.goto(flights());
  await chooseFirstFlight(page);
  await page.getByRole('button', { name: 'Choose Light' }).click();
  await enterTraveller(page);
  await page.getByLabel('Month').fill('13');
  await page.getByLabel('Family name').fill('');
  await page.getByLabel('Given names').fill('');
  await page.getByLabel('E-mail address').fill('nobody');
  await page.getByRole('button', { name: 'Continue' }).click();

  const summary = page.getByRole('alert').filter({ hasText: 'There is a problem' });
  await expect(summary).toBeFocused();
  await expect(page).toHaveTitle(/^Error: /);
  await expect(summary.getByRole('link')).toHaveCount(3);
  await summary.getByRole('link').first().click();
  await expect(page.getByLabel('Family name')).toBeFocused();
  await expect(page.getByLabel('Day')).toHaveValue('27');

  await page.getByLabel('Family name').fill('Haddad');
  await page.getByLabel('Month').fill('3');
  await page.getByLabel('E-mail address').fill('noor@example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(heading(page, 'Check your answers')).toBeVisible();
});

test('an unavailable service is shown, with a button that tries again', async ({ page }) => {
  let answering = false;
  await page.route('**/api/booking/flights?*', (route) => (answering ? route.continue() : route.abort()));
  await page.goto(flights());
  const again = page.getByRole('button', { name: /again|retry/i });
  await expect(again).toBeVisible();
  answering = true;
  await again.click();
  await expect(page.getByRole('button', { name: 'Choose', exact: true }).first()).toBeVisible();
});

test('a booking whose answer is lost is not made twice', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  await page.goto(flights(20));
  await chooseFirstFlight(page);
  await page.getByRole('button', { name: 'Choose Light' }).click();
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();

  const made: string[] = [];
  let lose = true;
  await page.route('**/api/booking/bookings', async (route) => {
    const answer = await route.fetch(); // the service has received it; the browser gets no reply
    made.push((await answer.json()).record_locator);
    return lose ? route.abort() : route.fulfill({ response: answer });
  });
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(page.getByText("We don't know yet whether this is booked")).toBeVisible({ timeout: 40_000 });
  lose = false;
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(heading(page, 'Your trip is booked')).toBeVisible();
  expect(made.length).toBeGreaterThan(1);
  expect(new Set(made).size).toBe(1);
});

test('after a lost answer, a sign-in that ended and a refusal of the gateway leave it open whether it is booked', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  await page.goto(flights(21));
  await chooseFirstFlight(page);
  await page.getByRole('button', { name: 'Choose Light' }).click();
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();

  const problem = (status: number, code: string) => ({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: `urn:tern:problem:${code}`, title: code, status, code, detail: code }),
  });
  const keys = new Set<string | null>();
  let attempts = 0;
  await page.route('**/api/booking/bookings', async (route) => {
    keys.add(await route.request().headerValue('idempotency-key'));
    attempts += 1;
    return attempts === 1 ? route.abort() : route.fulfill(problem(413, 'body_too_large'));
  });
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(page.getByText('You may have this booking already')).toBeVisible({ timeout: 40_000 });
  await page.reload();
  await expect(page.getByText("We don't know yet whether this is booked")).toBeVisible();

  await page.unroute('**/api/booking/bookings');
  await page.route('**/api/booking/bookings', async (route) => {
    keys.add(await route.request().headerValue('idempotency-key'));
    return route.fulfill(problem(401, 'unauthenticated'));
  });
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('tern.draft') ?? 'null'));
  expect(kept.sent.state).toBe('unanswered');
  expect([...keys]).toEqual([kept.idempotency_key]);
});

test('a booking under way is neither changed nor does it take over the page that is shown since', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  await page.goto(flights(22));
  await chooseFirstFlight(page);
  await page.getByRole('button', { name: 'Choose Light' }).click();
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('link', { name: /^Change / })).not.toHaveCount(0);

  let answer = () => {};
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
  const answered = new Promise<number>((resolve) => {
    void page.route('**/api/booking/bookings', async (route) => {
      const response = await route.fetch();
      await mayAnswer;
      await route.fulfill({ response });
      resolve(response.status());
    });
  });
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(page.getByRole('link', { name: /^Change / })).toHaveCount(0);
  await page.goBack();
  await expect(page.getByText('This booking was sent already')).toBeVisible();
  await page.getByLabel('Given names').fill('Noor Maria');
  answer();
  expect(await answered).toBe(201);
  await page.unroute('**/api/booking/bookings');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(page.getByText('You may have this booking already')).toBeVisible();
});

test('after a lost answer, other flights are another booking, with a word about the first', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  const keys: (string | null)[] = [];
  const book = async (day: number) => {
    await page.goto(flights(day));
    await chooseFirstFlight(page);
    await page.getByRole('button', { name: 'Choose Light' }).click();
    await enterTraveller(page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(heading(page, 'Check your answers')).toBeVisible();
  };
  await book(23);
  await page.route('**/api/booking/bookings', async (route) => {
    keys.push(await route.request().headerValue('idempotency-key'));
    return keys.length < 4 ? route.abort() : route.continue();
  });
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(page.getByText("We don't know yet whether this is booked")).toBeVisible({ timeout: 40_000 });
  await book(24);
  await expect(page.getByText('You may have booked other flights')).toBeVisible();
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(heading(page, 'Your trip is booked')).toBeVisible();
  expect(new Set(keys).size).toBe(2);
});

test('a day in the past is refused without a request', async ({ page }) => {
  await page.goto(`/?from=SFO&to=TYO&trip=one-way&depart=${daysAhead(-3)}`);
  await expect(page.getByLabel('Depart')).toHaveValue(daysAhead(-3)); // the app has taken over from the static form
  await page.getByRole('button', { name: 'Search flights' }).click();
  await expect(page.getByRole('alert').getByRole('link', { name: 'The day you leave is over' })).toBeVisible();
});
