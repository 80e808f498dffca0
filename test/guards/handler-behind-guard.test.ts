import { describe, expect, test } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import request from 'supertest';
import { type AuthenticatedRequest, oidcBearer, requirePrincipal, requireScopes } from '../../lib/index.js';
import { accessToken, staticOptions } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';

/** A handler that an application wrote once for all its routes; it compiles because the type says who is there. */
const whoAmI = (req: AuthenticatedRequest<Request>, res: Response) => res.json({ id: req.principal.id, at: req.path });

function application() {
  const app = express();
  app.use(oidcBearer({ ...staticOptions(), credentialsRequired: false }));
  app.get('/named', requirePrincipal().protect(whoAmI));
  app.get(
    '/inline',
    requireScopes('things:read').protect((req, res) => res.end(JSON.stringify({ id: req.principal.id }))),
  );
  app.get(
    '/failing',
    requirePrincipal().protect(async () => {
      throw new Error('the handler failed');
    }),
  );
  app.use(((_error, _req, res, _next) => {
    res.status(500).end();
  }) as express.ErrorRequestHandler);
  return app;
}

const get = (path: string, claims?: Record<string, unknown>) => {
  const call = request(application()).get(path);
  return claims === undefined ? call : call.set('Authorization', bearer(accessToken(claims)));
};

describe('a handler behind a guard', () => {
  test('sees the principal', async () => {
    const { status, body } = await get('/named', {});
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: expect.stringContaining('|alice'), at: '/named' });
  });

  test('runs for nobody whom the guard refuses', async () => {
    expect((await get('/named')).status).toBe(401);
    expect((await get('/inline', { scope: 'things:write' })).body.code).toBe('insufficient_scope');
    expect((await get('/inline', { scope: 'things:read' })).status).toBe(200);
  });

  test.each([undefined, 'handler', [whoAmI]])('is a function, and not %p', (handler) => {
    expect(() => requirePrincipal().protect(handler as never)).toThrow('requirePrincipal.protect');
  });

  test('fails as any handler of the application does', async () => {
    expect((await get('/failing', {})).status).toBe(500);
  });
});
