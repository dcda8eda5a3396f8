// Every page and state, in each of the four projects (360 and 1280 px, light and dark): a picture into
// results/pages, no axe violations, no horizontal scrolling.
import {
  book,
  chooseFare,
  chooseFirstFlight,
  enterTraveller,
  expect,
  flights,
  heading,
  holdsUp,
  signIn,
  test,
} from './support/tern.ts';

test('search, empty and refused', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('combobox', { name: 'From', exact: true })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await holdsUp(page, 'search');
  await page.getByRole('button', { name: 'Search flights' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await holdsUp(page, 'search-refused');
});

test('search, with suggestions open', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('combobox', { name: 'From', exact: true }).fill('lon');
  await expect(page.getByRole('option').first()).toBeVisible();
  await holdsUp(page, 'search-suggestions');
});

test('results, nonstop and with stops', async ({ page }) => {
  await page.goto(flights());
  await expect(page.getByRole('button', { name: 'Choose', exact: true }).first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  await holdsUp(page, 'results');
});

test('results, filtered: beside the list where there is room, in a sheet on a phone', async ({ page, viewport }) => {
  await page.goto(flights());
  const phone = viewport!.width < 600;
  if (phone) {
    await page.getByRole('button', { name: 'Filters' }).click();
  }
  const filters = phone ? page.getByRole('dialog', { name: 'Filters' }) : page.getByRole('complementary', { name: 'Filters' });
  await filters.getByRole('checkbox', { name: /Nonstop/ }).check();
  await expect(page).toHaveURL(/\?stops=0$/);
  await expect(filters.getByRole('button', { name: 'Clear filters' })).toBeVisible();
  await holdsUp(page, 'results-filters');
});

test('sign-in', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page.getByRole('button', { name: 'Amelia Okafor' })).toBeVisible();
  await holdsUp(page, 'sign-in');
});

test('from the fare to the confirmation', async ({ page }) => {
  await signIn(page, 'Rafael Ortiz');
  await page.goto(flights());
  await chooseFirstFlight(page);
  await expect(page.getByRole('button', { name: 'Choose Light' })).toBeVisible();
  await holdsUp(page, 'fare');
  await chooseFare(page, 'Classic');
  await expect(heading(page, 'Who is travelling?')).toBeVisible();
  await holdsUp(page, 'travellers');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await holdsUp(page, 'travellers-refused');
  await enterTraveller(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(heading(page, 'Check your answers')).toBeVisible();
  await holdsUp(page, 'check');
  await page.getByRole('button', { name: /^Book for / }).click();
  await expect(heading(page, 'Your trip is booked')).toBeVisible();
  await expect(page.getByText('How this was worked out')).toBeVisible();
  await holdsUp(page, 'confirmation');
});

test('the trip, trips, miles and the statement', async ({ page }) => {
  await signIn(page, 'Rafael Ortiz');
  await page.goto(`/trips/${await book(page)}`);
  await expect(heading(page, 'San Francisco to Tokyo')).toBeVisible();
  await expect(page.getByText('How this was worked out')).toBeVisible();
  await holdsUp(page, 'trip');
  await page.goto('/trips');
  await expect(page.getByRole('article').first()).toBeVisible();
  await holdsUp(page, 'trips');
  await page.goto('/miles');
  await expect(page.getByRole('table')).toBeVisible();
  await holdsUp(page, 'miles');
  await page.goto('/miles/statement');
  await expect(page.getByRole('table')).toBeVisible();
  await holdsUp(page, 'statement');
});

test('what is empty, and what is not there', async ({ page }) => {
  await signIn(page, 'Sofia Lindqvist'); // no journey books as her
  await page.goto('/trips');
  await expect(page.getByText('No trips yet.')).toBeVisible();
  await holdsUp(page, 'trips-empty');
  await page.goto('/trips/ZZZZZZ');
  await expect(heading(page, "We can't find this trip")).toBeVisible();
  await holdsUp(page, 'trip-unknown');
  await page.goto('/nowhere');
  await expect(heading(page, "This page doesn't exist")).toBeVisible();
  await holdsUp(page, 'not-found');
});

test('when a service is away', async ({ page }) => {
  await page.route('**/api/booking/flights?*', (route) => route.abort());
  await page.goto(flights());
  await expect(page.getByRole('button', { name: /again|retry/i })).toBeVisible();
  await holdsUp(page, 'results-failed');
});

test('a large party on its way to a booking', async ({ page }) => {
  await signIn(page, 'Noor Haddad');
  await page.goto(`${flights(25)}?adults=2&children=1&infants=1`);
  await chooseFirstFlight(page);
  await chooseFare(page, 'Flex');
  await expect(page.getByRole('heading', { name: 'Traveller 4 of 4' })).toBeVisible();
  await holdsUp(page, 'travellers-party');
});
