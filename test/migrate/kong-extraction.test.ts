import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { kongApp, kongConfig, refused } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { HOWTO, hs256 } from '../helpers/tokens.js';

const token = hs256({ iss: HOWTO.key });
const other = hs256({ iss: HOWTO.key, n: 2 });

const NONE = { status: 401, text: '{"message":"Unauthorized"}', challenge: 'Bearer' };
const MULTIPLE = refused('Multiple tokens provided');
const WELCOME = { status: 200 };

type Request = { path?: string; headers?: Record<string, string | string[]> };

async function ask(config: Record<string, unknown>, { path = '/', headers = {} }: Request) {
  const get = request(await kongApp(config)).get(path);
  // supertest's types know no repeated headers; Node sends them.
  for (const [name, value] of Object.entries(headers)) get.set(name, value as string);
  const response = await get;
  if (response.status === 200) return WELCOME;
  return { status: response.status, text: response.text, challenge: response.headers['www-authenticate'] };
}

describe('the authorization header', () => {
  test.each([
    ['Bearer', `Bearer ${token}`, WELCOME],
    ['bearer', `bearer ${token}`, WELCOME],
    ['several spaces', `Bearer   ${token}`, WELCOME],
    ['a tab', `Bearer\t${token}`, WELCOME],
    ['the scheme anywhere in the value', `Token, Bearer ${token}`, WELCOME],
    ['BEARER, which Kong does not know', `BEARER ${token}`, NONE],
    ['another scheme', 'Basic dXNlcjpwYXNz', NONE],
    ['the bare token', token, NONE],
    ['nothing after the scheme', 'Bearer', NONE],
    ['a space inside the token', `Bearer ${token} x`, refused('Bad token; invalid signature')],
  ])('%s', async (_what, value, outcome) => {
    expect(await ask({}, { headers: { authorization: value } })).toEqual(outcome);
  });

  test('sent twice: the first counts, as in Kong and in Node', async () => {
    expect(await ask({}, { headers: { authorization: [`Bearer ${token}`, 'Bearer forged'] } })).toEqual(WELCOME);
    const reversed = { headers: { authorization: ['Bearer forged', `Bearer ${token}`] } };
    expect(await ask({}, reversed)).toEqual(refused('Bad token; invalid JSON'));
  });
});

describe('header_names', () => {
  const config = { header_names: ['CustomAuthorization', 'X_Token'] };

  test('asks for the scheme in a header of any name', async () => {
    expect(await ask(config, { headers: { customauthorization: `Bearer ${token}` } })).toEqual(WELCOME);
    expect(await ask(config, { headers: { customauthorization: token } })).toEqual(NONE);
  });

  test('takes _ for - in the configuration, and in no request', async () => {
    expect(await ask(config, { headers: { 'x-token': `Bearer ${token}` } })).toEqual(WELCOME);
    expect(await ask(config, { headers: { x_token: `Bearer ${token}` } })).toEqual(NONE);
    expect(await ask(config, { headers: { 'x-token': `Bearer ${token}`, x_token: 'Bearer forged' } })).toEqual(NONE);
  });

  test('replaces the authorization header', async () => {
    expect(await ask(config, { headers: { authorization: `Bearer ${token}` } })).toEqual(NONE);
  });

  test('reads the first of a repeated one', async () => {
    const headers = { 'x-token': [`Bearer ${token}`, 'Bearer forged'] };
    expect(await ask(config, { headers })).toEqual(WELCOME);
  });

  test('finds two tokens in two of them', async () => {
    const headers = { 'x-token': `Bearer ${token}`, customauthorization: `Bearer ${other}` };
    expect(await ask(config, { headers })).toEqual(MULTIPLE);
  });

  test('leaves the header to the application', async () => {
    const { body } = await request(await kongApp(config))
      .get('/')
      .set('x-token', `Bearer ${token}`);
    expect(body.headers['x-token']).toBe(`Bearer ${token}`);
  });
});

