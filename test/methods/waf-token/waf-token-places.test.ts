import { describe, expect, test } from '@jest/globals';
import {
  type AuthMethod,
  ConfigurationError,
  fromCookie,
  fromHeader,
  jwtAuth,
  oidcBearer,
  wafToken,
} from '../../../lib/index.js';
import { accessToken, staticOptions } from '../../helpers/oidc-door.js';
import type { Middleware } from '../../helpers/servers.js';
import { leftoversOf, sendTo, wafOptions, wafVerdict } from '../../helpers/waf.js';
import { everyProduct } from '../../helpers/waf-products.js';

const product = everyProduct();

/** Two methods as `app.use` mounts them, with what the second says of itself. */
function oneAfterTheOther(first: AuthMethod, second: AuthMethod): AuthMethod {
  const chain: Middleware = (req, res, next) =>
    first(req, res, (error) => (error === undefined ? second(req, res, next) : next(error)));
  return Object.assign(chain, second);
}
const COOKIE = 'CF_Authorization';

describe('a product whose token arrives elsewhere', () => {
  const door = () => product('cloudflareAccess').preset({ tokenFrom: fromCookie(COOKIE) });

  test('is read where tokenFrom says', async () => {
    const token = await product('cloudflareAccess').simulator.token();
    expect(await wafVerdict(door(), ['Cookie', `${COOKIE}=${token}`])).toBe(200);
  });

  test('is held to everything that its header is held to', async () => {
    const { simulator } = product('cloudflareAccess');
    const elsewhere = await simulator.token({}, { fault: 'audience' });
    expect(await wafVerdict(door(), ['Cookie', `${COOKIE}=${elsewhere}`])).toBe('401 audience_mismatch');
    expect(await wafVerdict(door(), ['Cookie', `${COOKIE}=x`])).toBe('401 token_malformed');
    expect(await wafVerdict(door(), [])).toBe('401 credentials_missing');
  });

  test('is not read from the header any more, which leaves the request', async () => {
    const { simulator } = product('cloudflareAccess');
    const token = await simulator.token();
    expect(await wafVerdict(door(), [simulator.header, token])).toBe('401 credentials_missing');
    const left = await leftoversOf(door(), [simulator.header, token, 'Cookie', `${COOKIE}=${token}`]);
    expect(left.filter((name) => /^cf[-_]/i.test(name))).toEqual([]);
  });

  test('is either in a header or in another place', () => {
    const both = { ...wafOptions(), tokenFrom: fromCookie(COOKIE) };
    expect(() => wafToken(both)).toThrow(ConfigurationError);
    expect(() => wafToken(both)).toThrow('wafToken.tokenFrom: contradicts header');
  });
});

describe('what a product writes beside its token', () => {
  /** The access token of the person, in a header that the load balancer writes unsigned. */
  const HEADER = 'x-amzn-oidc-accesstoken';
  const beside = oidcBearer({
    ...staticOptions(),
    tokenFrom: fromHeader(HEADER),
    claims: { groups: 'cognito:groups' },
  });
  const genuine = accessToken({ 'cognito:groups': ['users'] });
  const headers = async (token: string) => [
    ...['x-amzn-oidc-data', await product('awsAlb').simulator.token()],
    ...[HEADER, token],
  ];

  test('is verified by a method further on, although it has left the request', async () => {
    const chain = oneAfterTheOther(product('awsAlb').preset(), beside);
    const { status, principal } = await sendTo(chain, await headers(genuine));
    expect(status).toBe(200);
    expect(principal?.groups).toEqual(['users']);
    expect(await leftoversOf(chain, await headers(genuine))).not.toContain(HEADER);
    expect(await wafVerdict(chain, await headers(`${genuine}x`))).toMatch(/^401 /);
  });

  test('is verified by another method of the same jwtAuth, and both must hold', async () => {
    const both = jwtAuth({ methods: [product('awsAlb').preset(), beside] });
    expect(await wafVerdict(both, await headers(genuine))).toBe(200);
    expect(await wafVerdict(both, await headers(`${genuine}x`))).toMatch(/^401 /);
  });
});

test.each([
  ['awsAlb', 'clientId', 'web-client'],
  ['azureEasyAuth', 'clientId', '6731de76-14a6-49ae-97bc-6eba6914391e'],
  ['authentik', 'clientId', 'client-of-the-app'],
] as const)('%s takes several clients, and none besides', async (name, option, own) => {
  const { simulator, preset } = product(name);
  const token = await simulator.token();
  const verdict = (value: unknown) => wafVerdict(preset({ [option]: value }), [simulator.header, token]);
  expect(await verdict(['another', own])).toBe(200);
  expect(await verdict(['another', 'a third'])).toMatch(/^401 (claim_invalid|audience_mismatch)$/);
  expect(() => preset({ [option]: [] })).toThrow(`${name}.${option}`);
});
