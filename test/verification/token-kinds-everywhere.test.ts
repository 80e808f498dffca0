import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, consumerJwt, oidcBearer } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, door, halfHash, staticOptions, verdict } from '../helpers/oidc-door.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';
import { WAF_HEADER, wafDoor, wafVerdict } from '../helpers/waf.js';

type Claims = Record<string, unknown>;
type Present = (claims: Claims, typ?: string) => Promise<200 | string>;

const consumer = consumerJwt({ consumers: howtoConsumers(), exposeReason: true });
const waf = wafDoor();

/** Presents a token that is right but for its kind. */
const METHODS: readonly (readonly [name: string, present: Present])[] = [
  ['oidcBearer', async (claims, typ) => of(await verdict(door(), accessToken(claims, { header: { typ } })))],
  [
    'consumerJwt',
    async (claims, typ) => {
      const header = typ === undefined ? {} : { typ };
      return of(await verdict(consumer, hs256({ iss: HOWTO.key, exp: inSeconds(300), ...claims }, { header })));
    },
  ],
  [
    'wafToken',
    async (claims, typ) => {
      const answer = await wafVerdict(waf, [WAF_HEADER, accessToken(claims, { header: { typ } })]);
      return answer === 200 ? 200 : answer.replace('401 ', '');
    },
  ],
];

const of = (answer: unknown): 200 | string => (answer === 200 ? 200 : String(answer));

describe.each(METHODS)('%s', (_name, present) => {
  test.each<[written: string, claims: Claims, typ?: string]>([
    ['typ: "refresh"', { typ: 'refresh' }],
    ['typ: "Refresh"', { typ: 'Refresh' }],
    ['type: "refresh-token"', { type: 'refresh-token' }],
    ['token_type: "refresh_token"', { token_type: 'refresh_token' }],
    ['token_use: "refresh"', { token_use: 'refresh' }],
    ['tokenType: "RefreshToken"', { tokenType: 'RefreshToken' }],
    ['typ: "Offline"', { typ: 'Offline' }],
    ['rt+jwt in its header', {}, 'rt+jwt'],
    ['refresh+jwt in its header', {}, 'refresh+jwt'],
    ['logout+jwt in its header', {}, 'logout+jwt'],
    ['secevent+jwt in its header', {}, 'secevent+jwt'],
    ['dpop+jwt in its header', {}, 'dpop+jwt'],
    ['an event', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
  ])('refuses a token that says of itself that it is of another kind: %s', async (_written, claims, typ = 'JWT') => {
    expect(await present(claims, typ)).toBe('claim_invalid');
  });

  test.each<[written: string, claims: Claims, typ?: string]>([
    ['typ: "Bearer"', { typ: 'Bearer' }],
    ['type: "access"', { type: 'access' }],
    ['token_type: "bearer"', { token_type: 'bearer' }],
    ['token_use: "access"', { token_use: 'access' }],
    ['tokenType: "accessToken"', { tokenType: 'accessToken' }],
    ['at+jwt in its header', {}, 'at+jwt'],
    ['JWT in its header', {}, 'JWT'],
    ['a typ of its own', {}, 'acme'],
  ])('takes words of access tokens: %s', async (_written, claims, typ = 'JWT') => {
    expect(await present(claims, typ)).toBe(200);
  });
});

describe('accepts', () => {
  const ID: Claims = { at_hash: halfHash('token'), nonce: 'n-0S6_WzA2Mj' };
  const verdictOf = (method: AuthMethod, claims: Claims, typ?: string) =>
    verdict(method, accessToken(claims, { header: { typ } }));

  test.each<[accepts: 'access-token' | 'id-token' | 'any', id: unknown, access: unknown, refresh: unknown]>([
    ['access-token', 'claim_invalid', 200, 'claim_invalid'],
    ['id-token', 200, 'claim_invalid', 'claim_invalid'],
    ['any', 200, 200, 'claim_invalid'],
  ])('%s: ID tokens %s, access tokens %s, refresh tokens %s', async (accepts, id, access, refresh) => {
    const method = door({ accepts });
    expect(await verdictOf(method, ID)).toBe(id);
    expect(await verdictOf(method, { scope: 'things:read' }, 'at+jwt')).toBe(access);
    expect(await verdictOf(method, { ...ID, typ: 'Refresh' })).toBe(refresh);
  });

  test.each(['id-token', 'any'] as const)('%s wants an audience, because an ID token is for one client', (accepts) => {
    const wide = { ...staticOptions(), audience: null, accepts } as never;
    expect(() => oidcBearer(wide)).toThrow(/oidcBearer\.audience/);
  });

  test('id-token refuses the ID token of another client', async () => {
    expect(await verdictOf(door({ accepts: 'id-token' }), { ...ID, aud: 'another-client' })).toBe('audience_mismatch');
  });
});

test('a consumer’s own token of no kind passes', async () => {
  expect(await verdict(consumer, howtoToken())).toBe(200);
});
