import { describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import express from 'express';
import request from 'supertest';
import { consumerJwt, fromBody, fromCookie } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { app, type Middleware } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const token = howtoToken();
const another = howtoToken({ jti: 'another' });
const parser = (secret?: string) => cookieParser(secret) as unknown as Middleware;

const byCookie = (options?: { signed?: boolean }) =>
  consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromCookie('t', options) });

describe.each(SERVERS)('a cookie under %s', (_name, server) => {
  test.each([
    ['plain', `t=${token}`, 200],
    ['among others', `a=1; t=${token}; b=2`, 200],
    ['quoted', `t="${token}"`, 200],
    ['twice with one value', `t=${token}; t=${token}`, 200],
    ['twice with two values', `t=${token}; t=${another}`, 400],
    ['empty', 't=', 401],
    ['under another name', `T=${token}; tt=${token}`, 401],
    ['as cookie-parser would write JSON', 't=j:{"a":1}', 401],
    ['that is no cookie at all', token, 401],
  ])('%s', async (_title, cookie, status) => {
    const bare = await request(server(byCookie())).get('/').set('Cookie', cookie);
    expect(bare.status).toBe(status);
    const parsed = await request(server(parser('secret'), byCookie()))
      .get('/')
      .set('Cookie', cookie);
    expect(parsed.status).toBe(status);
  });
});

describe('a signed cookie', () => {
  const secret = 'the cookie secret';
  const signing = express().use(cookieParser(secret));
  signing.use((_req, res) => {
    res.cookie('t', token, { signed: true }).cookie('j', { a: 1 }, { signed: true }).end();
  });

  async function cookies(): Promise<{ good: string; json: string }> {
    const { headers } = await request(signing).get('/');
    const [good = '', json = ''] = (headers['set-cookie'] as unknown as string[]).map(
      (line) => line.split(';')[0] ?? '',
    );
    return { good, json: json.replace(/^j=/, 't=') };
  }

  const signedDoor = app(parser(secret), byCookie({ signed: true }));

  test('lets in what cookie-parser signed', async () => {
    const { good } = await cookies();
    expect((await request(signedDoor).get('/').set('Cookie', good)).status).toBe(200);
  });

  test('refuses a forged signature as a bad token', async () => {
    const { good } = await cookies();
    const forged = await request(signedDoor)
      .get('/')
      .set('Cookie', good.replace(/\.[^.]*$/, `.${'A'.repeat(43)}`));
    expect([forged.status, forged.body.code]).toEqual([401, 'invalid_token']);
  });

  test('does not take an unsigned one in its place', async () => {
    const unsigned = await request(signedDoor).get('/').set('Cookie', `t=${token}`);
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'credentials_missing']);
  });

  test('refuses one that a sibling domain planted beside it', async () => {
    const { good } = await cookies();
    for (const cookie of [`${good}; t=${another}`, `t=${another}; ${good}`]) {
      expect((await request(signedDoor).get('/').set('Cookie', cookie)).status).toBe(400);
    }
  });

  test('refuses one whose value is not a text', async () => {
    const { json } = await cookies();
    expect((await request(signedDoor).get('/').set('Cookie', json)).status).toBe(401);
  });

  test('without cookie-parser is our outage, not the caller’s fault', async () => {
    const { good } = await cookies();
    const response = await request(app(byCookie({ signed: true })))
      .get('/')
      .set('Cookie', good);
    expect([response.status, response.body.code]).toEqual([503, 'check_failed']);
  });
});

describe('a body member', () => {
  const byBody = consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromBody('t') });
  const json = express.json({ strict: false }) as unknown as Middleware;
  const form = (extended: boolean) => express.urlencoded({ extended }) as unknown as Middleware;
  const parsers = [json, form(true), express.text() as unknown as Middleware, express.raw() as unknown as Middleware];
  const door = app(...parsers, byBody);

  test.each<[string, string | object, string, number]>([
    ['JSON', { t: token }, 'application/json', 200],
    ['a form', `t=${token}`, 'application/x-www-form-urlencoded', 200],
    ['a form with one value twice', `t=${token}&t=${token}`, 'application/x-www-form-urlencoded', 400],
    ['a form with two values', `t=${token}&t=${another}`, 'application/x-www-form-urlencoded', 400],
    ['a form with a nested name', `t[a]=${token}`, 'application/x-www-form-urlencoded', 400],
    ['a form with a list of one', `t[]=${token}`, 'application/x-www-form-urlencoded', 400],
    ['a list of one', { t: [token] }, 'application/json', 400],
    ['a list of none', { t: [] }, 'application/json', 400],
    ['a list beside the name', { 't[]': token }, 'application/json', 400],
    ['a number', { t: 1 }, 'application/json', 400],
    ['an object', { t: { t: token } }, 'application/json', 400],
    ['null', { t: null }, 'application/json', 401],
    ['an empty text', { t: '' }, 'application/json', 401],
    ['an array as body', [token], 'application/json', 401],
    ['a text as JSON body', JSON.stringify(token), 'application/json', 401],
    ['a text', token, 'text/plain', 401],
    ['bytes', token, 'application/octet-stream', 401],
    ['an inherited name', '{"__proto__":{"t":"x"}}', 'application/json', 401],
  ])('%s', async (_title, body, type, status) => {
    expect((await request(door).post('/').set('Content-Type', type).send(body)).status).toBe(status);
  });

  test('is absent without a body, and without a parser', async () => {
    expect((await request(door).get('/')).status).toBe(401);
    expect((await request(app(byBody)).post('/').send({ t: token })).status).toBe(401);
  });
});
