// An API whose callback registers people in the application's own table, under a claim. `hangs`: it never gets done.
import { createServer } from 'node:http';
import pg from 'pg';

const { lib, url, schema, issuer, publicKey, timeout, hangs } = JSON.parse(process.argv[2]);
const { oidcBearer } = await import(`${lib}index.js`);
const { postgresClaims } = await import(`${lib}postgres/index.js`);

const client = new pg.Pool({ connectionString: url, max: 5 });
const claims = postgresClaims({ client, schema });

async function callback({ subject }, { reason, idempotencyKey }) {
  await client.query(`INSERT INTO ${schema}.calls (key, reason) VALUES ($1, $2)`, [idempotencyKey, reason]);
  if (hangs) {
    process.send('creating');
    await new Promise(() => undefined);
  }
  return { id: subject };
}

const users = { callback, claims, timeout };
const authenticate = oidcBearer({ issuer, audience: null, publicKeys: publicKey, users });
const server = createServer((req, res) => authenticate(req, res, () => res.end('{}'))).listen(0, '127.0.0.1');

process.on('message', async (tokens) => {
  const { port } = server.address();
  const statuses = await Promise.all(
    tokens.map(async (token) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${token}` } });
      return answer.status;
    }),
  );
  process.send(statuses);
});
server.once('listening', () => process.send('ready'));
