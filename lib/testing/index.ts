// Public API of `sallyport/testing`, for the tests of applications.

export { apiKeyStoreContract } from './api-key-store-contract.js';
export { consumerStoreContract } from './consumer-store-contract.js';
export type {
  IssuedTokenShape,
  IssuerEndpoint,
  SecureTestIssuer,
  TestIssuer,
  TestIssuerOptions,
} from './issuer-contract.js';
export type { AlteredAnswer, IssuerFault, NamedFault } from './issuer-faults.js';
export type { IssuerAlgorithm } from './issuer-key-pairs.js';
export type { TestClient, TestUser } from './issuer-parties.js';
export { type MintOptions, mintToken, type TokenClaims, type TokenShape } from './mint-token.js';
export type { OidcSimulator, OidcTokenKind, OidcTokenShape } from './oidc-simulator.js';
export { oidcSimulators } from './oidc-simulators.js';
export type { MakeStore, StoreUnderTest } from './store-contract.js';
export { type TestConsumer, type TestConsumerOptions, testConsumer } from './test-consumer.js';
export { testIssuer } from './test-issuer.js';
export type { ContractRule, UserStoreUnderTest } from './user-contract/rule-context.js';
export { userStoreContract } from './user-store-contract.js';
export type { WafFault, WafKeyPlace, WafSimulator, WafTokenShape } from './waf-contract.js';
export { wafSimulators } from './waf-simulators.js';
export { type WithPrincipalOptions, withPrincipal } from './with-principal.js';
