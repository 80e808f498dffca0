// For programs of the documentation: listens on a free port where they say 3000, and tells the parent which.
import { Server } from 'node:net';

const { listen } = Server.prototype;

const freed = (where) => (where === 3000 ? 0 : where?.port === 3000 ? { ...where, port: 0 } : where);

Server.prototype.listen = function listenAnywhere(where, ...rest) {
  this.once('listening', () => process.send({ port: this.address().port }));
  return listen.call(this, freed(where), ...rest);
};
