import { InvalidTokenError } from '../errors/auth-error.js';
import { compileClaimMapping } from '../principal/claim-mapping.js';
import type { ClaimMapping, MappedClaims } from '../principal/mapped-claims.js';

type MapClaims = ReturnType<typeof compileClaimMapping>;

/** Maps one field; finds nothing where the claim has another shape. */
function attempt(map: MapClaims, claims: Parameters<MapClaims>[0]): Partial<MappedClaims> {
  try {
    return map(claims);
  } catch (thrown) {
    if (InvalidTokenError.is(thrown)) return {};
    throw thrown;
  }
}

/**
 * Compiles a mapping of claims that the system to come from does not look at: one of an unfit shape counts as absent,
 * because no token is refused for it there.
 */
export function compileLenientMapping(option: string, mapping: ClaimMapping): MapClaims {
  const fields = Object.entries(mapping).map(([field, path]) => compileClaimMapping(option, {}, { [field]: path }));
  return (claims) => {
    const found = fields.map((map) => attempt(map, claims));
    return Object.assign({ attributes: {}, listAttributes: {} }, ...found);
  };
}
