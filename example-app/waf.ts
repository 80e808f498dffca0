import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import cookieParser from 'cookie-parser';
import express, { type Express } from 'express';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Places } from './picture.js';

/** The header in which the WAF says who it is. */
export const WAF_HEADER = 'x-waf-jwt';

const KID = 'waf-1';
const COOKIE = 'waf-session';
/** People that the WAF knows. */
const PEOPLE: Readonly<Record<string, object>> = {
  ann: { sub: 'ann', name: 'Ann', email: 'ann@example.com', email_verified: true, groups: ['staff'] },
  gus: { sub: 'gus', name: 'Gus', email: 'gus@partner.example', email_verified: true, groups: ['guests'] },
};

/** Passes a request on with the WAF's token and without whatever the client has sent under that name. */
function passOn(req: IncomingMessage, res: ServerResponse, target: string, token: string | undefined): void {
  const own = Object.entries(req.headers).filter(([name]) => name.replaceAll('_', '-') !== WAF_HEADER);
  const headers = Object.fromEntries(token === undefined ? own : [...own, [WAF_HEADER, token]]);
  const upstream = request(target, { method: req.method, headers }, (answer) => {
    // Redirects too go to the browser as they are.
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  upstream.on('error', () => res.writeHead(502).end());
  req.pipe(upstream);
}

/** A stand-in for the WAF: it keeps the session, and tells whoever is behind it who it is, in a signed header. */
export async function makeWaf({ waf, oldApplication, provider }: Places): Promise<Express> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: KID, alg: 'ES256', use: 'sig' }];
  const sessions = new Map<string, object>();
  /** For one application and one minute, so that it is of no use anywhere else. */
  const tokenFor = async ({ cookies }: express.Request, audience: string) => {
    const person = sessions.get(cookies[COOKIE]);
    if (person === undefined) return undefined;
    const claims = new SignJWT({ ...person }).setProtectedHeader({ alg: 'ES256', kid: KID });
    return claims.setIssuer(waf).setAudience(audience).setIssuedAt().setExpirationTime('1m').sign(privateKey);
  };

  const app = express();
  app.use(cookieParser());
  app.get('/waf/keys', (_req, res) => void res.json({ keys }));
  app.post('/waf/login', express.urlencoded(), (req, res) => {
    const { person = '' } = req.body ?? {};
    if (!Object.hasOwn(PEOPLE, person)) return void res.sendStatus(401);
    const id = randomUUID();
    sessions.set(id, PEOPLE[person] ?? {});
    res.cookie(COOKIE, id, { httpOnly: true, sameSite: 'lax' }).redirect(303, '/');
  });
  app.post('/waf/logout', (req, res) => {
    sessions.delete(req.cookies[COOKIE]);
    res.clearCookie(COOKIE).redirect(303, '/');
  });
  // The JWT endpoint: the query goes through as it is, and the token never stands in a URL.
  app.get('/jwt', async (req, res) => {
    const { search } = new URL(req.originalUrl, waf);
    passOn(req, res, `${provider}/sign-in/jwt/authorize${search}`, await tokenFor(req, 'jwt-idp'));
  });
  app.use(async (req, res) => {
    passOn(req, res, `${oldApplication}${req.originalUrl}`, await tokenFor(req, 'old-application'));
  });
  return app;
}
