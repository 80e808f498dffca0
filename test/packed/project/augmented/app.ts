// An Express 5 application that tells Sallyport its own user type once, compiled under strict and then asked.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import {
  type AuthMethod,
  consumerJwt,
  jwtAuth,
  memoryConsumers,
  type Principal,
  principalOf,
  type RegisteredUser,
  requireGroups,
} from 'sallyport';

interface MyUser {
  readonly nickname: string;
  readonly level: number;
}

declare module 'sallyport' {
  interface SallyportTypes {
    user: MyUser;
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => undefined;

holds<Same<RegisteredUser, MyUser>>();
holds<Same<Principal['user'], MyUser | undefined>>();
holds<Same<NonNullable<express.Request['principal']>['user'], MyUser | undefined>>();

const [key, secret] = ['a-key', 'a secret that is as long as its hash'];
const consumers = memoryConsumers([{ username: 'jsmith', groups: ['ops'], credentials: [{ key, secret }] }]);
const method: AuthMethod = consumerJwt({ consumers });

const app = express();
app.use(jwtAuth({ methods: [method] }));
app.get('/me', requireGroups('ops'), (req, res) => {
  const user: MyUser | undefined = req.principal?.user;
  const level: number | undefined = principalOf(req).user?.level;
  // @ts-expect-error the application's user has no such member
  const salary = req.principal?.user?.salary;
  // @ts-expect-error a level is a number
  const wrong: string | undefined = req.principal?.user?.level;
  // @ts-expect-error a principal is read-only
  if (req.principal?.id === '') req.principal.id = 'someone else';
  res.json({ user, level, salary, wrong, username: req.principal?.username });
});

// @ts-expect-error there is no method without a consumer store
assert.throws(() => consumerJwt({}), { name: 'ConfigurationError' });
// @ts-expect-error the option is called credentialsRequired
assert.throws(() => consumerJwt({ consumers, authRequired: true }), /credentialsRequired/);

function tokenOf(claims: object): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)));
  const input = parts.map((part) => part.toString('base64url')).join('.');
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const server = app.listen(0, '127.0.0.1');
await new Promise((listening) => server.once('listening', listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`;
const token = tokenOf({ iss: key, exp: Math.floor(Date.now() / 1000) + 60 });
try {
  assert.equal((await fetch(url)).status, 401);
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { username: 'jsmith' });
} finally {
  server.close();
  server.closeAllConnections();
}
