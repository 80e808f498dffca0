import { InvalidRequestError } from '../errors/auth-error.js';
import { isPlainRecord } from '../tokens/jose-header.js';
import type { AuthRequest } from '../tokens/request.js';

/** Twice the largest token, and some. */
const MAX_BYTES = 65_536;

/** The body as a JSON object, whether or not the application parses bodies. @throws InvalidRequestError `request_malformed` */
export async function readJsonBody(req: AuthRequest): Promise<Record<string, unknown>> {
  const body = req.body === undefined ? await parseBody(req) : req.body;
  if (!isPlainRecord(body)) throw new InvalidRequestError('request_malformed');
  return body;
}

async function parseBody(req: AuthRequest): Promise<unknown> {
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? ''))
    throw new InvalidRequestError('request_malformed');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new InvalidRequestError('request_malformed');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new InvalidRequestError('request_malformed');
  }
}
