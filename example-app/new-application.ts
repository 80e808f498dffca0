import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express, { type ErrorRequestHandler, type Express } from 'express';
import * as client from 'openid-client';
import { html, page } from './page.js';
import type { Places } from './picture.js';
import { CLIENT } from './provider.js';

const COOKIE = 'new-application';

/** What is remembered of a browser: first how it began to sign in, then who it is. */
type Session = { codeVerifier: string; state: string } | { name: string; email: string };

const failed: ErrorRequestHandler = (_error, _req, res, _next) => {
  res.status(400).send(page('Not signed in', html`<p><a href="/sign-in">Try again</a></p>`));
};

/** The new application: it knows nothing of WAFs, only a standard OpenID provider (authorization code with PKCE). */
export async function makeNewApplication({ provider, newApplication, waf }: Places): Promise<Express> {
  const config = await client.discovery(new URL(provider), CLIENT.id, CLIENT.secret, undefined, {
    // Plain http, on this machine alone.
    execute: [client.allowInsecureRequests],
  });
  const sessions = new Map<string, Session>();
  /** Under a new id at every step, so that nobody can plant one that they know. */
  const remember = (res: express.Response, session: Session) => {
    const id = randomUUID();
    sessions.set(id, session);
    res.cookie(COOKIE, id, { httpOnly: true, sameSite: 'lax' });
  };
  const app = express();
  app.use(cookieParser());
  app.get('/', (req, res) => {
    const session = sessions.get(req.cookies[COOKIE]);
    const body =
      session !== undefined && 'name' in session
        ? html`<p>You are ${session.name} (${session.email}).</p>`
        : html`<p>Nobody is signed in. <a href="/sign-in">Sign in</a></p>`;
    res.send(page('New application', html`${body}<p><a href="${waf}">Old application</a></p>`));
  });
  app.get('/sign-in', async (_req, res) => {
    const [codeVerifier, state] = [client.randomPKCECodeVerifier(), client.randomState()];
    remember(res, { codeVerifier, state });
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: `${newApplication}/callback`,
      scope: 'openid profile email',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    res.redirect(url.href);
  });
  app.get('/callback', async (req, res) => {
    const id = req.cookies[COOKIE];
    const session = sessions.get(id);
    if (session === undefined || !('state' in session)) throw new Error('this browser has not begun to sign in');
    sessions.delete(id);
    const tokens = await client.authorizationCodeGrant(config, new URL(req.originalUrl, newApplication), {
      pkceCodeVerifier: session.codeVerifier,
      expectedState: session.state,
      idTokenExpected: true,
    });
    const person = await client.fetchUserInfo(config, tokens.access_token, String(tokens.claims()?.sub));
    remember(res, { name: String(person.name), email: String(person.email) });
    res.redirect('/');
  });
  app.use(failed);
  return app;
}
