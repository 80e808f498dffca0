import { randomBytes } from 'node:crypto';

/** One key-encryption key that nobody has seen before. */
export const keyEncryption = () => ({ current: 'k1', keys: { k1: randomBytes(32) } });
