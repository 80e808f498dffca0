import type { KongRecord } from '../kong-record.js';
import type { Warnings } from '../warnings.js';

/** A header that tells the application what stands in a claim. */
export interface ClaimHeader {
  /** Lower case. */
  readonly header: string;
  readonly path: readonly string[];
}

export const HEADER_FIELDS = [
  'upstream_access_token_header',
  'upstream_headers',
  'upstream_headers_claims',
  'upstream_headers_names',
];

/** Header in which the application finds the token that was verified. */
export interface AccessTokenHeader {
  /** Lower case. */
  readonly header: string;
  /** Written before the token, as `Bearer ` is. */
  readonly prefix: string;
}

/** Reads the `header:scheme` of the verified token; `undefined` where `null` says that the application gets none. */
export function readAccessTokenHeader(config: KongRecord): AccessTokenHeader | undefined {
  if (config.isNull('upstream_access_token_header')) return undefined;
  const [header = '', scheme = ''] = (config.text('upstream_access_token_header') ?? 'authorization:bearer').split(':');
  const prefix = scheme === '' ? '' : `${scheme.charAt(0).toUpperCase()}${scheme.slice(1)} `;
  return { header: header.toLowerCase(), prefix };
}

/** Reads Kong's older spelling: a list of claims and a list of headers that belong together by position. */
function pairedHeaders(config: KongRecord, warnings: Warnings): ClaimHeader[] {
  const claims = config.list('upstream_headers_claims') ?? [];
  const names = config.list('upstream_headers_names') ?? [];
  if (claims.length !== names.length)
    warnings.add(
      config,
      'upstream_headers_names',
      'has another length than upstream_headers_claims; the rest is left out',
    );
  return names.flatMap((header, index) => {
    const claim = claims[index];
    return claim === undefined ? [] : [{ header: header.toLowerCase(), path: [claim] }];
  });
}

/** Reads which claims become headers for the application. Of a header that is named twice, the last one counts. */
export function readClaimHeaders(config: KongRecord, warnings: Warnings): readonly ClaimHeader[] {
  const written = config.records('upstream_headers').map((record) => {
    const header = record.text('header');
    if (header === undefined) throw record.refusal('header', 'required field missing');
    return { header: header.toLowerCase(), path: record.list('path') ?? [] };
  });
  const byName = new Map([...pairedHeaders(config, warnings), ...written].map((entry) => [entry.header, entry]));
  return [...byName.values()];
}
