import { get } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { IssuerFault, TestIssuer } from '../../lib/testing/index.js';
import { issuerForTest } from '../helpers/key-journey.js';

async function keysWith(fault: IssuerFault): Promise<{ issuer: TestIssuer; response: Response }> {
  const issuer = await issuerForTest();
  issuer.fault('jwks', fault);
  return { issuer, response: await fetch(issuer.metadata.jwks_uri, { redirect: 'manual' }) };
}

describe('an altered answer', () => {
  test('has another status and is right otherwise', async () => {
    const { issuer, response } = await keysWith({ status: 500 });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual(issuer.jwks());
  });

  test('has more headers', async () => {
    const { response } = await keysWith({ headers: { 'cache-control': 'max-age=5' } });
    expect(response.headers.get('cache-control')).toBe('max-age=5');
  });

  test.each<[IssuerFault, string]>([
    [{ body: { keys: [1] } }, '{"keys":[1]}'],
    [{ body: 'plain' }, 'plain'],
    [{ body: Buffer.from('bytes') }, 'bytes'],
  ])('has another body: %j', async (fault, text) => {
    expect(await (await keysWith(fault)).response.text()).toBe(text);
  });

  test('sends elsewhere', async () => {
    const { response } = await keysWith({ redirect: 'http://127.0.0.1:1/' });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/']);
  });

  test('comes late', async () => {
    const { issuer, response } = await keysWith({ delay: 0.02 });
    expect(await response.json()).toEqual(issuer.jwks());
  });
});

describe('a fault with a name', () => {
  test.each<[IssuerFault, (text: string, right: string) => unknown]>([
    ['html', (text) => text.startsWith('<!doctype html>')],
    ['empty-object', (text) => text === '{}'],
    ['no-keys', (text) => text === '{"keys":[]}'],
    ['truncated', (text, right) => right.startsWith(text) && text.length < right.length && text !== ''],
    ['oversized', (text, right) => text.length > 10_000_000 && text.trimEnd() === right],
    ['gzip-bomb', (text, right) => text.length > 10_000_000 && text.trimEnd() === right],
  ])('%s', async (fault, isWhatItSays) => {
    const { issuer, response } = await keysWith(fault);
    expect(response.status).toBe(200);
    expect(isWhatItSays(await response.text(), JSON.stringify(issuer.jwks()))).toBe(true);
  });

  test('a gzip bomb is small on the wire', async () => {
    const { response } = await keysWith('gzip-bomb');
    expect(Number(response.headers.get('content-length'))).toBeLessThan(50_000);
  });

  test('disconnect', async () => {
    await expect(keysWith('disconnect')).rejects.toThrow();
  });

  test('endless-body says what is to come and never sends it all', async () => {
    const { issuer, response } = await keysWith('endless-body');
    expect(response.headers.get('content-length')).toBe(String(JSON.stringify(issuer.jwks()).length));
    const body = response.text();
    await issuer.stop();
    await expect(body).rejects.toThrow();
  });

  test('no-answer sends nothing until the issuer goes', async () => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', 'no-answer');
    const outcome = new Promise((resolve) => {
      get(issuer.metadata.jwks_uri, () => resolve('answered')).on('error', () => resolve('cut'));
    });
    while (issuer.counts.jwks === 0) await new Promise(setImmediate);
    await issuer.stop();
    expect(await outcome).toBe('cut');
  });
});

test('heals one endpoint, or all of them', async () => {
  const issuer = await issuerForTest();
  const statuses = async () => {
    const urls = [issuer.metadata.jwks_uri, `${issuer.url}/.well-known/openid-configuration`];
    return Promise.all(urls.map(async (url) => (await fetch(url)).status));
  };
  issuer.fault('jwks', { status: 500 });
  issuer.fault('discovery', { status: 503 });
  expect(await statuses()).toEqual([500, 503]);
  issuer.heal('jwks');
  expect(await statuses()).toEqual([200, 503]);
  issuer.heal();
  expect(await statuses()).toEqual([200, 200]);
});
