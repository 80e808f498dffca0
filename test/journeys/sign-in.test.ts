import { describe, expect, test } from '@jest/globals';
import { printedBy, runningExample, startExample } from '../helpers/example-app.js';
import { HttpBrowser, linkOf } from '../helpers/http-browser.js';

const picture = runningExample();

/** A browser that has signed in at the old application. */
async function signedIn(person: 'ann' | 'gus'): Promise<{ browser: HttpBrowser; link: string }> {
  const browser = new HttpBrowser();
  const page = await browser.go(`${picture().waf}/waf/login`, { form: { person } });
  return { browser, link: linkOf(page, 'Go to the new application') };
}

describe('signed in at the old application', () => {
  test('one click signs in at the new one, and nobody is asked anything', async () => {
    const { browser, link } = await signedIn('ann');
    const page = await browser.go(link);
    expect(page).toMatchObject({ status: 200, url: `${picture().newApplication}/` });
    expect(page.text).toContain('You are Ann (ann@example.com)');
    expect((await browser.go(page.url)).text).toContain('You are Ann');
  });

  test('takes the five steps of the picture, with the token in no address', async () => {
    const { browser, link } = await signedIn('ann');
    browser.visited.length = 0;
    await browser.go(link);
    const paths = browser.visited.map((url) => new URL(url).pathname.replace(/^\/auth\/.+/, '/auth/:uid'));
    expect(paths).toEqual([
      '/sign-in',
      '/auth',
      '/interaction',
      '/sign-in/login',
      '/jwt',
      '/sign-in/jwt/callback',
      '/interaction',
      '/auth/:uid',
      '/callback',
      '/',
    ]);
    expect(browser.visited.filter((url) => /eyJ[\w-]+\.eyJ/.test(url))).toEqual([]);
  });

  test('the second time the provider knows already', async () => {
    const { browser, link } = await signedIn('ann');
    await browser.go(link);
    browser.visited.length = 0;
    expect((await browser.go(link)).text).toContain('You are Ann');
    expect(browser.visited.some((url) => url.startsWith(`${picture().waf}/jwt`))).toBe(false);
  });

  test('as somebody whom nobody has registered: refused with a page that says so', async () => {
    const { browser, link } = await signedIn('gus');
    const page = await browser.go(link);
    expect(page.status).toBe(403);
    expect(page.text).toContain('not registered here');
    expect(page.text).toContain('user_not_registered');
    expect((await browser.go(picture().newApplication)).text).toContain('Nobody is signed in');
  });
});

describe('refused with a page, and no redirect after it:', () => {
  test('without a session at the WAF', async () => {
    const page = await new HttpBrowser().go(`${picture().newApplication}/sign-in`);
    expect(page.status).toBe(401);
    expect(page.text).toContain('You are not signed in at the gateway');
    expect(page.text).toContain('credentials_missing');
  });

  test('after signing out there', async () => {
    const { browser, link } = await signedIn('ann');
    await browser.go(`${picture().waf}/waf/logout`, { form: {} });
    expect((await browser.go(link)).status).toBe(401);
  });

  test('a sign-in of another browser, at the last step', async () => {
    const { browser: victim, link } = await signedIn('ann');
    const { url } = await victim.go(link, { stopAt: /\/sign-in\/jwt\/callback/ });
    const page = await (await signedIn('ann')).browser.go(url);
    expect([page.status, page.url]).toEqual([403, url]);
    expect(page.text).toContain('state_of_another_browser');
    expect((await victim.go(url)).text).toContain('You are Ann');
  });

  test('a sign-in of another browser, at the WAF, which knows this one', async () => {
    const { browser: attacker, link } = await signedIn('gus');
    const { url } = await attacker.go(link, { stopAt: /\/jwt\?/ });
    const page = await (await signedIn('ann')).browser.go(url);
    expect(page.status).toBe(403);
    expect(page.text).toContain('state_of_another_browser');
  });

  test('a sign-in that was completed', async () => {
    const { browser, link } = await signedIn('ann');
    await browser.go(link);
    const used = browser.visited.find((url) => url.includes('/jwt/callback')) ?? '';
    const page = await browser.go(used);
    expect(page.status).toBe(400);
    expect(page.text).toContain('state_replayed');
  });
});

describe('two tabs of one browser', () => {
  test('that reach the provider one after the other are both signed in', async () => {
    const { browser, link } = await signedIn('ann');
    const first = await browser.go(link, { stopAt: /\/auth\?/ });
    const second = await browser.go(link, { stopAt: /\/auth\?/ });
    expect((await browser.go(first.url)).text).toContain('You are Ann');
    expect((await browser.go(second.url)).text).toContain('You are Ann');
  });

  test('that are at the WAF at once: the first signs in, the second is told so and goes on with a click', async () => {
    const { browser, link } = await signedIn('ann');
    const first = await browser.go(link, { stopAt: /\/jwt\?/ });
    const second = await browser.go(link, { stopAt: /\/jwt\?/ });
    expect((await browser.go(first.url)).text).toContain('You are Ann');
    const page = await browser.go(second.url);
    expect([page.status, page.text.includes('provider.js')]).toEqual([400, false]);
    expect(page.text).toContain('This sign-in is over');
    expect((await browser.go(linkOf(page, 'Go on to the new application'))).text).toContain('You are Ann');
  });

  test('a code of another browser signs nobody in', async () => {
    const { browser: attacker, link } = await signedIn('ann');
    const { url } = await attacker.go(link, { stopAt: /\/callback\?code=/ });
    const { browser: victim } = await signedIn('ann');
    expect((await victim.go(url)).status).toBe(400);
    expect((await victim.go(picture().newApplication)).text).toContain('Nobody is signed in');
  });
});

describe('the WAF', () => {
  test.each(['x-waf-jwt', 'x_waf_jwt', 'X-WAF_JWT'])('lets nobody bring a token of their own in %s', async (name) => {
    const answer = await fetch(picture().waf, { headers: { [name]: 'eyJhbGciOiJub25lIn0.e30.' } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Sign in as Ann');
  });
});

test('a port that is taken already ends the example with a word on what to do', async () => {
  const { port } = new URL(picture().waf);
  await expect(printedBy(startExample(port))).rejects.toThrow(/ended with 1: .*EADDRINUSE.*\n.*PORT=4000 npm start/s);
});
