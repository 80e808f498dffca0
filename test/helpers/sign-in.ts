import type { RequestListener } from 'node:http';
import request from 'supertest';
import { type JwtIdpOptions, jwtIdp, localToken } from '../../lib/index.js';
import { accessToken, type Signing } from './oidc-door.js';
import { bearer } from './requests.js';
import { app } from './servers.js';
import { WAF_HEADER, wafDoor } from './waf.js';

/** Address where the WAF receives browsers, with a query of its own. */
export const JWT_ENDPOINT = 'https://waf.example.com/jwt?tenant=blue%20team';
export const HOME = 'https://app.example.com/home';
export const SECRET = 'a secret of thirty-two bytes, at least';
export const BINDING_COOKIE = '__Host-sign-in';

export const session = localToken({
  keys: [{ kid: '1', algorithm: 'HS256', secret: 'another secret of thirty-two bytes, at least' }],
  issuer: 'https://app.example.com',
  cookie: true,
});

/** A token as the WAF signs it. */
export const wafToken = (claims: Record<string, unknown> = {}, signing: Signing = {}) => accessToken(claims, signing);

export function idpOptions(options: Partial<JwtIdpOptions> = {}): JwtIdpOptions {
  const method = wafDoor();
  const allowedReturnUrls = [HOME, '/orders', 'https://app.example.com/'];
  return { jwtEndpoint: JWT_ENDPOINT, method, session, secret: SECRET, allowedReturnUrls, ...options };
}

/** Application that browsers sign in to, with precise codes. */
export const signInApp = (options: Partial<JwtIdpOptions> = {}): RequestListener =>
  app(jwtIdp(idpOptions({ exposeReason: true, ...options })), session);

/** Answer to a browser. */
export interface Page {
  readonly status: number;
  readonly code: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Browser for sign-ins: it keeps cookies, and follows no redirect by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #app: RequestListener | string;

  /**
   * Creates a browser without cookies.
   * @param app application to send requests to, or its address.
   */
  constructor(app: RequestListener | string) {
    this.#app = app;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { ...(cookie === '' ? {} : { cookie }), ...headers };
    const answer = await request(this.#app).get(path).set(sent);
    for (const line of answer.get('Set-Cookie') ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const { status, text, body } = answer;
    return { status, code: body?.code, location: answer.headers.location, text, headers: answer.headers };
  }

  /** Begins a sign-in, and returns the query that the WAF passes on. */
  async begin({ path = '', returnTo }: { path?: string; returnTo?: string } = {}): Promise<URLSearchParams> {
    const query = returnTo === undefined ? '' : `?${new URLSearchParams({ return_to: returnTo })}`;
    const { location, text } = await this.get(`${path}/login${query}`);
    if (location === undefined) throw new Error(`no redirect: ${text}`);
    return queryOf(location);
  }

  /** Sends the request of the WAF, with its token. */
  viaWaf(query: URLSearchParams, token: string | undefined, path = ''): Promise<Page> {
    return this.get(`${path}/jwt/authorize?${query}`, token === undefined ? {} : { [WAF_HEADER]: bearer(token) });
  }

  /** Runs the whole sign-in. */
  async signIn(token: string, { path = '', returnTo }: { path?: string; returnTo?: string } = {}): Promise<Page> {
    const page = await this.viaWaf(
      await this.begin({ path, ...(returnTo === undefined ? {} : { returnTo }) }),
      token,
      path,
    );
    return page.location === undefined ? page : this.get(page.location);
  }
}

/** The two parameters that a redirect carries. */
export function queryOf(location: string): URLSearchParams {
  const { searchParams } = new URL(location, 'https://app.example.com');
  const pick = (name: string) => searchParams.get(name) ?? '';
  return new URLSearchParams({ authRequestID: pick('authRequestID'), userAgentID: pick('userAgentID') });
}

/** Returns the address of the redirect, or status and code of the refusal. */
export const outcome = ({ status, code, location }: Page): string => location ?? `${status} ${code}`;
