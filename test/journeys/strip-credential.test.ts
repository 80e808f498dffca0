import { describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import express from 'express';
import request from 'supertest';
import {
  type ConsumerJwtOptions,
  consumerJwt,
  fromBearer,
  fromBody,
  fromCookie,
  fromHeader,
  fromQuery,
  jwtAuth,
} from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { bearer, rawRequest, showLeftovers } from '../helpers/requests.js';
import { app, type Middleware } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const token = howtoToken();
/** Reads the lazily computed records, as an earlier middleware may have done. */
const readEverything: Middleware = (req, _res, next) => {
  void [req.headers, req.headersDistinct, (req as { query?: unknown }).query];
  next();
};

const stripping = (tokenFrom: ConsumerJwtOptions['tokenFrom']) =>
  consumerJwt({
    consumers: howtoConsumers(),
    stripCredential: true,
    ...(tokenFrom === undefined ? {} : { tokenFrom }),
  });

describe.each(SERVERS)('stripCredential under %s', (_name, server) => {
  const left = (tokenFrom: ConsumerJwtOptions['tokenFrom']) =>
    server(readEverything, stripping(tokenFrom), showLeftovers);

  test('takes Authorization out of headers, rawHeaders and headersDistinct', async () => {
    const { body, text } = await request(left(fromBearer()))
      .get('/')
      .set('Authorization', bearer(token))
      .set('X-A', '1');
    expect(body.headers).toMatchObject({ 'x-a': '1' });
    expect(text).not.toContain(token);
    expect(text.toLowerCase()).not.toContain('authorization');
  });

  test('takes the parameter out of url, originalUrl and query, and leaves the others as they were written', async () => {
    const { body, text } = await request(left(fromQuery('t'))).get(`/p?a=%2f&t=${token}&b=1+2&c&%74=${token}`);
    expect(body.url).toBe('/p?a=%2f&b=1+2&c');
    expect(body.originalUrl ?? body.url).toBe('/p?a=%2f&b=1+2&c');
    expect(text).not.toContain(token);
    expect((await request(left(fromQuery('t'))).get(`/p?t=${token}`)).body.url).toBe('/p');
    expect((await request(left(fromQuery('t'))).get(`/p?t=${token}&?t=1`)).body.url).toBe('/p??t=1');
  });

  test('takes one cookie and leaves the others', async () => {
    const { body, text } = await request(left(fromCookie('t')))
      .get('/')
      .set('Cookie', `a=1; t=${token}; flag; b="2"`);
    expect(body.headers.cookie).toBe('a=1; flag; b="2"');
    expect(body.headersDistinct.cookie).toEqual(['a=1; flag; b="2"']);
    expect(text).not.toContain(token);
    const alone = await request(left(fromCookie('t')))
      .get('/')
      .set('Cookie', `t=${token}`);
    expect(alone.text.toLowerCase()).not.toContain('cookie":"');
    expect(alone.text).not.toContain(token);
  });

  test('is off by default: Authorization stays for who forwards it', async () => {
    const { body } = await request(server(consumerJwt({ consumers: howtoConsumers() }), showLeftovers))
      .get('/')
      .set('Authorization', bearer(token));
    expect(body.headers.authorization).toBe(bearer(token));
  });

  test('a header of its own goes even without the option, in every spelling', async () => {
    const method = consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromHeader('X-Jwt') });
    const { text } = await rawRequest(server(readEverything, method, showLeftovers), { headers: ['x-jWt', token] });
    expect(text.toLowerCase()).not.toContain('x-jwt');
    expect(text).not.toContain(token);
  });
});

describe('stripCredential', () => {
  test('takes what cookie-parser has parsed', async () => {
    const parser = cookieParser('secret') as unknown as Middleware;
    const { body } = await request(app(parser, stripping(fromCookie('t')), showLeftovers))
      .get('/')
      .set('Cookie', `a=1; t=${token}`);
    expect(body.cookies).toEqual({ a: '1' });
  });

  test('takes a signed cookie', async () => {
    const parser = cookieParser('secret') as unknown as Middleware;
    const signing = express().use(
      cookieParser('secret'),
      (_req, res) => void res.cookie('t', token, { signed: true }).end(),
    );
    const cookie = String((await request(signing).get('/')).headers['set-cookie']).split(';')[0] ?? '';
    const { status, body, text } = await request(
      app(parser, stripping(fromCookie('t', { signed: true })), showLeftovers),
    )
      .get('/')
      .set('Cookie', `a=1; ${cookie}`);
    expect(status).toBe(200);
    expect(body.signedCookies).toEqual({});
    expect(text).not.toContain(token.slice(-20));
  });

  test('takes a member of the body', async () => {
    const { body, text } = await request(
      app(express.json() as unknown as Middleware, stripping(fromBody('t')), showLeftovers),
    )
      .post('/')
      .send({ a: 1, t: token });
    expect(body.body).toEqual({ a: 1 });
    expect(text).not.toContain(token);
  });

  test('takes the token from every place where it stood', async () => {
    const { status, text } = await request(
      app(stripping([fromBearer(), fromQuery('t'), fromCookie('t')]), showLeftovers),
    )
      .get(`/?t=${token}`)
      .set('Authorization', bearer(token))
      .set('Cookie', `t=${token}`);
    expect(status).toBe(200);
    expect(text).not.toContain(token);
  });

  test('of one of two methods takes its token from the places of both', async () => {
    const first = consumerJwt({ consumers: { findCredential: async () => undefined } });
    const methods = [first, stripping([fromBearer(), fromQuery('t')])];
    const { status, text } = await request(app(jwtAuth({ methods }), showLeftovers))
      .get(`/?t=${token}`)
      .set('Authorization', bearer(token));
    expect(status).toBe(200);
    expect(text).not.toContain(token);
  });

  test('leaves a refused request as it came', async () => {
    const method = stripping(fromBearer());
    const optional = consumerJwt({
      consumers: howtoConsumers(),
      stripCredential: true,
      anonymous: { username: 'guest', coverFailures: true },
    });
    expect((await request(app(method, showLeftovers)).get('/').set('Authorization', 'Bearer x')).status).toBe(401);
    const covered = await request(app(optional, showLeftovers)).get('/').set('Authorization', 'Bearer x');
    expect(covered.body.headers.authorization).toBe('Bearer x');
  });
});
