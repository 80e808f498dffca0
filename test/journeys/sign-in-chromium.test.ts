import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { freshBrowsers, hasChromium } from '../helpers/chromium.js';
import { say } from '../helpers/databases.js';
import { runningExample } from '../helpers/example-app.js';

const LINK = 'Go to the new application';

function journey(): void {
  const picture = runningExample();
  const newBrowser = freshBrowsers();

  /** A browser that a person has signed in with at the old application. */
  async function signedIn(person: 'Ann' | 'Gus'): Promise<Page> {
    const page = await newBrowser();
    await page.goto(picture().waf);
    await page.getByRole('button', { name: `Sign in as ${person}` }).click();
    await page.getByText(`You are ${person}, says the WAF`).waitFor();
    return page;
  }

  /** What the person sees, once there is something to see. */
  const textOf = (page: Page) => page.locator('body').textContent();

  /** Begins to sign in, and goes no further than to an address like this; redirects are paused in the browser itself. */
  async function stoppedAt(page: Page, urlPattern: string): Promise<string> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Fetch.enable', { patterns: [{ urlPattern }] });
    const stopped = new Promise<string>((resolve) => {
      devtools.once('Fetch.requestPaused', ({ requestId, request }) => {
        void devtools.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
        resolve(request.url);
      });
    });
    await page.getByRole('link', { name: LINK }).click();
    const url = await stopped;
    await devtools.detach();
    return url;
  }

  test('signed in at the old application, one click signs in at the new one, and nobody is asked anything', async () => {
    const page = await signedIn('Ann');
    const statuses: number[] = [];
    page.on('response', (response) => statuses.push(response.status()));
    await page.getByRole('link', { name: LINK }).click();
    await page.getByText('You are Ann (ann@example.com)').waitFor();
    expect(page.url()).toBe(`${picture().newApplication}/`);
    // Nothing but redirects until the page that was wanted; a browser asks for an icon as well.
    expect(statuses.slice(0, 9).every((status) => status === 302 || status === 303)).toBe(true);
    await page.reload();
    expect(await textOf(page)).toContain('You are Ann');
  });

  test('scripts of a page see none of the cookies', async () => {
    const page = await signedIn('Ann');
    await page.getByRole('link', { name: LINK }).click();
    await page.getByText('You are Ann (').waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    expect((await page.context().cookies()).map(({ name }) => name)).toContain('sign-in');
  });

  test('without a session at the WAF: a page that says so, and it stays there', async () => {
    const page = await newBrowser();
    const answer = await page.goto(`${picture().newApplication}/sign-in`);
    expect(answer?.status()).toBe(401);
    expect(await textOf(page)).toContain('You are not signed in at the gateway');
    expect(page.url()).toContain(`${picture().waf}/jwt`);
  });

  test('somebody whom nobody has registered: a page that says so', async () => {
    const page = await signedIn('Gus');
    const answered = page.waitForResponse(/\/jwt\?/);
    await page.getByRole('link', { name: LINK }).click();
    expect((await answered).status()).toBe(403);
    expect(await textOf(page)).toContain('You are signed in, but not registered here');
    await page.goto(picture().newApplication);
    expect(await textOf(page)).toContain('Nobody is signed in');
  });

  test.each([
    ['the last step', '*/sign-in/jwt/callback?*'],
    ['the WAF', '*/jwt?*'],
  ])('a sign-in of another browser is refused at %s', async (_where, pattern) => {
    const url = await stoppedAt(await signedIn('Ann'), pattern);
    const other = await signedIn('Ann');
    const answer = await other.goto(url);
    expect(answer?.status()).toBe(403);
    expect(await textOf(other)).toContain('state_of_another_browser');
    await other.goto(picture().newApplication);
    expect(await textOf(other)).toContain('Nobody is signed in');
  });

  test('the browser that began can go on where it was stopped, and once', async () => {
    const page = await signedIn('Ann');
    const url = await stoppedAt(page, '*/sign-in/jwt/callback?*');
    await page.goto(url);
    expect(await textOf(page)).toContain('You are Ann (ann@example.com)');
    expect((await page.goto(url))?.status()).toBe(400);
    expect(await textOf(page)).toContain('This sign-in has been completed already');
  });
}

if (hasChromium) {
  describe('in a real browser', journey);
} else {
  say('chromium is not installed: the sign-in journey ran in a browser without scripts alone');
  test('the journey with a real browser runs wherever it must', () => {
    expect(process.env.SALLYPORT_TEST_CHROMIUM).not.toBe('required');
  });
}
