import { readFile } from 'node:fs/promises';
import { Agent, validateHeaderName, validateHeaderValue } from 'node:http';
import { types } from 'node:util';
import { ConfigurationError } from '../errors/configuration-error.js';
import { type OutboundProxy, proxyAgent } from '../http/outbound-proxy.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** How keys and discovery documents are fetched. */
export interface KeyRequestOptions {
  /**
   * Headers for every fetch, such as `{ authorization: 'Bearer …' }`. They go to the origin of the configured address
   * and to no other: not to a `jwks_uri` that a discovery document names elsewhere.
   * @default none
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Path of a file with a bearer token, such as the projected service account token of a Kubernetes pod. It is read
   * again for each fetch, because such tokens are replaced, and goes where `headers` go.
   * @default none
   */
  bearerFile?: string | undefined;
  /**
   * Outbound proxy: its URL (`http:` or `https:`, with user name and password if it asks for them), or an `http.Agent`
   * of your own. A URL needs the package `https-proxy-agent`. Environment variables are not looked at.
   * @default none
   */
  proxy?: string | URL | Agent | undefined;
}

/** Resolved {@link KeyRequestOptions}, bound to the one origin that headers may be sent to. */
export interface KeyRequest {
  /** The headers for a URL: none where it is of another origin. */
  headersFor(url: URL): Promise<Readonly<Record<string, string>>>;
  /** The agent for one fetch; `undefined` without a proxy. */
  agentFor(signal: AbortSignal): Promise<Agent | undefined>;
}

const OPTION_NAMES = namesOf<KeyRequestOptions>()({ headers: true, bearerFile: true, proxy: true });
/** Headers that belong to the connection or to the fetch itself. */
const RESERVED = ['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'upgrade', 'accept-encoding'];
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

function assertHeader(option: string, name: string, value: unknown): void {
  try {
    validateHeaderName(name);
  } catch {
    throw new ConfigurationError(option, `expects names of headers, and ${JSON.stringify(name)} is none`);
  }
  if (RESERVED.includes(name.toLowerCase()))
    throw new ConfigurationError(`${option}.${name}`, 'is set by the fetch itself');
  assertNonEmptyString(`${option}.${name}`, value);
  try {
    validateHeaderValue(name, value);
  } catch {
    // The message of Node names the header only, and this one does the same: the value may be a secret.
    throw new ConfigurationError(`${option}.${name}`, 'has characters that no header may have, such as a line break');
  }
}

/**
 * Checks the option `headers`.
 * @throws {ConfigurationError} when they are no object of texts, or HTTP does not allow one.
 */
function resolveHeaders(option: string, headers: unknown = {}): Readonly<Record<string, string>> {
  // A Map and the Headers of fetch would seem to be empty.
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) {
    throw new ConfigurationError(option, 'expects an object of header names and values');
  }
  for (const [name, value] of Object.entries(headers)) assertHeader(option, name, value);
  return { ...headers };
}

/**
 * Resolves the option `proxy`.
 * @throws {ConfigurationError} when it is neither a URL nor an agent.
 */
function resolveProxy(option: string, proxy: unknown): OutboundProxy | undefined {
  if (proxy === undefined || proxy instanceof Agent) return proxy;
  const href = proxy instanceof URL ? proxy.href : proxy;
  assertNonEmptyString(option, href);
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  // Not quoted: the URL may hold a password.
  throw new ConfigurationError(option, 'expects an http: or https: URL, or an http.Agent');
}

async function readBearer(option: string, path: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (thrown) {
    const code = types.isNativeError(thrown) && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw new Error(`${option} cannot be read (${code})`);
  }
  if (!BEARER_TOKEN.test(text)) throw new Error(`${option} holds no bearer token`);
  return text;
}

/**
 * Checks how keys are fetched, and binds it to the configured address.
 * @param home the configured address; headers are sent to its origin only. Without one they are sent nowhere.
 * @throws {ConfigurationError} when an option is unknown or wrong.
 */
export function resolveKeyRequest(
  option: string,
  given: KeyRequestOptions | undefined,
  home?: URL,
): KeyRequest | undefined {
  if (given === undefined) return undefined;
  checkOptionNames(option, given, OPTION_NAMES);
  const { bearerFile } = given;
  const headers = resolveHeaders(`${option}.headers`, given.headers);
  const proxy = resolveProxy(`${option}.proxy`, given.proxy);
  if (bearerFile !== undefined) {
    assertNonEmptyString(`${option}.bearerFile`, bearerFile);
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization'))
      throw new ConfigurationError(
        `${option}.bearerFile`,
        'contradicts headers.authorization; leave one of the two out',
      );
  }
  return {
    async headersFor({ origin }) {
      if (origin !== home?.origin) return {};
      if (bearerFile === undefined) return headers;
      return { ...headers, authorization: `Bearer ${await readBearer(`${option}.bearerFile`, bearerFile)}` };
    },
    agentFor: async (signal) => (proxy === undefined ? undefined : proxyAgent(proxy, signal)),
  };
}
