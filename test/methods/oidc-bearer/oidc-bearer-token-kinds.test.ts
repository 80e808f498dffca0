import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  AUDIENCE,
  accessToken,
  door,
  halfHash,
  ISSUER,
  jwkOf,
  STRANGER_PEM,
  verdict,
} from '../../helpers/oidc-door.js';

const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const TOKEN_REVOKED = { 'https://schemas.openid.net/secevent/oauth/event-type/token-revoked': {} };

/** Everything in these tokens is right but what they are. */
const OTHER_KINDS: readonly (readonly [kind: string, claims: Record<string, unknown>, header?: object])[] = [
  ['a logout token by its type', {}, { typ: 'logout+jwt' }],
  ['a logout token by its event', { events: LOGOUT, sid: 's' }],
  ['a security event by its type', {}, { typ: 'secevent+jwt' }],
  ['a security event by its media type', {}, { typ: 'application/SecEvent+JWT' }],
  ['a security event by its claim', { events: TOKEN_REVOKED, txn: '1' }],
  ['a DPoP proof', { htm: 'GET', htu: AUDIENCE }, { typ: 'dpop+jwt' }],
  ['a client assertion', { iss: ISSUER, sub: ISSUER }, { typ: 'client-authentication+jwt' }],
  ['an assertion of a draft', {}, { typ: 'jwt-bearer-assertion' }],
  ['a signed request', { client_id: 'app' }, { typ: 'oauth-authz-req+jwt' }],
  ['an introspection answer', {}, { typ: 'token-introspection+jwt' }],
  ['a key binding', {}, { typ: 'kb+jwt' }],
  ['a verifiable credential', {}, { typ: 'dc+sd-jwt' }],
  ['an ID token by at_hash', { at_hash: halfHash('token') }],
  ['an ID token by c_hash', { c_hash: halfHash('code') }],
  ['an ID token by at_hash beside a scope', { at_hash: halfHash('token'), scope: 'things:read', client_id: 'app' }],
  ['an ID token by its nonce', { nonce: 'n-0S6_WzA2Mj', azp: 'app' }],
  ['Keycloak’s ID token', { typ: 'ID', azp: 'app', scope: 'openid' }],
  ['Keycloak’s refresh token', { typ: 'Refresh', scope: 'openid' }],
  ['Keycloak’s offline token', { typ: 'Offline' }],
  ['Cognito’s ID token', { token_use: 'id' }],
  ['a refresh token by typ in small letters', { typ: 'refresh' }],
  ['a refresh token by type', { type: 'refresh' }],
  ['a refresh token by token_type', { token_type: 'Refresh-Token' }],
  ['a refresh token by token_use', { token_use: 'refresh_token' }],
  ['a refresh token by tokenType', { tokenType: 'refreshToken' }],
  ['FusionAuth’s ID token', { tty: 'it' }],
  ['Descope’s refresh token', { drn: 'DSR' }],
  ['Spring’s refresh token', { ati: 'id-of-the-access-token', client_id: 'web', scope: ['read'] }],
  ['a refresh token by rt+jwt', {}, { typ: 'rt+jwt' }],
  ['a refresh token by refresh+jwt', {}, { typ: 'refresh+jwt' }],
  ['a refresh token by its bare type', {}, { typ: 'Refresh' }],
];

describe.each(OTHER_KINDS)('%s', (_kind, claims, header = {}) => {
  test('is no access token', async () => {
    expect(await verdict(door(), accessToken(claims, { header }))).toBe('claim_invalid');
  });

  test('is not one either where no audience is checked, or under the strict profile', async () => {
    expect(await verdict(door({ audience: null }), accessToken(claims, { header }))).toBe('claim_invalid');
    const strict = { jti: RFC9068.jti, ...claims };
    const typed = { typ: 'at+jwt', ...header };
    expect(await verdict(door({ tokenProfile: 'at+jwt' }), accessToken(strict, { header: typed }))).toBe(
      'claim_invalid',
    );
  });
});

const RFC9068 = { client_id: 'app', jti: 'dbe39bf3a3ba4238a513f51d6e1691c4' };

describe('what providers put into access tokens does not make them another kind:', () => {
  test.each<[what: string, claims: Record<string, unknown>, header?: object]>([
    ['no type', {}, { typ: undefined }],
    ['JWT', {}, { typ: 'JWT' }],
    ['the media type of a JWT', {}, { typ: 'application/jwt' }],
    ['at+jwt', {}, { typ: 'at+jwt' }],
    ['Keycloak’s Bearer, with the nonce of its sign-in', { typ: 'Bearer', nonce: 'n', scope: 'openid', azp: 'app' }],
    ['a nonce beside a client', { nonce: 'n', client_id: 'app' }],
    ['a nonce beside scp', { nonce: 'n', scp: ['things:read'] }],
    ['Cognito’s access token', { token_use: 'access' }],
  ])('%s', async (_what, claims, header = {}) => {
    expect(await verdict(door(), accessToken(claims, { header }))).toBe(200);
  });
});

describe('a token that is bound to a key', () => {
  test.each([
    ['a DPoP key', { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }],
    ['a client certificate', { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }],
    ['a key of its own', { jwk: jwkOf(createPublicKey(STRANGER_PEM)) }],
    ['nothing that we know', {}],
    ['null', null],
  ])('is never taken as a plain bearer: %s', async (_what, cnf) => {
    expect(await verdict(door(), accessToken({ cnf }))).toBe('claim_invalid');
  });
});

describe('tokenProfile: at+jwt', () => {
  const strict = door({ tokenProfile: 'at+jwt', audience: null, requiredClaims: [] });
  const present9068 = (claims: Record<string, unknown> = {}, typ: unknown = 'at+jwt') =>
    verdict(strict, accessToken({ ...RFC9068, ...claims }, { header: { typ } }));

  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])('takes typ %s', async (typ) => {
    expect(await present9068({}, typ)).toBe(200);
  });

  test.each([undefined, 'JWT', 'jwt', 'at', 'at+jwt ', 'xat+jwt', 'application/application/at+jwt', 'text/at+jwt', ''])(
    'refuses typ %j',
    async (typ) => {
      const token = accessToken(RFC9068, { header: { typ } });
      expect(await verdict(strict, token)).toBe('claim_invalid');
    },
  );

  test.each(['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])('refuses a token without %s', async (claim) => {
    expect(await present9068({ [claim]: undefined })).toBe('claim_missing');
  });

  test.each([
    ['client_id', null, 'claim_missing'],
    ['client_id', '', 'claim_missing'],
    ['client_id', 7, 'claim_invalid'],
    ['client_id', ['app'], 'claim_invalid'],
    ['jti', null, 'claim_missing'],
    ['sub', '', 'claim_missing'],
    ['sub', null, 'claim_invalid'],
  ])('refuses %s: %j', async (claim, value, code) => {
    expect(await present9068({ [claim]: value })).toBe(code);
  });
});

test('the kind of a token is nobody’s business before its signature is right', async () => {
  const [header = '', , signature = ''] = accessToken().split('.');
  const [, payload = ''] = accessToken({ events: LOGOUT }).split('.');
  expect(await verdict(door(), `${header}.${payload}.${signature}`)).toBe('signature_invalid');
});
