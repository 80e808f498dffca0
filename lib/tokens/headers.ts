import type { IncomingMessage } from 'node:http';

/** What a request says under one header name. */
export interface HeaderReading {
  readonly values: readonly string[];
  /** Whether it was also, or only, written with an underscore: an attempt to get past a proxy that knows the dash. */
  readonly aliased: boolean;
}

/** Headers that were taken off a request, so that a second method may still read them. */
const takenHeaders = new WeakMap<IncomingMessage, Map<string, HeaderReading>>();

/** Servers behind CGI-like gateways cannot tell `_` from `-`, so neither do we. */
function sameHeader(written: string, name: string): boolean {
  return written.length === name.length && written.toLowerCase().replaceAll('_', '-') === name;
}

function readRawHeader(req: IncomingMessage, name: string): HeaderReading {
  const values: string[] = [];
  let aliased = false;
  const raw = req.rawHeaders ?? [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const written = raw[index] ?? '';
    if (!sameHeader(written, name)) continue;
    aliased ||= written.includes('_');
    values.push(raw[index + 1] ?? '');
  }
  return { values, aliased };
}

/**
 * Every value that the client sent under a name (lower case, with dashes).
 *
 * `req.headers` keeps only the first `Authorization` and joins other duplicates, so the raw list is
 * what counts; where an earlier middleware replaced or removed the single value, that is what stands.
 */
export function readHeader(req: IncomingMessage, name: string): HeaderReading {
  const taken = takenHeaders.get(req)?.get(name);
  if (taken !== undefined) return taken;
  const raw = readRawHeader(req, name);
  if (raw.values.length > 1 || raw.aliased) return raw;
  const current = req.headers[name];
  if (current === undefined) return { values: [], aliased: false };
  return { values: typeof current === 'string' ? [current] : current, aliased: false };
}

/**
 * Removes a header, in every spelling, from `headers`, `rawHeaders` and `headersDistinct`. What
 * follows can then never mistake it for something that was checked.
 */
export function removeHeader(req: IncomingMessage, name: string): void {
  for (const record of [req.headers, req.headersDistinct as Record<string, unknown> | undefined]) {
    for (const written of Object.keys(record ?? {})) {
      if (record !== undefined && sameHeader(written, name)) delete record[written];
    }
  }
  const raw = req.rawHeaders ?? [];
  for (let index = raw.length - (raw.length % 2) - 2; index >= 0; index -= 2) {
    if (sameHeader(raw[index] ?? '', name)) raw.splice(index, 2);
  }
}

/** Removes a header from the request, keeping its values where only {@link readHeader} finds them. */
export function takeHeader(req: IncomingMessage, name: string): void {
  const taken = takenHeaders.get(req) ?? new Map<string, HeaderReading>();
  if (taken.has(name)) return;
  taken.set(name, readHeader(req, name));
  takenHeaders.set(req, taken);
  removeHeader(req, name);
}
