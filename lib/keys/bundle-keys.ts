import { readFile } from 'node:fs/promises';
import { isPlainRecord } from '../tokens/strict-json.js';
import { type FetchedJson, fetchJson } from './fetch-json.js';
import { resolveKeyRequest } from './key-request.js';
import type { KeySource } from './key-source.js';
import { type RemoteKeyOptions, RemoteKeys } from './remote-keys.js';
import { configuredUrl } from './remote-url.js';

/** The keys of a bundle that sign JWT-SVIDs, as a key set (SPIFFE Trust Domain and Bundle section 4.2.2). */
function signingKeys({ json, ...fetched }: FetchedJson): FetchedJson {
  if (!isPlainRecord(json) || !Array.isArray(json.keys)) throw new Error('this is not a bundle of a trust domain');
  const keys = json.keys.filter((key: unknown) => isPlainRecord(key) && key.use === 'jwt-svid');
  return { ...fetched, json: { ...json, keys: keys.map(({ use: _use, ...key }) => key) } };
}

async function readBundle(path: string): Promise<FetchedJson> {
  return { json: JSON.parse(await readFile(path, 'utf8')), maxAge: undefined };
}

/**
 * Creates a source of the keys of a SPIFFE trust domain, out of a bundle that is fetched or read from a file. Nothing is
 * read before the first token, or `ready()`.
 * @throws {ConfigurationError} when the URL may not be fetched, or another option is wrong.
 */
export function bundleKeys(
  option: string,
  bundle: string,
  options: RemoteKeyOptions & { readonly dangerouslyAllowHttp?: boolean | undefined },
): KeySource {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(bundle))
    return new RemoteKeys(bundle, options, async () => signingKeys(await readBundle(bundle)));
  const url = configuredUrl(option, bundle, options.dangerouslyAllowHttp);
  const how = { ca: options.ca, keyRequest: resolveKeyRequest('keyRequest', options.keyRequest, url) };
  return new RemoteKeys(url.href, options, async (signal) => signingKeys(await fetchJson(url, { ...how, signal })));
}
