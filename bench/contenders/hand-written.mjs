import { createHmac, timingSafeEqual } from 'node:crypto';
import { AUDIENCE, consumers } from '../tokens.mjs';
import { bearerSync } from './bearer.mjs';

const parse = (segment) => JSON.parse(Buffer.from(segment, 'base64url').toString());

/** The least that a careful hand would write. */
function verifierOf(secrets) {
  return (token) => {
    const [header, payload, signature] = token.split('.');
    if (parse(header).alg !== 'HS256') throw new Error('algorithm');
    const claims = parse(payload);
    const expected = createHmac('sha256', secrets.get(claims.iss)).update(`${header}.${payload}`).digest();
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('signature');
    const now = Date.now() / 1000;
    if (claims.exp <= now || claims.nbf > now || claims.aud !== AUDIENCE) throw new Error('claims');
    return claims;
  };
}

export default function create({ consumers: count }) {
  const secrets = new Map(consumers(count).map(({ key, secret }) => [key, secret]));
  return { middlewares: [bearerSync(verifierOf(secrets))] };
}
