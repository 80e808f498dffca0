import { domainToASCII, domainToUnicode } from 'node:url';

/** E-mail address in the form in which addresses are compared. */
export interface Email {
  /** Local part in ASCII lower case, domain in ASCII (IDNA). */
  readonly normalized: string;
  readonly domain: string;
}

/** Longest address in characters: a path of RFC 5321 section 4.5.3.1.3 without its angle brackets. */
const MAX_LENGTH = 254;
/**
 * Pattern of a local part. Characters that no address needs and parsers disagree about are left out: controls, spaces,
 * quotes, commas, brackets, backslashes. Non-ASCII local parts are refused too, because folding them (U+212A KELVIN
 * SIGN to `k`, full-width letters) turns one person's address into another's.
 */
const LOCAL_PART = /^[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~.]+$/;
/**
 * Pattern of a domain: labels of letters, digits and hyphens, the last one with a letter, so that IDNA does not read
 * the domain as an IP address.
 */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Converts a domain name to ASCII; `undefined` where it is none. Names that IDNA would repair (full-width letters and
 * dots, soft hyphens, U+212A) are refused, because the repaired name is not the one its owner registered; only upper
 * case is folded.
 */
export function asciiDomain(written: string): string | undefined {
  const domain = domainToASCII(written);
  const folded = written.toLowerCase();
  // U+212A is the only non-ASCII character whose lower case is an ASCII letter.
  const isAsWritten = !written.includes('\u212a') && [domain, domainToUnicode(domain)].includes(folded);
  return isAsWritten && DOMAIN.test(domain) ? domain : undefined;
}

/**
 * Normalizes an address to the form in which it is stored and compared; `undefined` if it is none. It needs exactly one
 * `@`, an ASCII local part, and a domain that IDNA accepts. Nothing is repaired or stripped: no NFKC, no plus or dot
 * rules. SQL would do this by the database's locale, so it is done here.
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
