import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express, { type ErrorRequestHandler, type Express } from 'express';
import * as client from 'openid-client';
import { html, page } from './page.js';
import type { Places } from './picture.js';
import { CLIENT } from './provider.js';

const COOKIE = 'new-application';
/** One cookie per sign-in, so that two tabs can begin one each. It stays in this browser, and so does its verifier. */
const cookieOf = (state: unknown) => `${COOKIE}.${String(state)}`;
const TRANSIENT = { httpOnly: true, sameSite: 'lax', path: '/callback', maxAge: 300_000 } as const;

/** Who is signed in. */
interface Session {
  readonly name: string;
  readonly email: string;
}

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
  const app = express();
  app.use(cookieParser());
  app.get('/', (req, res) => {
    const session = sessions.get(req.cookies[COOKIE]);
    const body =
      session === undefined
        ? html`<p>Nobody is signed in. <a href="/sign-in">Sign in</a></p>`
        : html`<p>You are ${session.name} (${session.email}).</p>`;
    res.send(page('New application', html`${body}<p><a href="${waf}">Old application</a></p>`));
  });
  app.get('/sign-in', async (_req, res) => {
    const [codeVerifier, state] = [client.randomPKCECodeVerifier(), client.randomState()];
    res.cookie(cookieOf(state), codeVerifier, TRANSIENT);
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
    const { state } = req.query;
    const pkceCodeVerifier = req.cookies[cookieOf(state)];
    if (pkceCodeVerifier === undefined) throw new Error('this browser has not begun to sign in');
    res.clearCookie(cookieOf(state), TRANSIENT);
    const tokens = await client.authorizationCodeGrant(config, new URL(req.originalUrl, newApplication), {
      pkceCodeVerifier,
      // Ours, because the cookie of that name is.
      expectedState: String(state),
      idTokenExpected: true,
    });
    const person = await client.fetchUserInfo(config, tokens.access_token, String(tokens.claims()?.sub));
    // Under a new id, so that nobody can plant one that they know.
    const id = randomUUID();
    sessions.set(id, { name: String(person.name), email: String(person.email) });
    res.cookie(COOKIE, id, { httpOnly: true, sameSite: 'lax' });
    res.redirect('/');
  });
  app.use(failed);
  return app;
}
