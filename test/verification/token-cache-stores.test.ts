import { expect, test } from '@jest/globals';
import { consumerJwt } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { carrying, welcomeTwice } from '../helpers/remembering.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

test.each(['groups', 'roles', 'tags'] as const)(
  '%s that leave a list inside a frozen record are gone with the next request',
  async (list) => {
    const found = await howtoConsumers().findCredential(HOWTO.key);
    if (found === undefined) throw new Error('there is no such consumer');
    const live = ['staff'];
    const record = Object.freeze({ ...found.consumer, [list]: live });
    const findCredential = async () => ({ credential: found.credential, consumer: record });
    const method = consumerJwt({ consumers: { findCredential } });
    const token = howtoToken();
    const listed = async () => (await method.authenticate(carrying(token)))?.consumer?.[list];
    await welcomeTwice(method, token);
    expect(await listed()).toEqual(['staff']);
    live.pop();
    expect(await listed()).toEqual([]);
  },
);
