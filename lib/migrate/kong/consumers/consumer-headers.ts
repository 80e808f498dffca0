import type { IncomingMessage } from 'node:http';
import type { Principal } from '../../../principal/principal.js';
import { removeHeader, replaceHeader } from '../../../tokens/headers.js';

/** Headers by which applications behind Kong know who calls. */
export const CONSUMER_HEADERS = [
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-credential-identifier',
  'x-anonymous-consumer',
  'x-consumer-groups',
] as const;

/**
 * Encodes a text as Node shows a header that Kong wrote: its UTF-8 bytes, one character each. Control characters are
 * escaped, so that nothing ends the header early where the application passes it on.
 */
export function headerValue(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(/[^\t\x20-\x7e\x80-\xff]/g, encodeURIComponent);
}

/** Sets the headers of a consumer and clears those without a value, in `headers`, `rawHeaders` and `headersDistinct`. */
export function setConsumerHeaders(
  req: IncomingMessage,
  { type, consumer }: Principal,
  { credentialKey, showsGroups }: { credentialKey: string | undefined; showsGroups: boolean },
): void {
  const groups = showsGroups ? (consumer?.groups ?? []) : [];
  const values: Record<(typeof CONSUMER_HEADERS)[number], string | undefined> = {
    'x-consumer-id': consumer?.id,
    'x-consumer-custom-id': consumer?.customId,
    'x-consumer-username': consumer?.username,
    'x-credential-identifier': credentialKey,
    'x-anonymous-consumer': type === 'anonymous' ? 'true' : undefined,
    'x-consumer-groups': groups.length === 0 ? undefined : groups.join(', '),
  };
  for (const name of CONSUMER_HEADERS) {
    const value = values[name];
    if (value === undefined) removeHeader(req, name);
    else replaceHeader(req, name, headerValue(value));
  }
}