describe('the query', () => {
  test.each([
    ['?jwt=', `/?jwt=${token}`, WELCOME],
    ['beside others', `/?a=1&jwt=${token}&b`, WELCOME],
    ['with an encoded name and dots', `/?j%77t=${token.replaceAll('.', '%2E')}`, WELCOME],
    ['empty', '/?jwt=', NONE],
    ['without =', '/?jwt', refused('Unrecognizable token')],
    ['without =, and once more with a token', `/?jwt&jwt=${token}`, MULTIPLE],
    ['the same twice', `/?jwt=${token}&jwt=${token}`, WELCOME],
    ['two different ones', `/?jwt=${token}&jwt=${other}`, MULTIPLE],
    ['empty, and once more with a token', `/?jwt=&jwt=${token}`, WELCOME],
    ['as a list', `/?jwt[]=${token}`, NONE],
    ['as a name with a second question mark', `/??jwt=${token}`, NONE],
    ['a broken escape', '/?jwt=%zz', refused('Bad token; invalid JSON')],
  ])('%s', async (_what, path, outcome) => {
    expect(await ask({}, { path })).toEqual(outcome);
  });

  test('has the names that uri_param_names gives it, and no others', async () => {
    const config = { uri_param_names: ['token', 'access'] };
    expect(await ask(config, { path: `/?access=${token}` })).toEqual(WELCOME);
    expect(await ask(config, { path: `/?jwt=${token}` })).toEqual(NONE);
    expect(await ask(config, { path: `/?access=${token}&token=${other}` })).toEqual(MULTIPLE);
    expect(await ask({ uri_param_names: [] }, { path: `/?jwt=${token}` })).toEqual(NONE);
  });
});

describe('cookies', () => {
  const config = { cookie_names: ['Silly', 'crumble'] };
  const cookie = (value: string) => ({ headers: { cookie: value } });

  test.each([
    ['raw', `a=1; crumble=${token}`, WELCOME],
    ['in any case', `CRUMBLE=${token}`, WELCOME],
    ['the first of its name', `silly=${token}; silly=forged`, WELCOME],
    ['empty', 'silly=', NONE],
    ['with a scheme', `silly=Bearer ${token}`, refused('Bad token; invalid JSON')],
    ['corrupt', 'silly=e!', refused('Bad token; invalid JSON')],
    ['two of them', `silly=${token}; crumble=${other}`, MULTIPLE],
    ['a name that only ends alike', `xsilly=${token}`, NONE],
  ])('%s', async (_what, value, outcome) => {
    expect(await ask(config, cookie(value))).toEqual(outcome);
  });

  test('are off by default', async () => {
    expect(await ask({}, cookie(`jwt=${token}`))).toEqual(NONE);
  });
});

describe('several places', () => {
  const config = { cookie_names: ['jwt'] };

  test('with one token count once', async () => {
    const headers = { authorization: `Bearer ${token}`, cookie: `jwt=${token}` };
    expect(await ask(config, { path: `/?jwt=${token}`, headers })).toEqual(WELCOME);
  });

  test.each([
    ['query and header', `/?jwt=${other}`, { authorization: `Bearer ${token}` }],
    ['query and cookie', `/?jwt=${other}`, { cookie: `jwt=${token}` }],
    ['cookie and header', '/', { authorization: `Bearer ${token}`, cookie: `jwt=${other}` }],
    ['a bare parameter and a header', '/?jwt', { authorization: `Bearer ${token}` }],
  ])('%s with two tokens are refused', async (_what, path, headers) => {
    expect(await ask(config, { path, headers })).toEqual(MULTIPLE);
  });
});

test('the request keeps its token, for the application behind', async () => {
  const { methods } = await fromKong(kongConfig({ cookie_names: ['jwt'] }));
  const { body } = await request(app(...methods))
    .get(`/?jwt=${token}`)
    .set({ authorization: `Bearer ${token}`, cookie: `jwt=${token}` });
  expect(body.url).toBe(`/?jwt=${token}`);
  expect(body.headers).toMatchObject({ authorization: `Bearer ${token}`, cookie: `jwt=${token}` });
});
