// An API of its own on the common database: sends itself every token it is told, all at once, and says what came of it.
import { createServer } from 'node:http';
import pg from 'pg';

const { lib, url, schema, issuers, publicKey, linkByEmail } = JSON.parse(process.argv[2]);
const { jwtAuth, oidcBearer } = await import(`${lib}index.js`);
const { postgresUsers } = await import(`${lib}postgres/index.js`);

const client = new pg.Pool({ connectionString: url, max: 5 });
// Four processes register people at once; how long one of them takes for it is not the matter.
const timeout = 60;
const users = {
  timeout,
  store: postgresUsers({ client, schema }),
  autoRegister: true,
  ...(linkByEmail && { linkByEmail }),
};
const methods = issuers.map((issuer) => oidcBearer({ name: issuer, issuer, audience: null, publicKeys: publicKey }));
const authenticate = jwtAuth({ methods, users });
const server = createServer((req, res) =>
  authenticate(req, res, () => {
    const { id, created } = req.principal;
    res.end(JSON.stringify({ id, created }));
  }),
).listen(0, '127.0.0.1');

process.once('message', async (tokens) => {
  const { port } = server.address();
  const answers = await Promise.all(
    tokens.map(async (token) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${token}` } });
      return { status: answer.status, ...(await answer.json()) };
    }),
  );
  server.close();
  server.closeAllConnections();
  await client.end();
  process.send(answers, () => process.disconnect());
});
server.once('listening', () => process.send('ready'));
