import type { IncomingMessage } from 'node:http';
import { removeHeader, takeHeader } from '../tokens/headers.js';
import type { TokenSource } from '../tokens/token-source.js';

const cleared = new WeakMap<IncomingMessage, Set<string>>();

/** What came from outside goes, once; what one method has written since is not for the next one to remove. */
function clearOwnHeader(req: IncomingMessage, name: string): void {
  const names = cleared.get(req) ?? new Set<string>();
  if (names.has(name)) return;
  removeHeader(req, name);
  cleared.set(req, names.add(name));
}

/** Takes the headers that speak of identity off a request; the methods that read them still find them. */
export function clearIdentityHeaders(
  req: IncomingMessage,
  { sources, ownHeaders = [] }: { sources: readonly TokenSource[]; ownHeaders?: readonly string[] },
): void {
  for (const { identityHeader } of sources) if (identityHeader !== undefined) takeHeader(req, identityHeader);
  for (const header of ownHeaders) clearOwnHeader(req, header);
}
