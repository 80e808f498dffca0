import { createHash, createHmac, sign } from 'node:crypto';
import { promisify } from 'node:util';

export const ISSUER = 'https://login.example.com';
export const AUDIENCE = 'https://api.example.com';
export const PEOPLE = 200;

/** More than any cache in this comparison holds, so that a token which comes around again is as good as new. */
export const CACHE_ENTRIES = 10_000;

const signAsync = promisify(sign);
const segment = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const soon = (seconds) => Math.floor(Date.now() / 1000) + seconds;

/** One API client. Every process works the same secrets out, so that none has to be handed around. */
export function consumer(index) {
  return { key: `consumer-${index}`, secret: createHash('sha256').update(`secret ${index}`).digest('base64') };
}

export const consumers = (count) => Array.from({ length: count }, (_, index) => consumer(index));

/** What the access token of a common provider says. */
export function accessClaims(index, claims = {}) {
  return {
    iss: ISSUER,
    sub: `person-${index % PEOPLE}`,
    aud: AUDIENCE,
    iat: soon(0),
    exp: soon(7200),
    jti: `token-${index}`,
    client_id: 'web',
    scope: 'openid profile things:read things:write',
    email: `person-${index % PEOPLE}@example.com`,
    email_verified: true,
    preferred_username: `person-${index % PEOPLE}`,
    groups: ['staff', 'engineering'],
    ...claims,
  };
}

/** A token of the provider; signed on another thread, so that all cores help. */
export async function accessToken({ algorithm, key, kid }, claims) {
  const input = `${segment({ alg: algorithm, typ: 'at+jwt', kid })}.${segment(claims)}`;
  const signature = await signAsync('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const HS256 = segment({ alg: 'HS256', typ: 'JWT' });

/** A source of tokens that nobody has seen before, each of the next consumer. */
export function minter(count) {
  const all = consumers(count);
  const run = process.hrtime.bigint().toString(36);
  let minted = 0;
  return () => {
    const { key, secret } = all[minted % count];
    const claims = { iss: key, sub: key, aud: AUDIENCE, iat: soon(0), exp: soon(300), jti: `${run}-${minted}` };
    minted += 1;
    const input = `${HS256}.${segment(claims)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
}

/** The ways to be bad, in turn. */
const BAD = [
  (signer, index) => accessToken(signer, accessClaims(index, { exp: soon(-7200) })),
  (signer, index) => accessToken(signer, accessClaims(index, { aud: 'https://other.example.com' })),
  async (signer, index) => (await accessToken(signer, accessClaims(index))).replace(/.{4}$/, 'AAAA'),
  async (_signer, index) => `garbage-${index}`,
];

/** Tokens that come around in a ring; `bad` of them, as a share, are none. */
export async function ring(signer, { count, bad = 0 }) {
  const every = bad === 0 ? Number.POSITIVE_INFINITY : Math.round(1 / bad);
  const made = [];
  // In portions, so that the thread pool is busy and the memory is not.
  for (let from = 0; from < count; from += 256) {
    const portion = Array.from({ length: Math.min(256, count - from) }, (_, at) => from + at);
    made.push(
      ...(await Promise.all(
        portion.map((index) =>
          index % every === every - 1
            ? BAD[Math.floor(index / every) % BAD.length](signer, index)
            : accessToken(signer, accessClaims(index)),
        ),
      )),
    );
  }
  return made;
}

/** The largest tokens that the form gate lets through, each wrong in its signature alone. */
export async function largestBad(signer, bytes = 16_384) {
  const fills = [
    (size) => ({ fill: 'a'.repeat(size) }),
    (size) => ({ fill: Array.from({ length: Math.floor(size / 20) }, () => '1234567890.123456').map(Number) }),
    (size) =>
      Object.fromEntries(
        Array.from({ length: 480 }, (_, at) => [`claim-${at}`, 'b'.repeat(Math.max(0, size / 480 - 16))]),
      ),
  ];
  return Promise.all(
    fills.map(async (fill) => {
      for (let size = Math.floor(bytes * 0.75); ; size -= 16) {
        const token = await accessToken(signer, accessClaims(0, fill(size)));
        if (token.length <= bytes) return token.replace(/.{4}$/, 'AAAA');
      }
    }),
  );
}
