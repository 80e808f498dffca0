import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, importSPKI, jwtVerify } from 'jose';
import { wafPresets } from '../../lib/index.js';
import { type WafKeyPlace, type WafSimulator, wafSimulators } from '../../lib/testing/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { wafVerdict } from '../helpers/waf.js';

const NAMES = Object.keys(wafSimulators) as (keyof typeof wafSimulators)[];
const simulators = new Map<string, WafSimulator<WafKeyPlace>>();
const of = (name: string) => simulators.get(name) as WafSimulator<WafKeyPlace>;

beforeAll(async () => {
  for (const name of NAMES) simulators.set(name, await wafSimulators[name]());
});
afterAll(async () => {
  for (const simulator of simulators.values()) await simulator.close();
});

const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

describe('simulators of WAF products', () => {
  test('exist for every preset', () => {
    expect(NAMES.sort()).toEqual(Object.keys(wafPresets).sort());
  });

  test.each(NAMES.filter((name) => !name.startsWith('aws')))(
    '%s signs what jose verifies by its key set',
    async (name) => {
      const { options, token } = { options: of(name).options, token: await of(name).token() };
      const keys = createRemoteJWKSet(new URL(options.jwksUri ?? ''));
      await expect(jwtVerify(token, keys, { algorithms: [headerOf(token).alg] })).resolves.toBeDefined();
    },
  );

  test('awsVerifiedAccess signs what jose verifies by its PEM', async () => {
    const token = await of('awsVerifiedAccess').token();
    const url = of('awsVerifiedAccess').options.pemPerKid?.replace('{kid}', headerOf(token).kid) ?? '';
    const key = await importSPKI(await (await fetch(url)).text(), 'ES384');
    await expect(jwtVerify(token, key)).resolves.toBeDefined();
  });

  test('awsAlb signs its padding too: without it nothing verifies', async () => {
    const token = await of('awsAlb').token();
    const url = of('awsAlb').options.pemPerKid?.replace('{kid}', headerOf(token).kid) ?? '';
    const key = await importSPKI(await (await fetch(url)).text(), 'ES256');
    await expect(jwtVerify(token, key)).resolves.toBeDefined();
    await expect(jwtVerify(token.replaceAll('=', ''), key)).rejects.toThrow();
  });

  test('azureEasyAuth publishes keys that do not name an algorithm, cloudflareAccess more than keys', async () => {
    const setOf = async (name: string) => (await fetch(of(name).options.jwksUri ?? '')).json();
    expect(await setOf('azureEasyAuth')).toEqual({ keys: [expect.not.objectContaining({ alg: expect.anything() })] });
    expect(await setOf('cloudflareAccess')).toMatchObject({ keys: [{ alg: 'RS256' }], public_certs: [{}] });
  });

  test('answer 404 for keys that they never had', async () => {
    const url = of('awsAlb').options.pemPerKid ?? '';
    expect((await fetch(url.replace('{kid}', '00000000-0000-0000-0000-000000000000'))).status).toBe(404);
  });

  test('take what differs per customer, and say so in tokens and options', async () => {
    const alb = await wafSimulators.awsAlb({ clientId: 'mine', issuer: 'https://mine.example.com' });
    afterThisTest(() => alb.close());
    expect(alb.options).toMatchObject({ clientId: 'mine', issuer: 'https://mine.example.com' });
    expect(headerOf(await alb.token())).toMatchObject({ client: 'mine', iss: 'https://mine.example.com' });
    expect(headerOf(await alb.token({}, { header: { client: undefined, x: 1 } }))).toMatchObject({ x: 1 });
    const method = wafPresets.awsAlb(alb.options);
    expect(await wafVerdict(method, [alb.header, await alb.token()])).toBe(200);
  });

  test('go down, come back under their address, count, and rotate', async () => {
    const iap = await wafSimulators.googleIap();
    afterThisTest(() => iap.close());
    const { jwksUri = '' } = iap.options;
    const keysNow = async () => ((await (await fetch(jwksUri)).json()) as { keys: unknown[] }).keys.length;
    expect([await keysNow(), iap.keyRequests]).toEqual([1, 1]);
    await iap.rotate();
    expect(await keysNow()).toBe(2);
    await iap.rotate({ keepOld: false });
    expect(await keysNow()).toBe(1);
    await iap.stop();
    await expect(fetch(jwksUri)).rejects.toThrow();
    await iap.start();
    expect([await keysNow(), iap.keyRequests]).toEqual([1, 4]);
  });
});
