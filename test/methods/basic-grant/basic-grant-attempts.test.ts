import { beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import supertest from 'supertest';
import type { BasicGrantOptions } from '../../../lib/index.js';
import { basic, granted, grantMethod, refused, tokenServer } from '../../helpers/grants.js';
import { showPrincipal } from '../../helpers/servers.js';

const provider = await tokenServer();
const pair = basic('reports', 'secret');
beforeEach(() => {
  provider.asked.splice(0);
  provider.answer = ({ authorization }) => (authorization === pair ? granted() : refused('invalid_client', 401));
});

interface Guess {
  readonly id?: string;
  readonly from: string;
}

/** What becomes of guesses, each with a secret of its own, that come through a proxy. */
async function guesses(all: readonly Guess[], options: Partial<BasicGrantOptions> = {}, trust: unknown = 1) {
  const method = grantMethod(provider, { dangerouslyAllowPlainHttp: true, ...options });
  const served = express().set('trust proxy', trust).use(method).use(showPrincipal);
  const statuses: number[] = [];
  for (const [index, { id = 'victim', from }] of all.entries()) {
    const headers = { Authorization: basic(id, `guess${index}`), 'X-Forwarded-For': from };
    statuses.push((await supertest(served).get('/').set(headers)).status);
  }
  return statuses;
}

const TWO = { attemptLimit: { perMinute: 2 } };
const many = (count: number, make: (index: number) => Guess) => Array.from({ length: count }, (_, i) => make(i));

describe('guesses are counted together', () => {
  test.each([
    ['from one IPv6 /64', ['2001:db8::1', '2001:db8::ffff', '2001:db8:0:0:1:2:3:4']],
    ['from an IPv4 address in both of its forms', ['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109']],
    ['from one address with several ports', ['203.0.113.9:1', '203.0.113.9:2', '203.0.113.9']],
    ['from one address with a zone or brackets', ['fe80::1%a', 'fe80::1%b', '[fe80::1]:80']],
    ['from what is no address', ['unknown', '_hidden', '']],
  ])('%s', async (_title, addresses) => {
    expect(
      await guesses(
        addresses.map((from) => ({ from })),
        TWO,
      ),
    ).toEqual([401, 401, 429]);
  });

  test.each([
    ['true', true],
    ['a function that believes everybody', () => true],
  ])('where Express believes every X-Forwarded-For: %s', async (_title, trust) => {
    const claimed = many(3, (index) => ({ from: `203.0.113.${index}` }));
    expect(await guesses(claimed, TWO, trust)).toEqual([401, 401, 429]);
  });
});

describe('guesses are counted apart', () => {
  test.each([
    ['from two IPv6 /64', ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']],
    ['from two IPv4 addresses', ['203.0.113.9', '203.0.113.9', '203.0.113.8']],
    ['from two mapped IPv4 addresses', ['::ffff:203.0.113.9', '::ffff:203.0.113.9', '::ffff:203.0.113.8']],
  ])('%s', async (_title, addresses) => {
    expect(
      await guesses(
        addresses.map((from) => ({ from })),
        TWO,
      ),
    ).toEqual([401, 401, 401]);
  });
});

describe('there is a limit', () => {
  const limit = { perMinute: 2, perPeer: 3, perId: 4, overall: 5 };
  const left = (statuses: readonly number[]) => statuses.filter((status) => status === 401).length;

  test('per peer, whatever the ids', async () => {
    const sprayed = many(6, (index) => ({ id: `user${index}`, from: '203.0.113.9' }));
    expect(left(await guesses(sprayed, { attemptLimit: limit }))).toBe(3);
    expect(provider.asked).toHaveLength(3);
  });

  test('per id, whoever the peers', async () => {
    expect(
      left(
        await guesses(
          many(7, (index) => ({ from: `203.0.113.${index}` })),
          { attemptLimit: limit },
        ),
      ),
    ).toBe(4);
  });

  test('in all', async () => {
    const spread = many(8, (index) => ({ id: `user${index}`, from: `203.0.113.${index}` }));
    expect(left(await guesses(spread, { attemptLimit: limit }))).toBe(5);
  });

  test('of 60 per peer and per id by default', async () => {
    expect(left(await guesses(many(120, (index) => ({ id: `user${index}`, from: '203.0.113.9' }))))).toBeLessThan(80);
    expect(left(await guesses(many(120, (index) => ({ from: `203.0.113.${index}` }))))).toBeLessThan(80);
  });

  test('that a refused attempt does not use up for others', async () => {
    const own = many(4, () => ({ from: '203.0.113.9' }));
    expect(await guesses([...own, { from: '203.0.113.8' }], TWO)).toEqual([401, 401, 429, 429, 401]);
  });
});

test('a pair that was right before is not held up by the guesses of others, until it is wrong', async () => {
  const method = grantMethod(provider, { cache: false, attemptLimit: { perMinute: 1, perPeer: 1 } });
  const served = express().use(method).use(showPrincipal);
  const ask = async (authorization: string) => (await supertest(served).get('/').set({ authorization })).status;
  expect([await ask(pair), await ask(basic('reports', 'x')), await ask(basic('other', 'x'))]).toEqual([200, 401, 429]);
  expect([await ask(pair), await ask(pair)]).toEqual([200, 200]);
  provider.answer = () => refused('invalid_client', 401);
  expect([await ask(pair), await ask(pair)]).toEqual([401, 429]);
});

test.each([
  [/^basicGrant\.attemptLimit\.perPeer/, { perMinute: 1, perPeer: 0 }],
  [/^basicGrant\.attemptLimit\.perId/, { perMinute: 1, perId: Number.NaN }],
  [/^basicGrant\.attemptLimit\.overall/, { perMinute: 1, overall: -1 }],
  [/^basicGrant\.attemptLimit\.store/, { perMinute: 1, store: {} as never }],
])('%s is refused', (message, attemptLimit) => {
  expect(() => grantMethod(provider, { attemptLimit })).toThrow(message);
});
