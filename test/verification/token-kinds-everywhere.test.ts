import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, consumerJwt, oidcBearer } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { accessToken, door, halfHash, staticOptions, verdict } from '../helpers/oidc-door.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';
import { WAF_HEADER, wafDoor, wafVerdict } from '../helpers/waf.js';

type Claims = Record<string, unknown>;
type Header = Record<string, unknown>;
type Present = (claims: Claims, header: Header) => Promise<200 | string>;

const consumer = consumerJwt({ consumers: howtoConsumers(), exposeReason: true });
const waf = wafDoor();

/** Presents a token that is right but for its kind. */
const METHODS: readonly (readonly [name: string, present: Present])[] = [
  ['oidcBearer', async (claims, header) => of(await verdict(door(), accessToken(claims, { header })))],
  [
    'consumerJwt',
    async (claims, header) => {
      return of(await verdict(consumer, hs256({ iss: HOWTO.key, exp: inSeconds(300), ...claims }, { header })));
    },
  ],
  [
    'wafToken',
    async (claims, header) => {
      const answer = await wafVerdict(waf, [WAF_HEADER, accessToken(claims, { header })]);
      return answer === 200 ? 200 : answer.replace('401 ', '');
    },
  ],
];

const of = (answer: unknown): 200 | string => (answer === 200 ? 200 : String(answer));

const headerOf = (header: string | Header): Header =>
  typeof header === 'string' ? { typ: header } : { typ: 'JWT', ...header };

describe.each(METHODS)('%s', (_name, present) => {
  test.each<[written: string, claims: Claims, header?: string | Header]>([
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
    ['TokenType: "Refresh"', { TokenType: 'Refresh' }],
    ['token-type: "refresh"', { 'token-type': 'refresh' }],
    ['TYP: "refresh"', { TYP: 'refresh' }],
    ['token_usage: "refresh"', { token_usage: 'refresh' }],
    ['usage: "refresh"', { usage: 'refresh' }],
    ['jwt_type: "refresh"', { jwt_type: 'refresh' }],
    ['token_class: "refresh"', { token_class: 'refresh' }],
    ['token_type in a namespace', { 'https://acme.example/token_type': 'refresh' }],
    ['isRefreshToken: true', { isRefreshToken: true }],
    ...['refresh_tokens', 'refresh_jwt_token', 'jwt_refresh', 'offline_access', 'logout+jwt', 'secevent+jwt'].map(
      (word): [string, Claims] => [`token_type: "${word}"`, { token_type: word }],
    ),
    ...['dpop+jwt', 'proof', 'saml-assertion'].map((word): [string, Claims] => [`typ: "${word}"`, { typ: word }]),
    ['a refresh token’s word beside an ID token’s', { typ: 'ID', token_use: 'refresh' }],
    ['rt+jwt and a space in its header', {}, 'rt+jwt '],
    ['rt+jwt with a parameter in its header', {}, 'rt+jwt;v=1'],
    ['rt-jwt in its header', {}, 'rt-jwt'],
    ['token_type in its header', {}, { token_type: 'refresh' }],
    ['use in its header', {}, { use: 'refresh' }],
    ['an event', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
  ])('refuses a token that says of itself that it is of another kind: %s', async (_written, claims, header = 'JWT') => {
    expect(await present(claims, headerOf(header))).toBe('claim_invalid');
  });

  test.each<[written: string, claims: Claims, header?: string | Header]>([
    ['typ: "Bearer"', { typ: 'Bearer' }],
    ['type: "access"', { type: 'access' }],
    ['token_type: "bearer"', { token_type: 'bearer' }],
    ['token_use: "access"', { token_use: 'access' }],
    ['tokenType: "accessToken"', { tokenType: 'accessToken' }],
    ['TokenType: "Access_Token"', { TokenType: 'Access_Token' }],
    ['token_type: "DPoP" without a binding', { token_type: 'DPoP' }],
    ['token_type: "JWT"', { token_type: 'JWT' }],
    ['the grant of a refresh', { grant_type: 'refresh_token', gty: ['refresh_token'] }],
    ['usage: "offline"', { usage: 'offline' }],
    ['kind: "id"', { kind: 'id' }],
    ['type in a namespace: "id"', { 'https://acme.example/type': 'id' }],
    ['isRefreshToken: false', { isRefreshToken: false }],
    ['type: null', { type: null, token_type: '' }],
    ['at+jwt in its header', {}, 'at+jwt'],
    ['at+jwt with a parameter in its header', {}, 'at+jwt; v=1'],
    ['token_type: "access" in its header', {}, { token_type: 'access' }],
    ['use: "sig" in its header', {}, { use: 'sig' }],
    ['JWT in its header', {}, 'JWT'],
    ['a typ of its own', {}, 'acme'],
  ])('takes words of access tokens: %s', async (_written, claims, header = 'JWT') => {
    expect(await present(claims, headerOf(header))).toBe(200);
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
