import { assertSeconds } from '../options/assertions.js';
import type { CredentialInfo } from './consumer.js';
import type { NewCredential } from './consumer-store.js';

const DEFAULT_GRACE = 86_400;
const MAX_GRACE = 31_536_000;

/**
 * End of the grace period of a rotated credential or API key. It may shorten a validity and never extends it.
 * @throws {ConfigurationError} when `grace` is not a number of seconds from 0 to one year.
 */
export function endOfGrace(option: string, grace: number = DEFAULT_GRACE): Date {
  assertSeconds(`${option}.grace`, grace, { min: 0, max: MAX_GRACE });
  return new Date(Date.now() + grace * 1000);
}

/** The earlier of two times; `undefined` is never. */
export function earlier(end: Date, other: Date | undefined): Date {
  return other !== undefined && other < end ? other : end;
}

/** Fields of the successor of a credential: as asked, else as the old one has them; it stays disabled, for example. */
export function successorOf(old: CredentialInfo, asked: NewCredential): NewCredential {
  const { algorithm = old.algorithm, tags = old.tags, enabled = old.enabled, ...others } = asked;
  return { algorithm, tags, enabled, ...others };
}
