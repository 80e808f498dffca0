import { malformedRequest } from '../../errors/token-refusals.js';
import type { AuthRequest } from '../../tokens/request.js';
import { isPlainRecord } from '../../tokens/strict-json.js';

/**
 * Returns the body of a request as a JSON object, whether or not the application parses bodies.
 * @throws {InvalidRequestError} `request_malformed`.
 */
export async function readJsonBody(req: AuthRequest): Promise<Record<string, unknown>> {
  // Checked for parsed bodies too: other sites can make browsers send forms, but no JSON.
  assertMediaType(req, 'application/json');
  // Parsers that do not read a body set an empty object.
  const isParsed = isPlainRecord(req.body) && Object.keys(req.body).length > 0;
  const body = isParsed ? req.body : await parseBody(req);
  if (!isPlainRecord(body)) throw malformedRequest('the body is not a JSON object');
  return body;
}

async function parseBody(req: AuthRequest): Promise<unknown> {
  const text = await readBodyText(req, 'application/json');
  try {
    return JSON.parse(text);
  } catch {
    throw malformedRequest('the body is not JSON');
  }
}

const PARSER = 'A body parser in front has to leave its object in req.body.';

/** Largest body in bytes: several times the largest token. */
const MAX_BYTES = 65_536;

/**
 * Checks the media type of a body.
 * @throws {InvalidRequestError} `request_malformed`.
 */
function assertMediaType({ headers }: AuthRequest, mediaType: string): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== mediaType) throw malformedRequest(`the body is not ${mediaType}`);
}

/**
 * Reads a body that no parser of the application has read. The connection is kept if the body is too large, so that the
 * refusal can be sent.
 * @throws {InvalidRequestError} `request_malformed`.
 */
export async function readBodyText(req: AuthRequest, mediaType: string): Promise<string> {
  assertMediaType(req, mediaType);
  if (req.readableEnded) throw malformedRequest('the body was read by somebody else', { hint: PARSER });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw malformedRequest('the body did not come to its end', { cause });
  }
  if (size > MAX_BYTES) {
    // The rest must be read off, because the next request on this connection follows it.
    req.resume();
    throw malformedRequest(`the body has more than ${MAX_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
