import { sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import { algorithmSpec } from '../keys/algorithms.js';
import { type IssuerAlgorithm, type IssuerKey, IssuerKeys } from './issuer-key-pairs.js';
import { IssuerServer } from './issuer-server.js';
import type { TokenClaims } from './mint-token.js';
import type { WafFault, WafKeyPlace, WafSimulator, WafTokenShape } from './waf-contract.js';

/** Times of a token, in seconds since the epoch. */
interface WafTimes {
  readonly iat: number;
  readonly exp: number;
}

/** Header and claims of a token before it is signed. */
export interface WafToken {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: TokenClaims;
}

/** Tokens and keys of one product. `Own` has the settings that differ per customer. */
export interface WafProduct<Own> {
  readonly header: string;
  readonly algorithm: IssuerAlgorithm & ('ES256' | 'ES384' | 'RS256');
  /** Lifetime of its tokens in seconds. */
  readonly lifetime: number;
  /** Path of its key set, or with `{kid}` of one PEM file per key. */
  readonly keyPath: string;
  /** Whether the segments of its tokens are padded with `=`; the padding is part of the signed bytes. */
  readonly padded?: boolean;
  /** Builds its key set, if that has more members than `keys`. */
  readonly keySet?: (keys: readonly JWK[]) => object;
  /** Settings of an example customer. */
  readonly own: Own;
  /** Differences of a token for another customer's application. */
  readonly elsewhere: WafToken;
  /** Builds a token for a person. */
  readonly issue: (own: Own, times: WafTimes) => WafToken;
}

const HOUR = 3600;

function timesOf(lifetime: number, fault: WafFault | undefined): WafTimes {
  const shift = fault === 'future-issue' ? HOUR : fault === 'past-expiration' ? -HOUR - lifetime : 0;
  const iat = Math.floor(Date.now() / 1000) + shift;
  return { iat, exp: iat + lifetime };
}

function segment(content: object | Buffer, padded: boolean): string {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const text = bytes.toString('base64url');
  return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
}

function signed({ header, claims }: Required<WafToken>, key: IssuerKey, padded: boolean, forged: boolean): string {
  const input = `${segment(header, padded)}.${segment(claims, padded)}`;
  const spec = algorithmSpec(key.algorithm);
  const hash = 'hash' in spec ? spec.hash : null;
  const bytes = Buffer.from(forged ? `${input} ` : input);
  return `${input}.${segment(sign(hash, bytes, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }), padded)}`;
}

class HttpWafSimulator<Own extends object> implements WafSimulator<Own & WafKeyPlace> {
  readonly header: string;
  readonly #product: WafProduct<Own>;
  readonly #own: Own;
  readonly #keys: IssuerKeys;
  readonly #server = new IssuerServer((req, res) => this.#serve(req, res), undefined);
  #keyRequests = 0;

  constructor(product: WafProduct<Own>, own: Partial<Own>) {
    this.#product = product;
    this.#own = { ...product.own, ...own };
    this.#keys = new IssuerKeys([product.algorithm]);
    this.header = product.header;
  }

  get options(): Own & WafKeyPlace {
    const { keyPath } = this.#product;
    const url = `${this.#server.origin}${keyPath}`;
    return { ...this.#own, ...(keyPath.includes('{kid}') ? { pemPerKid: url } : { jwksUri: url }) };
  }

  get keyRequests(): number {
    return this.#keyRequests;
  }

  async token(claims: TokenClaims = {}, { header = {}, fault }: WafTokenShape = {}): Promise<string> {
    const { issue, lifetime, elsewhere, padded = false } = this.#product;
    const key = this.#keys.signingKey();
    const issued = issue(this.#own, timesOf(lifetime, fault));
    const otherIssuer = fault === 'issuer' ? { iss: 'https://elsewhere.example.com' } : {};
    const otherAudience = fault === 'audience' ? elsewhere : {};
    const standard = { alg: key.algorithm, typ: 'JWT', kid: key.kid, ...issued.header };
    const namesIssuer = issued.header?.iss !== undefined;
    const token = {
      header: { ...standard, ...(namesIssuer ? otherIssuer : {}), ...otherAudience.header, ...header },
      claims: { ...issued.claims, ...otherIssuer, ...otherAudience.claims, ...claims },
    };
    return signed(token, key, padded, fault === 'signature');
  }

  rotate({ keepOld = true }: { keepOld?: boolean } = {}): Promise<void> {
    return this.#keys.rotate(keepOld);
  }

  async start(): Promise<void> {
    if (this.#keys.published.length === 0) await this.rotate();
    await this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  close(): Promise<void> {
    return this.#server.stop();
  }

  #serve({ url = '' }: IncomingMessage, res: ServerResponse): void {
    this.#keyRequests += 1;
    const { keyPath, keySet = (keys) => ({ keys }) } = this.#product;
    const key = this.#keys.published.find(({ kid }) => keyPath.replace('{kid}', kid) === url);
    if (url === keyPath) {
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify(keySet(this.#keys.toJwks().keys)));
    } else if (key !== undefined) {
      res.end(key.publicKey.export({ type: 'spki', format: 'pem' }));
    } else {
      res.writeHead(404).end();
    }
  }
}

/** Starts a simulator of a product for a customer. */
export async function startWafSimulator<Own extends object>(
  product: WafProduct<Own>,
  own: Partial<Own>,
): Promise<WafSimulator<Own & WafKeyPlace>> {
  const simulator = new HttpWafSimulator(product, own);
  await simulator.start();
  return simulator;
}
