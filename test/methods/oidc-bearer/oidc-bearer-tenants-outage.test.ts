import { describe, expect, test } from '@jest/globals';
import type { AuthEvent } from '../../../lib/index.js';
import { accessToken, ISSUER, verdict } from '../../helpers/oidc-door.js';
import { resolvedBy, tenant } from '../../helpers/tenants.js';

const other = 'https://other.example.com';

describe('a resolver that cannot say is an outage and never the caller’s fault:', () => {
  const { audience: _, ...noAudience } = tenant();
  test.each<[what: string, resolver: unknown]>([
    [
      'it throws',
      () => {
        throw new Error('the database is down');
      },
    ],
    ['it rejects', () => Promise.reject(new Error('the database is down'))],
    ['it answers with another issuer', () => tenant({ issuer: other })],
    ['it answers with a slash too many', () => tenant({ issuer: `${ISSUER}/` })],
    ['it forgets the audience', () => noAudience],
    ['it names an option that does not exist', () => ({ ...noAudience, audience: null, jwks_uri: `${ISSUER}/keys` })],
    ['it takes shared secrets', () => tenant({ algorithms: ['HS256' as 'RS256'] })],
    ['it answers true', () => true],
    ['it answers with a text', () => ISSUER],
  ])('%s', async (_what, resolver) => {
    const events: AuthEvent[] = [];
    const method = resolvedBy(resolver, (event) => events.push(event));
    expect(await verdict(method, accessToken())).toBe('503 check_failed');
    const [refused] = events;
    expect(refused).toMatchObject({ type: 'refused', error: { cause: expect.any(Error) } });
  });

  test('and is asked again by the next request', async () => {
    let isDown = true;
    const method = resolvedBy(() => (isDown ? Promise.reject(new Error('down')) : tenant()));
    expect(await verdict(method, accessToken())).toBe('503 check_failed');
    isDown = false;
    expect(await verdict(method, accessToken())).toBe(200);
  });

  test.each([undefined, null])('while %s says that it is nobody’s', async (answer) => {
    expect(
      await verdict(
        resolvedBy(() => answer),
        accessToken(),
      ),
    ).toBe('issuer_unknown');
  });
});
