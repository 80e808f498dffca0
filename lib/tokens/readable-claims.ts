import type { JWTPayload } from 'jose';

/** JSON value as `JSON.parse` types it, so that members can be read without a cast. */
export type JsonValue = ReturnType<typeof JSON.parse>;

/** Claims as functions of the application receive them: members of nested claims can be read without a cast. */
export interface ReadableClaims extends Readonly<JWTPayload> {
  readonly [claim: string]: JsonValue;
}
