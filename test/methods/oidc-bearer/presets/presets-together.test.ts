import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type AuthEvent, jwtAuth } from '../../../../lib/index.js';
import { SERVERS } from '../../../helpers/every-server.js';
import { testProvider } from '../../../helpers/oidc-providers.js';

const okta = testProvider('okta');
const github = testProvider('githubActions');
const descope = testProvider('descope');

describe.each(SERVERS)('several presets under %s', (_name, server) => {
  test('take each their own tokens, and explain their refusals', async () => {
    const events: AuthEvent[] = [];
    const method = jwtAuth({
      methods: [okta.preset(), github.preset(), descope.preset()],
      exposeReason: true,
      onEvent: (event) => void events.push(event),
    });
    const ask = async (token: string) => {
      const { status, body } = await request(server(method)).get('/').set('Authorization', `Bearer ${token}`);
      return { status, method: body.principal?.method, detail: body.detail };
    };
    expect(await ask(await okta.simulator.token())).toMatchObject({ status: 200, method: 'okta' });
    expect(await ask(await github.simulator.token())).toMatchObject({ status: 200, method: 'githubActions' });
    expect(await ask(await descope.simulator.token({ iss: 'P2abc' }))).toMatchObject({
      status: 200,
      method: 'descope',
    });
    const other = await ask(await github.simulator.token({ repository_id: '75' }));
    expect(other).toMatchObject({
      status: 401,
      detail: expect.stringMatching(/repository_id.*list it in repositories/),
    });
    expect(JSON.stringify(events.at(-1))).toMatch(/repository_id/);
    await method.close();
  });
});
