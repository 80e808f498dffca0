import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { say } from './helpers/databases.js';
import { pictureIn, printedBy } from './helpers/example-app.js';
import { HttpBrowser, linkOf } from './helpers/http-browser.js';

/** A `curl` line as the example prints it. */
interface CurlLine {
  readonly url: string;
  readonly headers: Record<string, string>;
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

let example: ChildProcess;
let printed = '';

/** Runs what the README says, and waits for the address. */
beforeAll(async () => {
  example = spawn('npm', ['start'], { env: { ...process.env, PORT: '0', NODE_OPTIONS: '' }, detached: true });
  printed = await printedBy(example);
});

afterAll(() => {
  if (example.pid !== undefined) process.kill(-example.pid);
});

function curlLines(): CurlLine[] {
  return [...printed.matchAll(/^ *curl -i(?: -H "([^:]+): ([^"]+)")? "?(http[^\s"]+)"?$/gm)].map(
    ([, name, value, url]) => ({
      url: url ?? '',
      headers: name === undefined || value === undefined ? {} : { [name]: value },
    }),
  );
}

/** Without a token in whatever place, and without a pair. */
const isBare = (line: string) => !/ -H | -u |\?/.test(line);

function claimsOf(authorization: string): Record<string, unknown> {
  const payload = authorization.split('.')[1];
  return payload === undefined ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString());
}

async function run(path: string, withToken: boolean): Promise<Response> {
  const line = curlLines().find(
    ({ url, headers }) =>
      new URL(url).pathname === path && withToken === ('Authorization' in headers || url.includes('?')),
  );
  if (line === undefined) throw new Error(`no curl line for ${path} in: ${printed}`);
  return fetch(line.url, { headers: line.headers });
}

describe('npm start', () => {
  test('prints curl lines that can be pasted', () => {
    expect(curlLines().length).toBeGreaterThanOrEqual(7);
  });

  test('every printed token lives for an hour', () => {
    const lives = curlLines()
      .map(({ headers }) => claimsOf(headers.Authorization ?? ''))
      .flatMap(({ iat, exp }) => (iat === undefined ? [] : [Number(exp) - Number(iat)]));
    expect(new Set(lives)).toEqual(new Set([3600]));
  });

  test.each(['/me', '/kong/me'])('%s without the token is a 401', async (path) => {
    const response = await run(path, false);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test.each(['/me', '/kong/me'])('%s with the printed token is jsmith', async (path) => {
    const response = await run(path, true);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ type: 'consumer', username: 'jsmith' });
  });

  test('a program’s id and secret are as good as its token, and Alex’s password as hers', async () => {
    const asked = async (pair: string) => {
      const [, id, secret, url] = new RegExp(`curl -i -u (${pair}):(\\S+) (\\S+/me)`).exec(printed) ?? [];
      const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
      return (await fetch(url ?? '', { headers: { authorization } })).json();
    };
    expect(await asked('ci-pipeline')).toMatchObject({ type: 'client', id: 'ci-pipeline', method: 'basicGrant' });
    expect(await asked('alex')).toMatchObject({ type: 'user', created: true, user: { email: 'alex@example.com' } });
  });

  test('Kong’s how-to: -u alex:doe gives the token, and ?access_token= with it gives 200', async () => {
    const [, pair = '', url = ''] = /curl -i -u (\S+) (\S+\/anything)/.exec(printed) ?? [];
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    const { headers } = (await (await fetch(url, { headers: { authorization } })).json()) as {
      headers: { authorization: string };
    };
    const [scheme, token] = headers.authorization.split(' ');
    expect(scheme).toBe('Bearer');
    expect((await fetch(`${url}?access_token=${token}`)).status).toBe(200);
    expect((await fetch(`${url}?access_token=${token}x`)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: headers.authorization } })).status).toBe(401);
  });

  test('a stranger is registered by the first request, and known to the second', async () => {
    const token = curlLines()
      .map(({ headers }) => headers.Authorization ?? '')
      .find((value) => claimsOf(value).email);
    const url = curlLines().find(({ url: printedUrl }) => new URL(printedUrl).pathname === '/me')?.url ?? '';
    const ask = async () => (await fetch(url, { headers: { Authorization: token ?? '' } })).json();
    const [first, second] = [await ask(), await ask()];
    expect(first).toMatchObject({
      type: 'user',
      created: true,
      user: { email: 'alice@example.com' },
      groups: ['readers'],
    });
    expect(second).toMatchObject({ id: (first as { id: string }).id, created: false });
  });

  test('the guard lets the partner in', async () => {
    expect(await (await run('/partners', true)).json()).toEqual({ hello: 'jsmith' });
  });

  test('the token in the URL works where Kong takes it, and nowhere else', async () => {
    const line = curlLines().find(({ url }) => url.includes('?jwt='));
    const kong = await fetch(line?.url ?? '');
    expect(kong.status).toBe(200);
    expect((await fetch(line?.url.replace('/kong/', '/') ?? '')).status).toBe(401);
  });

  test('prints where to click, and one click signs in at the new application', async () => {
    const { waf, newApplication } = pictureIn(printed);
    const browser = new HttpBrowser();
    const old = await browser.go(`${waf}/waf/login`, { form: { person: 'ann' } });
    const page = await browser.go(linkOf(old, 'Go to the new application'));
    expect([page.status, page.url]).toEqual([200, `${newApplication}/`]);
    expect(page.text).toContain('You are Ann (ann@example.com)');
  });

  // Last, because whoever is registered by it is no stranger any more.
  if (hasCurl) {
    test('every printed line works when it is pasted, one after the other in one shell', async () => {
      const lines = [...printed.matchAll(/^ +((?:TOKEN=\$\()?curl .+)$/gm)].map(([, line = '']) => line);
      const script = lines.map((line) => line.replace(/^curl -i/, "curl -s -o /dev/null -w '%{http_code}\\n'"));
      const { stdout } = await promisify(execFile)('bash', ['-c', script.join('\n')]);
      const expected = script.filter((line) => line.startsWith('curl')).map((line) => (isBare(line) ? '401' : '200'));
      expect(stdout.trim().split('\n')).toEqual(expected);
      expect(expected.filter((status) => status === '401')).toHaveLength(2);
    });
  } else say('curl is not installed: no printed line was pasted into a shell');
});
