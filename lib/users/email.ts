import { domainToASCII, domainToUnicode } from 'node:url';

/** An address in the one form in which addresses are compared. */
export interface Email {
  /** Local part in ASCII lower case, domain in ASCII (IDNA). */
  readonly normalized: string;
  readonly domain: string;
}

/** RFC 5321 section 4.5.3.1.3, less the angle brackets. */
const MAX_LENGTH = 254;
/**
 * What no address needs and parsers disagree about is left out: controls, spaces, quotes, commas, brackets,
 * backslashes. Non-ASCII local parts are refused too: folding them (U+212A KELVIN SIGN to `k`, full-width letters)
 * makes one person's address another's.
 */
const LOCAL_PART = /^[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~.]+$/;
/** Letters, digits and hyphens in labels, and no address of a machine, which IDNA would rewrite, at the end. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * A domain name in ASCII. What IDNA would repair (full-width letters and dots, soft hyphens, U+212A) is not what its
 * owner registered: but for its case, a name must come back as it was written.
 */
export function asciiDomain(written: string): string | undefined {
  const domain = domainToASCII(written);
  const folded = written.toLowerCase();
  // U+212A is the one sign whose lower case is an ASCII letter.
  const isAsWritten = !written.includes('\u212a') && [domain, domainToUnicode(domain)].includes(folded);
  return isAsWritten && DOMAIN.test(domain) ? domain : undefined;
}

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
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === undefined || !LOCAL_PART.test(local)) return undefined;
  const normalized = `${local.toLowerCase()}@${domain}`;
  return normalized.length > MAX_LENGTH ? undefined : { normalized, domain };
}

/** Whether a domain is on a list of exact names and `*.example.com` patterns. */
export function isAllowedDomain(domain: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => (entry.startsWith('*.') ? domain.endsWith(entry.slice(1)) : domain === entry));
}
