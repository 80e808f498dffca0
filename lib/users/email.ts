import { domainToASCII } from 'node:url';

/** An address in the one form in which addresses are compared. */
export interface Email {
  /** Local part in ASCII lower case, domain in ASCII (IDNA). */
  readonly normalized: string;
  readonly domain: string;
}

const MAX_LENGTH = 254;
/**
 * What no address needs and parsers disagree about: controls, spaces, quotes, commas, angle brackets, backslashes.
 * Non-ASCII local parts are refused too: folding them (U+212A KELVIN SIGN to `k`, full-width letters) makes one
 * person's address another's.
 */
const LOCAL_PART = /^[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~.]+$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * Brings an address into the form in which it is stored and compared, or `undefined` if it is none: exactly one
 * `@`, an ASCII local part, a domain that IDNA accepts. Nothing is repaired, nothing is stripped, no NFKC, no
 * plus or dot tricks. Done here and never in SQL, where it would depend on the database's locale.
 */
export function normalizeEmail(address: unknown): Email | undefined {
  if (typeof address !== 'string' || address.length > MAX_LENGTH) return undefined;
  const at = address.indexOf('@');
  if (at <= 0 || at !== address.lastIndexOf('@')) return undefined;
  const local = address.slice(0, at);
  const written = address.slice(at + 1);
  // A domain that IDNA would have to repair (full-width dots, soft hyphens) is not what its owner registered.
  if (!LOCAL_PART.test(local) || /[\s\u00ad\u200b-\u200f\u2060\u3002\uff0e\uff61\ufeff%]/.test(written))
    return undefined;
  const domain = domainToASCII(written);
  if (!DOMAIN.test(domain) || domain.includes('..')) return undefined;
  return { normalized: `${local.toLowerCase()}@${domain}`, domain };
}

/** Whether a domain is on a list of exact names and `*.example.com` patterns. */
export function isAllowedDomain(domain: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => (entry.startsWith('*.') ? domain.endsWith(entry.slice(1)) : domain === entry));
}
