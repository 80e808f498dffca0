import { createHash } from 'node:crypto';

/** Namespace of all ids that Kong derives for entities of a declarative configuration. */
const KONG_NAMESPACE = 'fd02801f-0957-4a15-a55a-c8d9606f30b5';

/** Derives a UUID of version 5 ([RFC 9562 section 5.5](https://www.rfc-editor.org/rfc/rfc9562#section-5.5)). */
function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Derives the id that Kong without a database gives to an entity whose configuration names none. It follows from the
 * name alone, so `X-Consumer-ID` stays what applications have seen so far, on every node and after every restart.
 */
export function kongId(entity: 'consumers' | 'jwt_secrets' | 'keyauth_credentials', name: string): string {
  return uuidV5(uuidV5(KONG_NAMESPACE, entity), name);
}
