import type { MovedRequest } from '../helpers/moving.js';
import { loginToken, OTHER_SECRET } from '../helpers/shared-secret.js';
import { segment } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const cookie = (token: string) => () => ({ headers: ['Cookie', `token=${token}`] });
const headers =
  (...lines: string[]) =>
  () => ({ headers: lines });
const bearing = (token: string) => headers('Authorization', `Bearer ${token}`);
const both = (inCookie: string, inHeader: string) =>
  headers('Cookie', `token=${inCookie}`, 'Authorization', `Bearer ${inHeader}`);
const tampered = loginToken().replace(/\.[^.]+\./, `.${segment({ sub: '1', exp: inSeconds(300) })}.`);
const unsigned = `${segment({ alg: 'none' })}.${segment({ sub: '42', exp: inSeconds(300) })}.`;
const jane = loginToken();
const john = loginToken({ sub: '43' });
const expired = loginToken({ exp: inSeconds(-90) });

const REFUSED = '401 invalid token...';
const MALFORMED = '400 invalid token...';

/** Requests to an application that moves from express-jwt; person 42 owns the token where nothing else is said. */
export const EXPRESS_JWT_REQUESTS: readonly MovedRequest[] = [
  { request: 'no token', sent: headers(), before: '200 nobody', now: '200 nobody' },
  { request: 'a good token in the cookie', sent: cookie(jane), before: '200 42', now: '200 42' },
  { request: 'a good token in the header', sent: bearing(jane), before: '200 42', now: '200 42' },
  {
    request: 'the scheme in lower case',
    sent: headers('Authorization', `bearer ${jane}`),
    before: '200 nobody',
    now: '200 42',
    why: 'Schemes are compared without regard to case (RFC 9110 section 11.1); the getter compared letters.',
  },
  { request: 'a token that expired 90 seconds ago', sent: cookie(expired), before: REFUSED, now: REFUSED },
  {
    request: 'a token that expired 30 seconds ago',
    sent: () => cookie(loginToken({ exp: inSeconds(-30) }))(),
    before: REFUSED,
    now: '200 42',
    why: 'The clocks of two machines differ, and `clockTolerance` is 60 seconds; with `clockTolerance: 0` it is refused.',
  },
  {
    request: 'a token that is not valid yet (`nbf`)',
    sent: cookie(loginToken({ nbf: inSeconds(3600) })),
    before: REFUSED,
    now: REFUSED,
  },
  {
    request: 'a token with another payload than was signed',
    sent: cookie(tampered),
    before: REFUSED,
    now: REFUSED,
  },
  {
    request: 'a token with `alg: none`',
    sent: cookie(unsigned),
    before: REFUSED,
    now: REFUSED,
  },
  {
    request: 'a token of another secret',
    sent: cookie(loginToken({}, { secret: OTHER_SECRET })),
    before: REFUSED,
    now: REFUSED,
  },
  {
    request: 'a token signed with HS384',
    sent: cookie(loginToken({}, { header: { alg: 'HS384' } })),
    before: REFUSED,
    now: REFUSED,
  },
  {
    request: 'a text that is no token',
    sent: cookie('abc'),
    before: REFUSED,
    now: REFUSED,
  },
  { request: 'an empty cookie', sent: cookie(''), before: '200 nobody', now: '200 nobody' },
  { request: 'the token in cookie and header', sent: both(jane, jane), before: '200 42', now: '200 42' },
  {
    request: "person 42's token in the cookie, person 43's in the header",
    sent: both(jane, john),
    before: '200 42',
    now: '200 42',
  },
  {
    request: 'an expired token in the cookie, a good one in the header',
    sent: both(expired, jane),
    before: REFUSED,
    now: REFUSED,
  },
  {
    request: "two cookies, person 42's token and person 43's",
    sent: headers('Cookie', `token=${jane}; token=${john}`),
    before: '200 42',
    now: MALFORMED,
    why: 'Any host of the domain can set a second cookie, and which of the two comes first is not for the application to know; two different tokens are `credentials_ambiguous`.',
  },
  {
    request: "two headers, person 42's token and person 43's",
    sent: headers('Authorization', `Bearer ${jane}`, 'Authorization', `Bearer ${john}`),
    before: '200 42',
    now: MALFORMED,
    why: 'Node keeps the first header, a proxy in front may have checked the last; two are `credentials_ambiguous`.',
  },
  {
    request: '`Authorization: Basic`',
    sent: headers('Authorization', 'Basic amFuZTpzZWNyZXQ='),
    before: '200 nobody',
    now: '200 nobody',
  },
  {
    request: '`Authorization: Bearer` and nothing more',
    sent: headers('Authorization', 'Bearer'),
    before: '200 nobody',
    now: MALFORMED,
    why: 'The client meant to sign in and sent nothing: `request_malformed`, and not a visitor without an account.',
  },
  {
    request: 'two words after `Bearer`',
    sent: bearing(`${jane} more`),
    before: '200 42',
    now: REFUSED,
    why: 'A token is one word (RFC 6750 section 2.1); the getter threw the rest away.',
  },
  {
    request: 'a token without a scheme in the header',
    sent: headers('Authorization', jane),
    before: '200 nobody',
    now: '200 nobody',
  },
  {
    request: 'a refresh token of the same secret (`type: refresh`)',
    sent: cookie(loginToken({ type: 'refresh' })),
    before: '200 42',
    now: REFUSED,
    why: 'A refresh token is for the login service alone. It lives for weeks, and is no access.',
  },
  {
    request: 'a token without `sub`',
    sent: cookie(loginToken({ sub: undefined })),
    before: '200 nobody',
    now: REFUSED,
    why: 'The token names nobody, so there is no principal: `claim_missing`.',
  },
  {
    request: 'a token whose `sub` is a number',
    sent: cookie(loginToken({ sub: 42 })),
    before: '200 42',
    now: REFUSED,
    why: '`sub` is a text (RFC 7519 section 4.1.2): have the login service write `String(user.id)`.',
  },
  {
    request: 'a token without `exp`',
    sent: cookie(loginToken({ exp: undefined })),
    before: '200 42',
    now: REFUSED,
    why: 'Such a token is valid for ever. `requiredClaims: []` takes it, for as long as the old ones are about.',
  },
  {
    request: 'a token issued in an hour (`iat`)',
    sent: cookie(loginToken({ iat: inSeconds(3600) })),
    before: '200 42',
    now: REFUSED,
    why: 'The clock or the signer is wrong. `clockTolerance` is 60 seconds.',
  },
  {
    request: 'a token with an unknown critical header (`crit`)',
    sent: cookie(loginToken({}, { header: { crit: ['b64x'], b64x: true } as object })),
    before: '200 42',
    now: REFUSED,
    why: 'A recipient that does not understand it must refuse the token (RFC 7515 section 4.1.11).',
  },
  {
    request: 'a token bound to a key (`cnf`)',
    sent: cookie(loginToken({ cnf: { jkt: 'x' } })),
    before: '200 42',
    now: REFUSED,
    why: 'The token is worth nothing without the proof of its key, and nobody checks that here.',
  },
  {
    request: 'a CORS preflight',
    sent: () => ({
      method: 'OPTIONS',
      headers: [
        'Origin',
        'https://shop.example.com',
        'Access-Control-Request-Method',
        'GET',
        'Access-Control-Request-Headers',
        'authorization',
      ],
    }),
    before: '200 GET, HEAD',
    now: '200 GET, HEAD',
  },
];
