const PEERS = ['express-oauth2-jwt-bearer', 'express-jwt', 'passport-jwt', 'jose', 'fast-jwt'];

/** A ring longer than any cache holds, so that each token is as good as new when it comes around again. */
const NEW = 25_000;

const USES_DATABASE = ['sallyport: users in PostgreSQL', 'jose: a SELECT per request'];

/** A contender with a way of its own to be set up, written `jose: a SELECT per request`. */
const variantOf = (label) => {
  const [contender, variant] = label.split(': ');
  return { label, contender, variant, usesDatabase: USES_DATABASE.includes(label) };
};

/**
 * What is asked of the contenders. `policy: 'issuer'`: access tokens of a provider, its keys fetched from a URL;
 * `policy: 'consumers'`: HS256 tokens, each of a client with a secret of its own. `refused`: the share of requests
 * that must be answered with 401.
 */
export const WORKLOADS = [
  {
    id: 'warm',
    title: 'RS256, 2,000 tokens that repeat',
    policy: 'issuer',
    algorithm: 'RS256',
    ring: { count: 2_000 },
    contenders: ['none', 'sallyport', ...PEERS],
  },
  {
    id: 'new-hs256',
    title: 'HS256, every token new',
    policy: 'consumers',
    consumers: 1,
    contenders: ['none', 'sallyport', 'hand-written', ...PEERS],
  },
  {
    id: 'new-rs256',
    title: 'RS256, every token new',
    policy: 'issuer',
    algorithm: 'RS256',
    ring: { count: NEW },
    contenders: ['none', 'sallyport', ...PEERS],
  },
  {
    id: 'new-es256',
    title: 'ES256, every token new',
    policy: 'issuer',
    algorithm: 'ES256',
    ring: { count: NEW },
    contenders: ['none', 'sallyport', ...PEERS],
  },
  {
    id: 'bad',
    title: 'RS256, 2,000 tokens that repeat, one in ten bad',
    policy: 'issuer',
    algorithm: 'RS256',
    ring: { count: 2_000, bad: 0.1 },
    refused: 0.1,
    contenders: ['none', 'sallyport', ...PEERS],
  },
  {
    id: 'consumers',
    title: 'HS256, 1,000 consumers, a fresh token for every request',
    policy: 'consumers',
    consumers: 1_000,
    // express-oauth2-jwt-bearer knows one secret only.
    contenders: ['none', 'sallyport', 'hand-written', ...PEERS.slice(1)],
  },
  {
    id: 'methods',
    title: 'One method, and three behind jwtAuth; RS256, 2,000 tokens that repeat',
    policy: 'issuer',
    algorithm: 'RS256',
    ring: { count: 2_000 },
    contenders: ['none', 'sallyport', 'sallyport: three methods'],
  },
  {
    id: 'users',
    title: 'Users in PostgreSQL; RS256, 2,000 tokens of 200 people',
    needsDatabase: true,
    policy: 'issuer',
    algorithm: 'RS256',
    ring: { count: 2_000 },
    contenders: ['none', 'sallyport', ...USES_DATABASE],
  },
].map((workload) => ({
  consumers: 1,
  refused: 0,
  ...workload,
  contenders: workload.contenders.map(variantOf),
}));

/** What is measured in another way, beside the workloads. */
export const SPECIALS = ['memory', 'rejection'];
