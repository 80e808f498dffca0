// The public entry, in the order in which a request meets these parts. test/public-exports.test.ts lists every name.
export { jwtAuth, type JwtAuthOptions } from './methods/jwt-auth.js';
export { consumerJwt, type ConsumerJwtOptions } from './methods/consumer-jwt/consumer-jwt.js';
export { sharedSecretJwt } from './methods/shared-secret-jwt/shared-secret-jwt.js';
export type { SharedSecretJwtOptions } from './methods/shared-secret-jwt/shared-secret-options.js';
export { oidcBearer } from './methods/oidc-bearer/oidc-bearer.js';
export type { OidcBearerOptions } from './methods/oidc-bearer/oidc-bearer-options.js';
export { type OidcPresetName, type OidcPresetOptions, oidcPresets } from './methods/oidc-bearer/oidc-presets.js';
export type { OidcPresetExtras } from './methods/oidc-bearer/provider-facts.js';
export type { TokenApiKeyOptions } from './methods/oidc-bearer/token-api-key.js';
export type { IntrospectionOptions } from './methods/oidc-bearer/introspection-options.js';
export type { AttemptCount, AttemptStore } from './grants/attempt-limit.js';
export type { AttemptLimitOptions, LoginLimitOptions } from './grants/attempt-options.js';
export { basicGrant } from './methods/basic-grant/basic-grant.js';
export type { BasicGrantOptions } from './methods/basic-grant/basic-grant-options.js';
export type { ExchangeOptions } from './methods/basic-grant/exchange-options.js';
export type { GrantCacheSettings } from './methods/basic-grant/grant-cache-options.js';
export type { GrantType } from './grants/token-client.js';
export { apiKey, type ApiKeyOptions } from './methods/api-key/api-key.js';
export { defineMethod, type MethodDefinition } from './methods/define-method.js';
export type { MethodAnswer, MethodIdentity, MethodPrincipal } from './principal/method-answer.js';
export { type LocalTokenOptions, localToken } from './methods/local-token/local-token.js';
export type {
  IssuedToken,
  LocalTokenMethod,
  LoginRouterOptions,
  Router,
  TokenOwner,
} from './methods/local-token/local-token-method.js';
export type { LocalKeyOptions } from './methods/local-token/local-keys.js';
export {
  memoryRevocations,
  type MemoryRevocationsOptions,
  type RevocationList,
} from './methods/local-token/revocation-list.js';
export {
  backchannelLogout,
  type BackchannelLogoutHandler,
  type BackchannelLogoutOptions,
} from './sign-in/backchannel-logout.js';
export { jwtIdp } from './sign-in/jwt-idp.js';
export type { JwtIdpOptions } from './sign-in/jwt-idp-options.js';
export type { BindingCookieOptions } from './sign-in/browser-binding.js';
export type { LoginServiceOptions } from './sign-in/login-service.js';
export type { StateStore } from './sign-in/state-store.js';
export type { SessionCookie, SessionCookieOptions } from './methods/local-token/session-cookie.js';
export { wafToken } from './methods/waf-token/waf-token.js';
export { wafPresets } from './methods/waf-token/waf-presets.js';
export type {
  PresetExtras,
  WafPreset,
  WafPresetName,
  WafPresetOptions,
  WafProductOptions,
} from './methods/waf-token/presets/products.js';
export type { WafTokenOptions } from './methods/waf-token/waf-options.js';
export type { PemPerKid } from './methods/waf-token/presets/preset.js';
export type { AwsAlbOptions, AwsVerifiedAccessOptions } from './methods/waf-token/presets/aws.js';
export type { CloudflareAccessOptions } from './methods/waf-token/presets/cloudflare-access.js';
export type { GoogleIapOptions } from './methods/waf-token/presets/google-iap.js';
export type { AuthentikOptions } from './methods/waf-token/presets/authentik.js';
export type { AzureEasyAuthOptions } from './methods/waf-token/presets/azure-easy-auth.js';
export type { PomeriumOptions } from './methods/waf-token/presets/pomerium.js';
export type { TeleportOptions } from './methods/waf-token/presets/teleport.js';
export type { AuthMethod, Claim } from './pipeline/auth-method.js';
export type { AnonymousOptions, DoorOptions, MethodOptions } from './pipeline/method-settings.js';
export type { ClaimOptions, TokenOptions } from './pipeline/token-options.js';
export { fromBearer, fromHeader } from './tokens/from-header.js';
export { fromQuery } from './tokens/from-query.js';
export { fromCookie } from './tokens/from-cookie.js';
export { firstOf } from './tokens/first-of.js';
export { fromBody } from './tokens/from-body.js';
export type { AuthRequest } from './tokens/request.js';
export type { FirstOf, TokenFrom, TokenGetter, TokenSource } from './tokens/token-source.js';
export type { JoseHeader } from './tokens/jose-header.js';
export type { IsRevoked, TokenValidator } from './verification/token-checks.js';
export type { Revocations } from './verification/revocations.js';
export type { TokenCacheOptions } from './verification/verified-token-cache.js';

