import { beforeEach, describe, expect, test } from '@jest/globals';
import { type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { verdict } from '../helpers/oidc-door.js';
import { programToken } from '../helpers/provider-client.js';
import { API, realProvider, signingKey } from '../helpers/real-provider.js';

const provider = await realProvider();
const [oldKey, newKey] = [signingKey('old'), signingKey('new')];
const token = () => programToken(provider);
const api = (options: Partial<OidcBearerOptions> = {}) =>
  oidcBearer({
    issuer: provider.origin,
    audience: API,
    exposeReason: true,
    cooldown: 0,
    ...options,
  } as OidcBearerOptions);
const keySetFetches = () => provider.asked.filter((path) => path === '/jwks').length;

beforeEach(async () => {
  await provider.useKeys(oldKey);
  provider.asked.length = 0;
});

describe('a real provider that changes its key', () => {
  test('while requests flow loses none of them, and is asked for its keys once', async () => {
    const method = api();
    const verdicts: (200 | string)[] = [];
    let left = 120;
    const flow = async () => {
      while (left > 0) {
        left -= 1;
        if (left === 80) await provider.useKeys(newKey, oldKey);
        verdicts.push(await verdict(method, await token()));
      }
    };
    await Promise.all(Array.from({ length: 8 }, flow));
    expect(verdicts).toEqual(Array(120).fill(200));
    expect(keySetFetches()).toBe(2);
  });

  test('and withdraws the old one is followed as soon as it uses the new one', async () => {
    const method = api();
    const before = await token();
    expect(await verdict(method, before)).toBe(200);
    await provider.useKeys(newKey);
    expect(await verdict(method, before)).toBe(200);
    expect(await verdict(method, await token())).toBe(200);
    expect(await verdict(method, before)).toBe('key_not_found');
  });

  test('under the name of the old one is not believed before the key set is read again', async () => {
    const method = api();
    expect(await verdict(method, await token())).toBe(200);
    await provider.useKeys(signingKey('old'));
    expect(await verdict(method, await token())).toBe('signature_invalid');
  });

  test('right after we read its keys is asked again only after the cooldown', async () => {
    const method = api({ cooldown: 30 });
    expect(await verdict(method, await token())).toBe(200);
    await provider.useKeys(newKey, oldKey);
    expect(await verdict(method, await token())).toBe('key_not_found');
    expect(keySetFetches()).toBe(1);
  });
});
