import { createPublicKey, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  type AuthMethod,
  type IssuersAnswer,
  type IssuersResolver,
  oidcBearer,
  staticKeys,
} from '../../../lib/index.js';
import { accessToken, ISSUER, PROVIDER_PEM, STRANGER_KEY, STRANGER_PEM, verdict } from '../../helpers/oidc-door.js';
import { resolvedBy, tenant } from '../../helpers/tenants.js';

afterEach(() => void jest.restoreAllMocks());

/** A method whose tenants a test may change, with the issuers that it was asked for. */
function manyTenants(...tenants: IssuersAnswer[]) {
  const book = new Map(tenants.map((options) => [options.issuer, options]));
  const asked: string[] = [];
  const issuers: IssuersResolver = async (issuer) => {
    asked.push(issuer);
    return book.get(issuer);
  };
  return { book, asked, method: oidcBearer({ issuers, exposeReason: true }) };
}

/** Without HTTP, for more tokens than a test has time for. */
function directly(method: AuthMethod, token: string) {
  const authorization = `Bearer ${token}`;
  const req = { headers: { authorization }, rawHeaders: ['Authorization', authorization] };
  // What is read of a request for a token in a header.
  return method.authenticate(req as unknown as IncomingMessage);
}

function later(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.spyOn(Date, 'now').mockReturnValue(now);
}

const other = 'https://other.example.com';
const otherToken = (claims: Record<string, unknown> = {}) =>
  accessToken({ iss: other, ...claims }, { key: STRANGER_KEY });

describe('many tenants', () => {
  test('are judged by their own keys and audiences', async () => {
    const { method } = manyTenants(
      tenant(),
      tenant({ issuer: other, publicKeys: STRANGER_PEM, audience: 'urn:other' }),
    );
    expect(await verdict(method, accessToken())).toBe(200);
    expect(await verdict(method, otherToken({ aud: 'urn:other' }))).toBe(200);
    expect(await verdict(method, otherToken())).toBe('audience_mismatch');
    expect(await verdict(method, accessToken({ iss: other, aud: 'urn:other' }))).toBe('signature_invalid');
  });

  test('are asked for once, however many tokens come at once', async () => {
    let answer: (options: IssuersAnswer) => void = () => undefined;
    const asked = jest.fn(() => new Promise<IssuersAnswer>((resolve) => (answer = resolve)));
    const method = resolvedBy(asked);
    const all = Promise.all(Array.from({ length: 20 }, () => directly(method, accessToken())));
    await new Promise(setImmediate);
    answer(tenant());
    expect(await all).toHaveLength(20);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('that do not exist are remembered as such', async () => {
    const { asked, method } = manyTenants();
    for (let time = 0; time < 3; time += 1) expect(await verdict(method, accessToken())).toBe('issuer_unknown');
    expect(asked).toEqual([ISSUER]);
  });

  test('that are invented by the thousand push nobody out', async () => {
    const { asked, method } = manyTenants(tenant());
    await directly(method, accessToken());
    const invented = Array.from({ length: 1500 }, (_, index) => accessToken({ iss: `https://t${index}.example.com` }));
    for (const token of invented)
      await expect(directly(method, token)).rejects.toMatchObject({
        code: expect.stringMatching(/^(issuer_unknown|keys_unavailable)$/),
      });
    await directly(method, accessToken());
    expect(asked.filter((issuer) => issuer === ISSUER)).toHaveLength(1);
    expect(method.health()).toHaveLength(1);
  });

  test('with names that no issuer has are not even asked for', async () => {
    const { asked, method } = manyTenants();
    for (const iss of ['', `https://${'x'.repeat(3000)}.example.com`]) {
      expect(await verdict(method, accessToken({ iss }))).toBe('issuer_unknown');
    }
    expect(asked).toEqual([]);
  });
});

describe('a tenant that changes', () => {
  test('is gone a minute after it left', async () => {
    const { book, method } = manyTenants(tenant());
    expect(await verdict(method, accessToken())).toBe(200);
    book.clear();
    expect(await verdict(method, accessToken())).toBe(200);
    later(61);
    expect(await verdict(method, accessToken())).toBe('issuer_unknown');
  });

  test('is there a minute after it came', async () => {
    const { book, method } = manyTenants();
    expect(await verdict(method, accessToken())).toBe('issuer_unknown');
    book.set(ISSUER, tenant());
    later(61);
    expect(await verdict(method, accessToken())).toBe(200);
  });

  const withKey = (key: KeyObject) => ({ publicKeys: key });
  const withSource = (publicKeys: string) => ({
    publicKeys: undefined,
    keys: staticKeys({ publicKeys, algorithms: ['ES256'] }),
  });
  test.each<[what: string, before: object, after: object]>([
    ['another PEM', {}, { publicKeys: STRANGER_PEM }],
    ['another imported key', withKey(createPublicKey(PROVIDER_PEM)), withKey(createPublicKey(STRANGER_PEM))],
    ['another key source', withSource(PROVIDER_PEM), withSource(STRANGER_PEM)],
  ])('loses its old key: %s', async (_what, before, after) => {
    const { book, method } = manyTenants(tenant(before));
    expect(await verdict(method, accessToken())).toBe(200);
    book.set(ISSUER, tenant(after));
    later(61);
    expect(await verdict(method, accessToken())).toBe('signature_invalid');
    expect(await verdict(method, accessToken({}, { key: STRANGER_KEY }))).toBe(200);
  });

  test('loses its old key also where its object is changed in place', async () => {
    const options = tenant();
    const { method } = manyTenants(options);
    expect(await verdict(method, accessToken())).toBe(200);
    options.publicKeys = STRANGER_PEM;
    later(61);
    expect(await verdict(method, accessToken())).toBe('signature_invalid');
  });

  test('keeps its keys where nothing changed', async () => {
    const keys = staticKeys({ publicKeys: PROVIDER_PEM, algorithms: ['ES256'] });
    const close = jest.spyOn(keys, 'close');
    const { publicKeys: _, ...rest } = tenant();
    const method = resolvedBy(() => ({ ...rest, keys }));
    expect(await verdict(method, accessToken())).toBe(200);
    later(61);
    expect(await verdict(method, accessToken())).toBe(200);
    expect(close).not.toHaveBeenCalled();
  });
});
