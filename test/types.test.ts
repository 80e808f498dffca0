import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import express from 'express';
import {
  type AuthErrorCode,
  type AuthEvent,
  type AuthMethod,
  type Consumer,
  type ConsumerStore,
  consumerJwt,
  type Guard,
  jwtAuth,
  type Principal,
  principalOf,
  type RegisteredUser,
  requireScopes,
  type TokenFrom,
} from '../lib/index.js';
import { howtoConsumers } from './helpers/consumers.js';

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => undefined;

// The compiler is what checks this file; running it shows that nothing here throws.
test('the types are as documented', () => {
  const consumers = howtoConsumers();
  const method = consumerJwt({ consumers });
  holds<Equals<typeof method, AuthMethod>>();
  holds<Equals<ReturnType<typeof jwtAuth>, AuthMethod>>();
  holds<Equals<Awaited<ReturnType<AuthMethod['authenticate']>>, Principal | undefined>>();
  holds<Equals<Principal['type'], 'consumer' | 'user' | 'client' | 'api-key' | 'anonymous'>>();
  holds<Equals<Principal['consumer'], Consumer | undefined>>();
  holds<Equals<RegisteredUser, unknown>>();
  holds<Equals<NonNullable<Principal<{ id: number }>['user']>, { id: number }>>();
  holds<Equals<ReturnType<typeof requireScopes>, Guard>>();
  holds<Equals<express.Request['principal'], Principal | undefined>>();
  holds<Equals<ReturnType<typeof principalOf>, Principal>>();

  // Express takes methods and guards as they are.
  const app = express();
  app.use(method, requireScopes('a'));
  app.get('/', method, requireScopes('a'), (req, res) => void res.json([req.principal?.username, principalOf(req).id]));
  app.use('/sub', express.Router().use(jwtAuth({ methods: [method] })));

  const plain = (req: IncomingMessage, res: ServerResponse) => method(req, res, () => undefined);
  const store: ConsumerStore = consumers;
  const sources: TokenFrom = [(req) => req.headers['x-a'] as string, async () => null];
  const listen = (event: AuthEvent): AuthErrorCode | undefined => (event.type === 'refused' ? event.code : undefined);
  expect([plain, store, sources, listen]).toHaveLength(4);
});

test('the compiler refuses what the factories would', () => {
  const refused = [
    // @ts-expect-error consumers is required
    () => consumerJwt({}),
    // @ts-expect-error another library's name
    () => consumerJwt({ consumers: howtoConsumers(), authRequired: false }),
    // @ts-expect-error not a list
    () => jwtAuth({ methods: consumerJwt({ consumers: howtoConsumers() }) }),
    // @ts-expect-error a plain middleware is no method
    () => jwtAuth({ methods: [() => undefined] }),
    // @ts-expect-error one scope per argument
    () => requireScopes(['a', 'b']),
  ];
  for (const create of refused) expect(create).toThrow();

  const change = (principal: Principal): void => {
    // @ts-expect-error a principal is read-only
    principal.id = 'x';
    // @ts-expect-error and so are its lists
    principal.groups.push('admins');
  };
  expect(change).toHaveLength(1);
});
