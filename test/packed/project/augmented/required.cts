// The same package from a CommonJS file of a TypeScript project.
import sallyport = require('sallyport');

const consumers: sallyport.ConsumerStore = sallyport.memoryConsumers();
export = sallyport.consumerJwt({ consumers });
