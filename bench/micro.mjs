import { prepare } from './prepare.mjs';

prepare();
const { runPieces } = await import('./pieces.mjs');
await runPieces();
