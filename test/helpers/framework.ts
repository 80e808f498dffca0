import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { docsCode } from './docs-blocks.js';
import { type DocsProgram, docsProgram } from './docs-program.js';

const PAGE = 'docs/frameworks.md';

/** Answer as far as a framework may change it. */
export interface FrameworkAnswer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: string;
}

/** Starts the program of a heading of docs/frameworks.md before the tests, and stops it after them. */
export function frameworkProgram(heading: string, index = 0, added = ''): () => DocsProgram {
  let program: DocsProgram;
  beforeAll(async () => {
    program = await docsProgram(docsCode(PAGE, heading, index) + added);
  });
  afterAll(() => program.close());
  return () => program;
}

/** Asks a route, with a token where one is given. */
export async function asking(url: string, token?: string, init: RequestInit = {}): Promise<FrameworkAnswer> {
  const headers = { ...init.headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url, { ...init, headers });
  return { status: answer.status, challenge: answer.headers.get('www-authenticate'), body: await answer.text() };
}

/** What every program with `GET /me` and `DELETE /things/:id` promises. */
export function keepsTheUsualPromises(program: () => DocsProgram): void {
  const ask = async (path: string, token?: string, method = 'GET') => asking(program().url + path, token, { method });

  test('a good token is let in, and the handler sees the principal', async () => {
    const { status, body } = await ask('/me', await program().issuer.mint({ sub: 'alice' }));
    expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ type: 'user', subject: 'alice' })]);
  });

  test('no token is a 401 whose challenge has no error', async () => {
    expect(await ask('/me')).toMatchObject({ status: 401, challenge: 'Bearer realm="api"' });
  });

  test('an expired token is a 401 with its challenge, and nobody is told what was wrong with it', async () => {
    const expired = await program().issuer.mint({}, { lifetime: -3600 });
    const { status, challenge, body } = await ask('/me', expired);
    expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
    expect(body).not.toMatch(/expired/);
  });

  test('a missing scope is a 403 that names it, and with the scope the handler runs', async () => {
    const { status, challenge } = await ask('/things/1', await program().issuer.mint({ scope: 'a' }), 'DELETE');
    expect([status, challenge]).toEqual([403, expect.stringContaining('scope="things:write"')]);
    const allowed = await program().issuer.mint({ scope: 'things:write' });
    expect(await ask('/things/1', allowed, 'DELETE')).toMatchObject({ status: 200, body: '{"removed":true}' });
  });
}
