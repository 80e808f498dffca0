import type { IncomingMessage } from 'node:http';

/** Values of a request under one header name. */
export interface HeaderReading {
  readonly values: readonly string[];
  /**
   * Whether the name was written with `_` for `-` or the other way round, which may bypass a proxy that knows one
   * spelling.
   */
  readonly aliased: boolean;
}

const NOTHING: HeaderReading = { values: [], aliased: false };

/** Headers removed from a request, by their dashed names, so that a second method can still read them. */
export type TakenHeaders = ReadonlyMap<string, HeaderReading>;

/**
 * Writes a header name in lower case with `-` for `_`, because servers behind CGI-like gateways cannot tell them apart.
 */
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
    // A quick check: most headers differ in length.
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
 * Returns every value that the client sent under a name (lower case, spelled as expected).
 *
 * `req.headers` keeps only the first `Authorization` and joins other duplicates, so `rawHeaders` decides. Where an
 * earlier middleware replaced or removed a single value, its change counts.
 * @param taken headers that a method removed from the request; they count where the request has no value.
 */
export function readHeader(req: IncomingMessage, name: string, taken: TakenHeaders | undefined): HeaderReading {
  const present = readPresentHeader(req, name);
  return present.values.length > 0 ? present : (taken?.get(dashedName(name)) ?? present);
}

/**
 * Removes a header in every spelling (`x-claim-*`: every name with this beginning) from `headers`, `rawHeaders` and
 * `headersDistinct`, so that handlers cannot take a client's value for a verified one.
 */
export function removeHeader(req: IncomingMessage, name: string): void {
  // Node computes both records from `rawHeaders` on first read, so they are changed first.
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

/** Replaces all headers of a name (lower case) by one. */
export function replaceHeader(req: IncomingMessage, name: string, value: string): void {
  removeHeader(req, name);
  req.headers[name] = value;
  req.rawHeaders?.push(name, value);
  if (req.headersDistinct !== undefined) req.headersDistinct[name] = [value];
}
