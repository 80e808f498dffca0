import type { AddressInfo } from 'node:net';
import express from 'express';
import { consumerJwt, jwtAuth, principalOf, requireGroups } from 'sallyport';
import { fromKong } from 'sallyport/migrate';
import { consumers, kongConfig, tokenOfJsmith } from './consumers.js';
import { startPeople } from './people.js';

const app = express();

// Moved in from Kong: its configuration, its defaults, its answers. Listed first, because it has a path of its own.
const { methods: kongMethods } = await fromKong(kongConfig);
app.use('/kong', ...kongMethods);
app.get('/kong/me', (req, res) => res.json(req.principal));

// Everything else: one door for all credentials. People whom nobody knows yet are registered on the way in.
const people = await startPeople();
app.use(jwtAuth({ methods: [people.method, consumerJwt({ consumers })] }));
app.get('/me', (req, res) => res.json(req.principal));
app.get('/partners', requireGroups('partners'), (req, res) => {
  res.json({ hello: principalOf(req).username });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', async (error?: Error) => {
  if (error !== undefined) {
    console.error(`${error.message}\nAnother port: PORT=3001 npm start`);
    process.exit(1);
  }
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const token = await tokenOfJsmith();
  const stranger = await people.tokenOfStranger();
  console.log(`Sallyport's example listens on ${url}

No token: 401, with a challenge.
  curl -i ${url}/me

The token of the consumer jsmith: 200, and who it is.
  curl -i -H "Authorization: Bearer ${token}" ${url}/me

A guard: jsmith is a partner.
  curl -i -H "Authorization: Bearer ${token}" ${url}/partners

An identity provider's token of somebody unknown: registered by the first request (created: true), known to the second.
  curl -i -H "Authorization: Bearer ${stranger}" ${url}/me

The same consumer, moved in from Kong: Kong's answers and headers, and Kong's token in the URL.
  curl -i ${url}/kong/me
  curl -i -H "Authorization: Bearer ${token}" ${url}/kong/me
  curl -i "${url}/kong/me?jwt=${token}"

Stop with Ctrl+C.`);
});
