import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** A provider with a key for each algorithm, whose key set is fetched over HTTP. */
export async function startIssuer() {
  const pairs = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  const signers = {};
  const keys = [];
  for (const [algorithm, { privateKey, publicKey }] of Object.entries(pairs)) {
    const kid = `key-${algorithm}`;
    signers[algorithm] = { algorithm, kid, key: privateKey };
    keys.push({ ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' });
  }
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { signers, jwksUri: `http://127.0.0.1:${server.address().port}/jwks`, close: () => server.close() };
}
