// Every door by require(), which Node can do for ES modules since 20.19 and 22.12: one instance for both worlds.
const assert = require('node:assert/strict');

const doors = process.argv.slice(2);
for (const door of doors) {
  assert.notEqual(Object.keys(require(door)).length, 0, `${door} exports nothing`);
}
assert.equal(typeof require('sallyport').consumerJwt, 'function');
import('sallyport').then(({ AuthError }) => assert.equal(require('sallyport').AuthError, AuthError));
