import type { TokenClaims } from './mint-token.js';
import type { WafSimulator, WafTokenShape } from './waf-contract.js';
import { startWafSimulator, type WafProduct, type WafToken } from './waf-simulator.js';

/** Kinds of tokens that a simulated provider signs. */
export type OidcTokenKind = 'person' | 'program' | 'id-token';

/** Differences of a simulated token from the provider's usual one. */
export interface OidcTokenShape extends WafTokenShape {
  /**
   * Kind of the token: a person's, a program's, or the ID token of a sign-in, which most providers
   * give to a client beside the access token.
   * @default 'person', or for the platforms of workloads 'program'
   */
  as?: OidcTokenKind;
}

/** Simulator of a provider: it signs tokens and publishes keys as the provider does. */
export interface OidcSimulator<Options> extends Omit<WafSimulator<Options>, 'header' | 'token'> {
  /**
   * Signs a token as the provider writes it. `claims` are added or replaced; `undefined` removes one.
   * @throws {TypeError} when the provider has no tokens of that kind.
   */
  token(claims?: TokenClaims, shape?: OidcTokenShape): Promise<string>;
}

/** Tokens and keys of one provider. `Own` has the options that differ per customer. */
export interface OidcProduct<Own> extends Omit<WafProduct<Own>, 'header' | 'padded'> {
  /** Differences of a program's token; `'only'`: all tokens are programs'. */
  readonly program?: ((own: Own) => WafToken) | 'only';
  /** Differences of an ID token. */
  readonly idToken?: (own: Own) => WafToken;
}

const USUAL: WafToken = {};

function variantOf<Own>({ program, idToken }: OidcProduct<Own>, own: Own, as: OidcTokenKind): WafToken {
  const isUsual = program === 'only' ? as === 'program' : as === 'person';
  if (isUsual) return USUAL;
  const make = as === 'id-token' ? idToken : as === 'program' ? program : undefined;
  if (typeof make !== 'function') throw new TypeError(`this provider has no token of the kind "${as}"`);
  return make(own);
}

/** Starts a simulator of a provider for a customer. */
export async function startOidcSimulator<Own extends object>(
  product: OidcProduct<Own>,
  own: Partial<Own>,
): Promise<OidcSimulator<Own & { jwksUri: string }>> {
  const simulator = await startWafSimulator({ ...product, header: 'authorization' }, own);
  const usual = product.program === 'only' ? 'program' : 'person';
  return {
    // A provider has one key set, never one PEM per key.
    options: simulator.options as Own & { jwksUri: string },
    get keyRequests() {
      return simulator.keyRequests;
    },
    async token(claims = {}, { as = usual, header = {}, ...shape } = {}) {
      const variant = variantOf(product, { ...product.own, ...own }, as);
      return simulator.token({ ...variant.claims, ...claims }, { ...shape, header: { ...variant.header, ...header } });
    },
    rotate: (options) => simulator.rotate(options),
    stop: () => simulator.stop(),
    start: () => simulator.start(),
    close: () => simulator.close(),
  };
}
