// Every door of the package by ESM; without the optional peers, which this project does not have.
import assert from 'node:assert/strict';
import { consumerJwt } from 'sallyport';

assert.equal(typeof consumerJwt, 'function');
for (const door of process.argv.slice(2)) {
  assert.notEqual(Object.keys(await import(door)).length, 0, `${door} exports nothing`);
}
