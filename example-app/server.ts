import express from 'express';
import { consumerJwt, jwtAuth, principalOf, requireGroups } from 'sallyport';
import { fromKong } from 'sallyport/migrate';
import { consumers, kongConfig, kongOpenidConfig, tokenOfJsmith } from './consumers.js';
import { listen } from './listen.js';
import { startPeople } from './people.js';
import { startPicture } from './picture.js';

/** The first of five ports; 0 takes any that are free. */
const firstPort = Number(process.env.PORT ?? 3000);

const app = express();

const people = await startPeople();

// Moved in from Kong: its configurations, its defaults, its answers. Listed first, because they have paths of their own.
const { methods: kongMethods } = await fromKong(kongConfig);
app.use('/kong', ...kongMethods);
app.get('/kong/me', (req, res) => res.json(req.principal));
const { methods: openidMethods } = await fromKong(kongOpenidConfig(people.issuer));
app.get('/anything', ...openidMethods, (req, res) => res.json({ headers: req.headers }));

// Everything else: one door for all credentials. People whom nobody knows yet are registered on the way in.
app.use(jwtAuth({ methods: [...people.methods, consumerJwt({ consumers })] }));
app.get('/me', (req, res) => res.json(req.principal));
app.get('/partners', requireGroups('partners'), (req, res) => {
  res.json({ hello: principalOf(req).username });
});

const { url, answer } = await listen(firstPort);
answer(app);

// In a browser: one sign-in for two applications, by way of a WAF.
const { waf, newApplication } = await startPicture(firstPort === 0 ? 0 : firstPort + 1, people.store);

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

A program that has an id and a secret, and no token; Conduktor's CLI sends them so. Alex has a password.
  curl -i -u ci-pipeline:ci-secret ${url}/me
  curl -i -u alex:doe ${url}/me

The same consumer, moved in from Kong: Kong's answers and headers, and Kong's token in the URL.
  curl -i ${url}/kong/me
  curl -i -H "Authorization: Bearer ${token}" ${url}/kong/me
  curl -i "${url}/kong/me?jwt=${token}"

Kong's openid-connect: the application gets a token for alex's password, which is good by itself in the second line.
  curl -i -u alex:doe ${url}/anything
  TOKEN=$(curl -s -u alex:doe ${url}/anything | sed 's/.*Bearer \\([^"]*\\)".*/\\1/')
  curl -i "${url}/anything?access_token=$TOKEN"

In a browser: signed in at an old application behind a WAF, one click signs in at a new one, without being asked.
  1. ${waf}/ is the old application; sign in as Ann.
  2. Click on "Go to the new application".
As Gus, whom nobody has registered, or straight at ${newApplication}/ without a session at the WAF, it is refused.

Stop with Ctrl+C.`);
