import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString } from '../options/assertions.js';

/** Texts that no token writes as its issuer, and what is wrong with them. */
const NO_ISSUER: readonly (readonly [looks: RegExp, problem: string])[] = [
  [/^\s|\s$/, 'begins or ends with a space, which no token does'],
  [/^["'].*["']$/, 'has quotes around it, which no token has; take them out of the variable'],
  [
    /^\*$/,
    'is compared letter by letter and no pattern; name the issuer, or several as a list, or answer by issuers()',
  ],
  [/^https?:\/\/(?:undefined|null)\b/, 'contains "undefined": is the environment variable set?'],
  [
    /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers)\b/,
    "is an address for many tenants, which no token names; write issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' with tenants: [...]",
  ],
  [/\$\{|\{\{/, 'contains a placeholder that nothing has replaced'],
  [
    /\/\.well-known\/(?:openid-configuration|oauth-authorization-server|jwks)\b/,
    'is the address of its document; give the issuer that stands in there',
  ],
];

/** An issuer may be any text (RFC 7519 section 4.1.1); a URL has no query and no fragment (RFC 8414 section 2). */
export function assertIssuer(option: string, issuer: unknown): asserts issuer is string {
  assertNonEmptyString(option, issuer);
  const [, problem] = NO_ISSUER.find(([looks]) => looks.test(issuer)) ?? [];
  if (problem !== undefined) throw new ConfigurationError(option, problem);
  if (/^https?:/i.test(issuer) && /[?#]/.test(issuer)) {
    throw new ConfigurationError(option, 'must not have a query or a fragment');
  }
}

/**
 * Refuses audiences that no token could ever have, which are meant otherwise.
 *
 * @throws {ConfigurationError} when it is not.
 */
export function assertAudiences(option: string, audiences: readonly string[]): void {
  if (audiences.length === 0) throw new ConfigurationError(option, 'names nobody, so no token could ever be for us');
  if (audiences.includes('*'))
    throw new ConfigurationError(
      option,
      'is compared letter by letter and no pattern; null says that it is not checked',
    );
  if (audiences.some((audience) => audience !== audience.trim()))
    throw new ConfigurationError(option, 'begins or ends with a space, which no token does');
}
