import { InvalidTokenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { configuredUrl } from '../keys/remote-url.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';

/** Another login service, such as ZITADEL, that uses `/jwt/authorize` as its JWT endpoint. */
export interface LoginServiceOptions {
  /** URL that accepts the WAF's token: ZITADEL's `/ui/login/login/jwt/authorize` or `/idps/jwt`. */
  url: string;
  /**
   * Header in which the service expects the token.
   * @default 'authorization'
   */
  header?: string | undefined;
}

/**
 * Forwards a sign-in to its login service, and returns the URL that the service redirects to.
 * @throws {AuthError} when the service refuses it (`exchange_rejected`) or cannot be asked (`exchange_unavailable`).
 */
export type Forward = (query: string, token: string) => Promise<string>;

const TIMEOUT = 5000;
// RFC 9110 section 5.6.2
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

async function ask(url: string, headers: Record<string, string>): Promise<Response> {
  try {
    const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT) });
    await answer.body?.cancel();
    return answer;
  } catch {
    // Without the cause, which may contain the token.
    throw new ServiceUnavailableError('exchange_unavailable');
  }
}

function destination(base: string, { status, headers }: Response): string {
  const location = headers.get('location');
  const isRedirect = status >= 300 && status < 400 && location !== null;
  if (isRedirect && URL.canParse(location, base)) {
    const { protocol, href } = new URL(location, base);
    if (protocol === 'https:' || protocol === 'http:') return href;
  }
  if (status >= 400 && status < 500 && status !== 429) throw new InvalidTokenError('exchange_rejected');
  throw new ServiceUnavailableError('exchange_unavailable');
}

/**
 * Resolves {@link LoginServiceOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function resolveLoginService(option: string, given: LoginServiceOptions): Forward {
  checkOptionNames(option, given, namesOf<LoginServiceOptions>()({ url: true, header: true }));
  const { header = 'authorization' } = given;
  const { href, hash } = configuredUrl(`${option}.url`, given.url);
  if (hash !== '') throw new ConfigurationError(`${option}.url`, 'expects a URL without a fragment');
  assertNonEmptyString(`${option}.header`, header);
  if (!HEADER_NAME.test(header)) throw new ConfigurationError(`${option}.header`, 'expects a header name');
  const separator = href.includes('?') ? '&' : '?';
  return async (query, token) => {
    const url = `${href}${separator}${query}`;
    return destination(url, await ask(url, { [header]: `Bearer ${token}`, accept: 'text/html' }));
  };
}
