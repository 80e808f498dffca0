import { describe } from '@jest/globals';
import { frameworkProgram, keepsTheUsualPromises } from '../helpers/framework.js';

describe('Fastify, with methods and guards as hooks', () => {
  keepsTheUsualPromises(frameworkProgram('Fastify'));
});

describe('Fastify, with middie', () => {
  keepsTheUsualPromises(frameworkProgram('Fastify', 1));
});

describe("Fastify, with errors in Fastify's own form", () => {
  keepsTheUsualPromises(frameworkProgram('Fastify', 2));
});
