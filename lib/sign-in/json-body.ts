import { InvalidRequestError } from '../errors/auth-error.js';
import { isPlainRecord } from '../tokens/jose-header.js';
import type { AuthRequest } from '../tokens/request.js';
import { assertMediaType, readBodyText } from './request-body.js';

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
