import { createPublicKey, createSecretKey } from 'node:crypto';
import { bench, run, summary } from 'mitata';
import { compileClaimMapping } from '../dist/principal/claim-mapping.js';
import { createPrincipal } from '../dist/principal/principal.js';
import { DEFAULT_CLAIMS } from '../dist/principal/token-identity.js';
import { readCompactToken } from '../dist/tokens/compact-token.js';
import { findToken, resolveTokenSources } from '../dist/tokens/find-token.js';
import { fromBearer } from '../dist/tokens/from-header.js';
import { PresentedToken } from '../dist/tokens/presented-token.js';
import { parseStrictJson } from '../dist/tokens/strict-json.js';
import { assertClaims } from '../dist/verification/claim-rules.js';
import { VerifiedTokenCache } from '../dist/verification/verified-token-cache.js';
import { assertSignature } from '../dist/verification/verify-with-source.js';
import createSallyport from './contenders/sallyport.mjs';
import { startIssuer } from './issuer.mjs';
import { consumer, minter, ring } from './tokens.mjs';

const COUNT = 2_000;

/** The next of a list, around and around, so that nothing is measured on one value only. */
function next(all) {
  let at = 0;
  return () => {
    at = (at + 1) % all.length;
    return all[at];
  };
}

const requestOf = (token) => ({
  headers: { host: 'localhost', authorization: `Bearer ${token}`, accept: '*/*' },
  rawHeaders: ['Host', 'localhost', 'Authorization', `Bearer ${token}`, 'Accept', '*/*'],
});

/** What a token is read with, one station of its road after the other. */
function reading(tokens) {
  const read = tokens.map((token) => readCompactToken(token));
  const sources = resolveTokenSources('tokenFrom', fromBearer());
  const rules = { clockTolerance: 60, requiredClaims: ['exp'], maxLifetime: undefined };
  const mapClaims = compileClaimMapping('claims', {}, DEFAULT_CLAIMS);
  const [token, content] = [next(tokens), next(read)];
  const request = next(tokens.map(requestOf));
  bench('findToken', () => findToken(sources, request(), undefined));
  bench('form gate, strict JSON included', () => readCompactToken(token()));
  bench('strict JSON of the claims', () => parseStrictJson(content().payload));
  bench('JSON.parse of the claims, to compare', () => JSON.parse(content().payload));
  bench('claim rules', () => assertClaims(content().claims, rules));
  bench('claim mapping', () => mapClaims(content()));
  bench('principal, frozen', () =>
    createPrincipal({
      type: 'user',
      id: 'a',
      method: 'm',
      claims: { ...content().claims },
      credential: { kind: 'jwt' },
    }),
  );
}

function remembering(tokens) {
  const cache = new VerifiedTokenCache({});
  const presented = (token) => new PresentedToken({ token, sources: [] });
  for (let time = 0; time < 2; time += 1) for (const token of tokens) cache.set(presented(token), {});
  const token = next(tokens);
  const stranger = next(tokens.map((known) => `${known.slice(0, -8)}AAAAAAAA`));
  bench('cache hit, digest included', () => cache.get(presented(token())));
  bench('cache miss', () => cache.get(presented(stranger())));
}

function signatures(kinds) {
  for (const [algorithm, { tokens, key }] of Object.entries(kinds)) {
    const jws = next(tokens.map((token) => readCompactToken(token)));
    bench(`signature ${algorithm}`, () => assertSignature(jws(), { algorithm, key }));
  }
}

/** A whole method, without the server around it. */
async function methods(kinds, jwksUri) {
  const settings = { jwksUri, consumers: 1 };
  const [people] = (await createSallyport({ ...settings, policy: 'issuer' })).middlewares;
  const [clients] = (await createSallyport({ ...settings, policy: 'consumers' })).middlewares;
  const warm = next(kinds.RS256.tokens.map(requestOf));
  for (let index = 0; index < 2 * COUNT; index += 1) await people.authenticate(warm());
  const mint = minter(1);
  bench('authenticate, a token that repeats', () => people.authenticate(warm()));
  bench('authenticate, a new HS256 token (minting included)', () => clients.authenticate(requestOf(mint())));
}

/** Where the time goes, piece by piece. */
export async function runPieces() {
  const issuer = await startIssuer();
  const publicKey = (algorithm) => createPublicKey(issuer.signers[algorithm].key);
  const mint = minter(1);
  const kinds = {
    HS256: { tokens: Array.from({ length: COUNT }, mint), key: createSecretKey(Buffer.from(consumer(0).secret)) },
    RS256: { tokens: await ring(issuer.signers.RS256, { count: COUNT }), key: publicKey('RS256') },
    ES256: { tokens: await ring(issuer.signers.ES256, { count: COUNT }), key: publicKey('ES256') },
  };
  summary(() => reading(kinds.RS256.tokens));
  remembering(kinds.RS256.tokens);
  signatures(kinds);
  await methods(kinds, issuer.jwksUri);
  await run();
  issuer.close();
  // Key sources look again in the background for as long as they are in use.
  process.exit();
}
