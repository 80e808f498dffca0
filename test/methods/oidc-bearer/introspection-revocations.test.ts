import { expect, test } from '@jest/globals';
import { memoryRevocations } from '../../../lib/index.js';
import { ask } from '../../helpers/asking.js';
import { active, asking, introspectionEndpoint, opaqueToken } from '../../helpers/introspection-endpoint.js';
import { ISSUER } from '../../helpers/oidc-door.js';
import { inSeconds } from '../../helpers/tokens.js';

const endpoint = await introspectionEndpoint();

/** A method that believes answers for an hour, and revocations of the application's own at once. */
function withRevocations() {
  const revocations = memoryRevocations();
  const method = asking(endpoint, { introspection: { ttl: 3600 }, isRevoked: revocations.check });
  return { revocations, method };
}

test('an opaque token that the application revokes is refused from the next request on, and no other', async () => {
  const { revocations, method } = withRevocations();
  const [bad, good] = [opaqueToken(), opaqueToken()];
  endpoint.answers(active());
  expect([await ask(method, bad), await ask(method, good)]).toEqual(['ok', 'ok']);
  await revocations.revokeToken(bad, inSeconds(300));
  expect([await ask(method, bad), await ask(method, good)]).toEqual(['token_revoked', 'ok']);
});

test.each([
  ['says whose its tokens are', ISSUER],
  ['leaves that out', undefined],
])('so are all tokens of a person or a session, where the provider %s', async (_what, iss) => {
  const { revocations, method } = withRevocations();
  endpoint.answers(({ token }) =>
    active({ iss, iat: inSeconds(-10), ...(token === 'of-a-session' ? { sub: 'bob', sid: 's1' } : {}) }),
  );
  const tokens = ['of-alice', 'of-a-session'];
  const all = async () => [await ask(method, 'of-alice'), await ask(method, 'of-a-session')];
  expect(await all()).toEqual(tokens.map(() => 'ok'));
  await revocations.revokeSubject({ issuer: ISSUER, subject: 'alice' });
  expect(await all()).toEqual(['token_revoked', 'ok']);
  await revocations.revokeSession({ issuer: ISSUER, sid: 's1' });
  expect(await all()).toEqual(['token_revoked', 'token_revoked']);
});
