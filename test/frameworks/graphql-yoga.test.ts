import { describe, expect, test } from '@jest/globals';
import { asking, frameworkProgram } from '../helpers/framework.js';

const program = frameworkProgram('GraphQL Yoga');

async function query(text: string, token?: string) {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: text }),
  };
  const { body, ...answer } = await asking(`${program().url}/graphql`, token, init);
  return { ...answer, body: JSON.parse(body) };
}

describe('GraphQL Yoga', () => {
  test('a good token is let in, and resolvers see the principal', async () => {
    const { issuer } = program();
    const { status, body } = await query('{ me }', await issuer.mint({ sub: 'alice' }));
    expect([status, body]).toEqual([200, { data: { me: `${issuer.url}|alice` } }]);
  });

  test('no token and an expired one are a 401 with its challenge', async () => {
    expect(await query('{ me }')).toMatchObject({ status: 401, challenge: 'Bearer realm="api"' });
    const { status, challenge, body } = await query('{ me }', await program().issuer.mint({}, { lifetime: -3600 }));
    expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
    expect(JSON.stringify(body)).not.toMatch(/expired/);
  });

  test('a missing scope is a 403 that names it, and with the scope the resolver runs', async () => {
    const { issuer } = program();
    const removal = 'mutation { remove(id: "1") }';
    const { status, challenge } = await query(removal, await issuer.mint({ scope: 'a' }));
    expect([status, challenge]).toEqual([403, expect.stringContaining('scope="things:write"')]);
    const allowed = await query(removal, await issuer.mint({ scope: 'things:write' }));
    expect([allowed.status, allowed.body]).toEqual([200, { data: { remove: true } }]);
  });
});
