import { consumerJwt, jwtAuth, memoryConsumers, oidcBearer } from '../../dist/index.js';
import { postgresUsers } from '../../dist/postgres/index.js';
import { database } from '../database.mjs';
import { AUDIENCE, consumers, ISSUER } from '../tokens.mjs';

const people = ({ jwksUri }, options = {}) => oidcBearer({ issuer: ISSUER, audience: AUDIENCE, jwksUri, ...options });

const clients = (count) =>
  consumerJwt({
    consumers: memoryConsumers(
      consumers(count).map(({ key, secret }) => ({ username: key, credentials: [{ key, secret }] })),
    ),
  });

/** Three methods that read the same header, the one that is asked in the middle. */
function threeMethods(settings) {
  const { jwksUri } = settings;
  const other = oidcBearer({ name: 'other', issuer: 'https://id.example.org', audience: AUDIENCE, jwksUri });
  return jwtAuth({ methods: [other, people(settings), clients(10)] });
}

async function withUsers(settings) {
  const store = postgresUsers({ client: database(), schema: settings.schema });
  await store.migrate();
  return people(settings, { users: { store, autoRegister: true, registrationLimit: { perMinute: 100_000 } } });
}

const VARIANTS = { 'three methods': threeMethods, 'users in PostgreSQL': withUsers };

/** With its defaults: every check on, the cache of verified tokens too. */
export default async function create(settings) {
  const { policy, variant } = settings;
  const make = VARIANTS[variant] ?? (policy === 'issuer' ? people : () => clients(settings.consumers));
  const method = await make(settings);
  await method.ready();
  return { middlewares: [method] };
}
