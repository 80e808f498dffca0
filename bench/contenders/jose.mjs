import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { database } from '../database.mjs';
import { AUDIENCE, consumers, ISSUER } from '../tokens.mjs';
import { bearer } from './bearer.mjs';

/** What an application does that finds its user by hand, each time. */
function withSelect(verify) {
  const client = database();
  return async (token) => {
    const claims = await verify(token);
    const { rows } = await client.query('SELECT $1::text AS subject, now() AS seen_at', [claims.sub]);
    return rows[0];
  };
}

export default function create({ policy, algorithm, jwksUri, variant, consumers: count }) {
  if (policy === 'issuer') {
    const keys = createRemoteJWKSet(new URL(jwksUri));
    const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [algorithm] };
    const verify = async (token) => (await jwtVerify(token, keys, options)).payload;
    const check = variant === undefined ? verify : withSelect(verify);
    return { middlewares: [bearer(check)] };
  }
  const keys = new Map(consumers(count).map(({ key, secret }) => [key, createSecretKey(secret, 'utf8')]));
  const options = { audience: AUDIENCE, algorithms: ['HS256'] };
  const keyOf = (token) => keys.get(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).iss);
  const only = keys.size === 1 ? keys.values().next().value : undefined;
  return { middlewares: [bearer(async (token) => (await jwtVerify(token, only ?? keyOf(token), options)).payload)] };
}
