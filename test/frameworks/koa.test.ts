import { describe } from '@jest/globals';
import { frameworkProgram, keepsTheUsualPromises } from '../helpers/framework.js';

describe('Koa', () => {
  keepsTheUsualPromises(frameworkProgram('Koa'));
});
