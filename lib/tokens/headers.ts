import type { IncomingMessage } from 'node:http';

/** What a request says under one header name. */
export interface HeaderReading {
  readonly values: readonly string[];
  /** Whether `_` stood for `-` or the other way round: an attempt to get past a proxy that knows one of the two. */
  readonly aliased: boolean;
}

const NOTHING: HeaderReading = { values: [], aliased: false };

/** Headers that were taken off a request by their dashed names, so that a second method may still read them. */
export type TakenHeaders = ReadonlyMap<string, HeaderReading>;

/** Servers behind CGI-like gateways cannot tell `_` from `-`, so neither do we. */
export function dashedName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Whether a header's name as it was written is the one that is meant; `x-claim-*` means all that begin so. */
export function sameHeader(written: string, name: string): boolean {
  if (name.endsWith('*')) return dashedName(written).startsWith(dashedName(name.slice(0, -1)));
  return written.length === name.length && dashedName(written) === dashedName(name);
}

function readRawHeader({ rawHeaders: raw = [] }: IncomingMessage, name: string): HeaderReading {
  const values: string[] = [];
  let aliased = false;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const written = raw[index] ?? '';
    // Most headers differ in length already.
    if (written.length !== name.length) continue;
    const isExact = written.toLowerCase() === name;
    if (!isExact && !sameHeader(written, name)) continue;
    aliased ||= !isExact;
    values.push(raw[index + 1] ?? '');
  }
  return { values, aliased };
}

function readPresentHeader(req: IncomingMessage, name: string): HeaderReading {
  const raw = readRawHeader(req, name);
  if (raw.values.length > 1 || raw.aliased) return raw;
  const current = Object.hasOwn(req.headers, name) ? req.headers[name] : undefined;
  if (current === undefined) return NOTHING;
  if (current === raw.values[0]) return raw;
  return { values: typeof current === 'string' ? [current] : current, aliased: false };
}

/**
 * Every value that the client sent under a name (lower case, spelled as it is expected).
 *
 * `req.headers` keeps only the first `Authorization` and joins other duplicates, so the raw list is
 * what counts; where an earlier middleware replaced or removed the single value, that is what stands.
 * @param taken what a method has taken off the request, which counts where nothing stands in its place.
 */
export function readHeader(req: IncomingMessage, name: string, taken: TakenHeaders | undefined): HeaderReading {
  const present = readPresentHeader(req, name);
  return present.values.length > 0 ? present : (taken?.get(dashedName(name)) ?? present);
}

/**
 * Removes a header, in every spelling (`x-claim-*`: all that begin so), from `headers`, `rawHeaders` and `headersDistinct`. What
 * follows can then never mistake it for something that was checked.
 */
export function removeHeader(req: IncomingMessage, name: string): void {
  // Node computes both records from the raw list when they are first read, so they go first.
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

/** Leaves exactly one header of a name (lower case) on the request. */
export function replaceHeader(req: IncomingMessage, name: string, value: string): void {
  removeHeader(req, name);
  req.headers[name] = value;
  req.rawHeaders?.push(name, value);
  if (req.headersDistinct !== undefined) req.headersDistinct[name] = [value];
}
