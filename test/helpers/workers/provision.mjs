// Provisions what it is sent, all at once, on a PostgreSQL of its own connections.
import pg from 'pg';

const { lib, url, schema } = JSON.parse(process.argv[2]);
const { postgresUsers } = await import(`${lib}postgres/index.js`);
const client = new pg.Pool({ connectionString: url, max: 5 });
const store = postgresUsers({ client, schema });

process.once('message', async (inputs) => {
  const results = await Promise.all(inputs.map((input) => store.provision(input)));
  await client.end();
  process.send(results, () => process.disconnect());
});
process.send('ready');
