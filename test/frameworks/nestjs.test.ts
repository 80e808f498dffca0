import { describe } from '@jest/globals';
import { frameworkProgram, keepsTheUsualPromises } from '../helpers/framework.js';

describe('NestJS, with a guard, guards per handler and a filter', () => {
  keepsTheUsualPromises(frameworkProgram('NestJS'));
});

describe("NestJS, with the method as middleware whose respond is 'next'", () => {
  keepsTheUsualPromises(frameworkProgram('NestJS', 1));
});