export { memoryConsumers, type ConsumerSeed } from './consumers/memory-consumers.js';
export type { Consumer, ConsumerCredential, CreatedCredential, CredentialInfo } from './consumers/consumer.js';
export type {
  ConsumerName,
  ConsumerStore,
  ListOptions,
  ManagedConsumerStore,
  NewConsumer,
  NewCredential,
  Page,
} from './consumers/consumer-store.js';
export { memoryApiKeys, type ApiKeySeed, type MemoryApiKeysOptions } from './consumers/memory-api-keys.js';
export type { ApiKey, ApiKeyInfo, CreatedApiKey } from './consumers/api-key.js';
export type { ApiKeyStore, ManagedApiKeyStore, NewApiKey } from './consumers/api-key-store.js';
export type { Algorithm, AsymmetricAlgorithm, HmacAlgorithm } from './keys/algorithms.js';
export type { PublicKeyInput } from './keys/public-key.js';
export type { SecretEncoding } from './keys/secret-key.js';
export type { SharedSecret, SharedSecretOptions } from './keys/shared-secret-keys.js';
export { discoveryKeys, type DiscoveryKeysOptions } from './keys/discovery-keys.js';
export { jwksKeys, type JwksKeysOptions } from './keys/jwks-keys.js';
export { type PemPerKidKeysOptions, pemPerKidKeys } from './keys/pem-per-kid-keys.js';
export { staticKeys, type StaticKeysOptions } from './keys/static-keys.js';
export type { KeySource, KeySourceHealth } from './keys/key-source.js';
export type { InitialKeys } from './keys/initial-keys.js';
export type { KeySetFormat } from './keys/jwk-set.js';
export type { KeyRequestOptions } from './keys/key-request.js';
export type { KeySetOptions, RemoteKeyOptions } from './keys/remote-keys.js';
export type { VerificationKey } from './keys/verification-key.js';
export type { DistributedClaimContext, DistributedClaims } from './issuers/distributed-claims.js';
export type { NamedIssuer, NamelessIssuer } from './issuers/issuer-names.js';
export type { IssuersAnswer } from './issuers/issuer-answer.js';
export type { IssuerOptions } from './issuers/issuer-record.js';
export type { IssuersResolver } from './issuers/issuer-resolver.js';
export type { KeyOptions } from './issuers/key-options.js';
export type { AudienceCheck } from './verification/audience-rules.js';
export type { AcceptedTokens, TokenProfile } from './verification/token-kind.js';

export type { ClientAuthentication, ClientOptions } from './grants/client-options.js';
export type { SharedCache } from './grants/shared-cache.js';
export type { ClientCertificate } from './http/bounded-request.js';

export { memoryUsers, type SallyportUser } from './users/memory-users.js';
export { linkIdentity, type LinkIdentityOptions, type LinkVerdict } from './users/link-identity.js';
export type { IdentityKey, UserIdentity } from './principal/user-identity.js';
export type {
  GroupSync,
  Invalidation,
  ProvisionInput,
  ProvisionResult,
  StoredUser,
  UserProfile,
  UserStatus,
  UserStore,
} from './users/user-store.js';
export type {
  UserCallbackContext,
  UsersCallback,
  UsersCallbackOptions,
  UsersOption,
  UsersStoreOptions,
} from './users/users-options.js';
export type { GroupSyncOptions } from './users/group-options.js';
export type { ClaimStore } from './users/provisioning-lease.js';

export { principalOf, type AuthenticatedRequest } from './principal/principal.js';
export type { Principal, PrincipalType, RegisteredUser } from './principal/principal.js';
export type { ClaimMapping, MappedClaims } from './principal/mapped-claims.js';
export type { ClaimPath, ComposedPath } from './principal/claim-path.js';
export { anyOf, keysOf, split } from './principal/composed-path.js';
export type { SubjectKind, SubjectKindOf, Subjects } from './principal/subject-kind.js';
export type { JsonValue, ReadableClaims } from './tokens/readable-claims.js';
export type { ScopeOptions } from './principal/scope-hierarchy.js';
export type { BindingIdentity, RoleBinding } from './principal/role-bindings.js';
// A star, because an interface can be augmented through a star only; the file holds nothing else.
export * from './principal/sallyport-types.js';

export { requirePrincipal } from './guards/require-principal.js';
export {
  requireAnyGroup,
  requireAnyRole,
  requireAnyScope,
  requireGroups,
  requireRoles,
  requireScopes,
} from './guards/require-membership.js';
export { requireClaim, type ClaimExpectation } from './guards/require-claim.js';
export { requireRecentLogin, type RecentLoginOptions } from './guards/require-recent-login.js';
export type { Guard } from './guards/guard.js';

export {
  AuthError,
  ForbiddenError,
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  ServiceUnavailableError,
  SignInError,
  UnauthorizedError,
} from './errors/auth-error.js';
export type { AuthErrorOptions, ErrorDetail, SerializedAuthError, SerializedCause } from './errors/error-detail.js';
export { AttemptLimitError, RegistrationLimitError } from './errors/rate-limit-errors.js';
export { ConfigurationError } from './errors/configuration-error.js';
export type { Scheme } from './errors/challenge.js';
export type {
  AuthErrorCode,
  BrowserErrorCode,
  OutageErrorCode,
  PermissionErrorCode,
  RegistrationErrorCode,
  RequestErrorCode,
  SignInErrorCode,
  TokenErrorCode,
} from './errors/error-codes.js';
export type { NextFunction, Respond } from './errors/responder.js';
export type { AuthEvent, ClaimEvent, KeyEvent, OnEvent, RequestFacts } from './events/auth-event.js';
