import { assertSeconds } from '../options/assertions.js';
import type { CredentialInfo } from './consumer.js';
import type { NewCredential } from './consumer-store.js';

const DEFAULT_GRACE = 86_400;
const MAX_GRACE = 31_536_000;

/**
 * When what was rotated ends at the latest; grace shortens a life and never extends it.
 * @throws ConfigurationError for what is not a number of seconds.
 */
export function endOfGrace(option: string, grace: number = DEFAULT_GRACE): Date {
  assertSeconds(`${option}.grace`, grace, { min: 0, max: MAX_GRACE });
  return new Date(Date.now() + grace * 1000);
}

/** The earlier of two ends. */
export function earlier(end: Date, other: Date | undefined): Date {
  return other !== undefined && other < end ? other : end;
}

/** A successor is what was asked for, and otherwise as the old credential was: one that was disabled stays disabled. */
export function successorOf(old: CredentialInfo, asked: NewCredential): NewCredential {
  const { algorithm = old.algorithm, tags = old.tags, enabled = old.enabled, ...others } = asked;
  return { algorithm, tags, enabled, ...others };
}
