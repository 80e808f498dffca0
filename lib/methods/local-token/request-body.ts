import { InvalidRequestError } from '../../errors/auth-error.js';
import { isPlainRecord } from '../../tokens/jose-header.js';
import type { AuthRequest } from '../../tokens/request.js';

/** The body as a JSON object, whether or not the application parses bodies. @throws InvalidRequestError `request_malformed` */
export async function readJsonBody(req: AuthRequest): Promise<Record<string, unknown>> {
  // Also where another parser has read it: browsers send forms across sites unasked, but no JSON.
  assertMediaType(req, 'application/json');
  // Parsers that leave a body alone put an empty object in its place.
  const isParsed = isPlainRecord(req.body) && Object.keys(req.body).length > 0;
  const body = isParsed ? req.body : await parseBody(req);
  if (!isPlainRecord(body)) throw new InvalidRequestError('request_malformed');
  return body;
}

async function parseBody(req: AuthRequest): Promise<unknown> {
  const text = await readBodyText(req, 'application/json');
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidRequestError('request_malformed');
  }
}

/** Several times the largest token. */
const MAX_BYTES = 65_536;

/** @throws InvalidRequestError `request_malformed` */
function assertMediaType({ headers }: AuthRequest, mediaType: string): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== mediaType) throw new InvalidRequestError('request_malformed');
}

/**
 * Reads a body that no parser of the application has read. The request is left whole when the body is too large, so
 * that the refusal can still be sent.
 * @throws InvalidRequestError `request_malformed`
 */
export async function readBodyText(req: AuthRequest, mediaType: string): Promise<string> {
  assertMediaType(req, mediaType);
  if (req.readableEnded) throw new InvalidRequestError('request_malformed');
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new InvalidRequestError('request_malformed', { cause });
  }
  if (size > MAX_BYTES) {
    // Nobody reads the rest, and the next request on this connection stands behind it.
    req.resume();
    throw new InvalidRequestError('request_malformed');
  }
  return Buffer.concat(chunks).toString('utf8');
}
