import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { MovedRequest } from '../helpers/moving.js';
import { segment, signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Public key of the provider, as the applications read it from the environment. */
export const PUBLIC_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString();

const audience = 'https://api.example.com';
const issuer = 'https://accounts.example.com';
const claimsOf = (claims: object) => ({
  iss: issuer,
  aud: audience,
  sub: '42',
  iat: inSeconds(0),
  exp: inSeconds(300),
  ...claims,
});
/** A token of the provider for person 42. */
export const providerToken = (claims: object = {}, header: object = {}, key: KeyObject = privateKey) =>
  signed('RS256', key, claimsOf(claims), header);
const headers =
  (...lines: string[]) =>
  () => ({ headers: lines });
const bearer = (text: string) => headers('Authorization', `Bearer ${text}`);
const good = providerToken();
const tampered = good.replace(/\.[^.]+\./, `.${segment(claimsOf({ sub: '1' }))}.`);
const unsigned = `${segment({ alg: 'none' })}.${segment(claimsOf({}))}.`;
const confused = `${segment({ alg: 'HS256' })}.${segment(claimsOf({}))}`;
const confusedToken = `${confused}.${createHmac('sha256', PUBLIC_KEY).update(confused).digest('base64url')}`;

/** Requests to an application that moves from passport-jwt; person 42 owns the token where nothing else is said. */
export const PASSPORT_JWT_REQUESTS: readonly MovedRequest[] = [
  { request: 'no token', sent: headers(), before: '401', now: '401' },
  { request: 'a good token', sent: bearer(good), before: '200 {"id":"42"}', now: '200 {"id":"42"}' },
  {
    request: 'a token that expired 90 seconds ago',
    sent: bearer(providerToken({ exp: inSeconds(-90) })),
    before: '401',
    now: '401',
  },
  {
    request: 'a token that expired 30 seconds ago',
    sent: () => bearer(providerToken({ exp: inSeconds(-30) }))(),
    before: '401',
    now: '200 {"id":"42"}',
    why: 'The clocks of two machines differ, and `clockTolerance` is 60 seconds; with `clockTolerance: 0` it is refused.',
  },
  {
    request: 'a token that is not valid yet (`nbf`)',
    sent: bearer(providerToken({ nbf: inSeconds(3600) })),
    before: '401',
    now: '401',
  },
  { request: 'a token with another payload than was signed', sent: bearer(tampered), before: '401', now: '401' },
  { request: 'a token with `alg: none`', sent: bearer(unsigned), before: '401', now: '401' },
  {
    request: 'a token signed with HS256 and the public key as secret',
    sent: bearer(confusedToken),
    before: '401',
    now: '401',
  },
  {
    request: 'a token of another key',
    sent: bearer(providerToken({}, {}, other.privateKey)),
    before: '401',
    now: '401',
  },
  {
    request: 'a token signed with PS256',
    sent: bearer(signed('PS256', privateKey, claimsOf({}))),
    before: '200 {"id":"42"}',
    now: '200 {"id":"42"}',
  },
  {
    request: 'a token of another issuer',
    sent: bearer(providerToken({ iss: 'https://other.example.com' })),
    before: '401',
    now: '401',
  },
  {
    request: 'a token for another audience',
    sent: bearer(providerToken({ aud: 'https://shop.example.com' })),
    before: '401',
    now: '401',
  },
  {
    request: 'a token for two audiences, of which one is ours',
    sent: bearer(providerToken({ aud: ['https://shop.example.com', audience] })),
    before: '200 {"id":"42"}',
    now: '200 {"id":"42"}',
  },
  {
    request: 'a token of a user whom the application does not know',
    sent: bearer(providerToken({ sub: '43' })),
    before: '401',
    now: '403',
    why: 'The token is good and the person is not registered: 403 `user_not_registered`. A 401 would have the client sign in again, to no effect.',
  },
  {
    request: 'a token for which the look-up of the user throws',
    sent: bearer(providerToken({ sub: 'jane' })),
    before: '500',
    now: '503',
    why: 'The store is out of order, which is an outage: 503 with `Retry-After`.',
  },
  {
    request: 'a token without `sub`',
    sent: bearer(providerToken({ sub: undefined })),
    before: '500',
    now: '401',
    why: '`claim_missing`; the callback is not asked about nobody.',
  },
  { request: 'a text that is no token', sent: bearer('abc'), before: '401', now: '401' },
  {
    request: '`Authorization: Basic`',
    sent: headers('Authorization', 'Basic amFuZTpzZWNyZXQ='),
    before: '401',
    now: '401',
  },
  {
    request: '`Authorization: Bearer` and nothing more',
    sent: headers('Authorization', 'Bearer'),
    before: '401',
    now: '400',
    why: 'The header is no credential of the scheme: `request_malformed` (RFC 6750 section 3.1).',
  },
  {
    request: 'two words after `Bearer`',
    sent: headers('Authorization', `Bearer ${good} more`),
    before: '200 {"id":"42"}',
    now: '401',
    why: 'A token is one word (RFC 6750 section 2.1); the extractor threw the rest away.',
  },
  {
    request: 'a word before `Bearer`',
    sent: headers('Authorization', `Bearer Bearer ${good}`),
    before: '401',
    now: '400',
    why: 'Two words after the scheme are `request_malformed`.',
  },
  {
    request: 'two headers, each with a good token',
    sent: headers('Authorization', `Bearer ${good}`, 'Authorization', `Bearer ${providerToken({ jti: '2' })}`),
    before: '200 {"id":"42"}',
    now: '400',
    why: 'Node keeps the first header, a proxy in front may have checked the last; two are `credentials_ambiguous`.',
  },
  { request: 'a good token in a cookie', sent: headers('Cookie', `token=${good}`), before: '401', now: '401' },
  { request: 'a good token in the query', sent: () => ({ path: `/?access_token=${good}` }), before: '401', now: '401' },
  {
    request: 'a refresh token (`typ: Refresh`, as Keycloak marks it)',
    sent: bearer(providerToken({ typ: 'Refresh' })),
    before: '200 {"id":"42"}',
    now: '401',
    why: 'A refresh token is for the provider alone. It lives for weeks, and is no access.',
  },
  {
    request: 'an ID token (`nonce`)',
    sent: bearer(providerToken({ nonce: 'n' })),
    before: '200 {"id":"42"}',
    now: '401',
    why: "An ID token tells a client about a sign-in, and every client of the provider gets one. `accepts: 'any'` takes it.",
  },
  {
    request: 'a token without `exp`',
    sent: bearer(providerToken({ exp: undefined })),
    before: '200 {"id":"42"}',
    now: '401',
    why: 'Such a token is valid for ever. `requiredClaims: []` takes it.',
  },
  {
    request: 'a token issued in an hour (`iat`)',
    sent: bearer(providerToken({ iat: inSeconds(3600) })),
    before: '200 {"id":"42"}',
    now: '401',
    why: 'The clock or the signer is wrong. `clockTolerance` is 60 seconds.',
  },
  {
    request: 'a token with an unknown critical header (`crit`)',
    sent: bearer(providerToken({}, { crit: ['b64x'], b64x: true })),
    before: '200 {"id":"42"}',
    now: '401',
    why: 'A recipient that does not understand it must refuse the token (RFC 7515 section 4.1.11).',
  },
  {
    request: 'a token bound to a key (`cnf`)',
    sent: bearer(providerToken({ cnf: { jkt: 'x' } })),
    before: '200 {"id":"42"}',
    now: '401',
    why: 'The token is worth nothing without the proof of its key, and nobody checks that here.',
  },
];
