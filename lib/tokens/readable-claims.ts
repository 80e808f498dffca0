import type { JWTPayload } from 'jose';

/** A value of JSON, of which the compiler knows as much as of what `JSON.parse` returns. */
export type JsonValue = ReturnType<typeof JSON.parse>;

/** Claims for functions of the application: members of nested claims can be read without a cast. */
export interface ReadableClaims extends Readonly<JWTPayload> {
  readonly [claim: string]: JsonValue;
}
