import { deepFreeze } from './deep-freeze.js';
import type { JoseHeader } from './jose-header.js';

/** A signer writes the same header into every token, so few of them serve nearly all. */
const MAX_HEADERS = 256;
const MAX_LENGTH = 512;

const known = new Map<string, JoseHeader>();

/** A header that was read before out of this very segment; canonical, and past every check of the form gate. */
export function knownHeader(segment: string): JoseHeader | undefined {
  return known.get(segment);
}

/** Remembers a header for the tokens that share it. @param bytes what the segment stands for. */
export function rememberHeader(bytes: Buffer, header: JoseHeader): void {
  if (bytes.length > MAX_LENGTH) return;
  // Whoever sends invented ones makes us read again, and nothing worse.
  if (known.size >= MAX_HEADERS) known.clear();
  // Spelled anew: a slice of the token would keep all of it.
  deepFreeze(header);
  known.set(bytes.toString('base64url'), header);
}
