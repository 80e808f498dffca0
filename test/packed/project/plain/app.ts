// Without an augmentation, without Express and for a bundler: the user is unknown, so nothing is assumed about it.
import { createServer } from 'node:http';
import { consumerJwt, memoryConsumers, principalOf, type RegisteredUser } from 'sallyport';

const user: RegisteredUser = Symbol('anything');
const method = consumerJwt({ consumers: memoryConsumers() });

createServer((req, res) => {
  method(req, res, () => {
    // @ts-expect-error nobody said what a user is
    const level = principalOf(req).user.level;
    res.end(JSON.stringify({ user, level }));
  });
});
