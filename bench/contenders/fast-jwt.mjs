import { createPublicKey } from 'node:crypto';
import { createVerifier } from 'fast-jwt';
import { AUDIENCE, CACHE_ENTRIES, consumers, ISSUER } from '../tokens.mjs';
import { bearer, bearerSync } from './bearer.mjs';

/** Its cache on and as large as Sallyport's, its key at hand: the fastest way to use it. */
export default async function create({ policy, algorithm, jwksUri, consumers: count }) {
  const options = { cache: CACHE_ENTRIES, allowedAud: AUDIENCE };
  if (policy === 'issuer') {
    const { keys } = await (await fetch(jwksUri)).json();
    const jwk = keys.find(({ alg }) => alg === algorithm);
    const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    return {
      middlewares: [bearerSync(createVerifier({ key, allowedIss: ISSUER, algorithms: [algorithm], ...options }))],
    };
  }
  const secrets = new Map(consumers(count).map(({ key, secret }) => [key, secret]));
  if (secrets.size === 1) {
    const [[, key]] = secrets;
    return { middlewares: [bearerSync(createVerifier({ key, algorithms: ['HS256'], ...options }))] };
  }
  const key = async ({ payload }) => secrets.get(payload.iss);
  return { middlewares: [bearer(createVerifier({ key, algorithms: ['HS256'], ...options }))] };
}
