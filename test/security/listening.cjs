// Loaded before the program (node --require): writes down what it opens for others to connect to, one line each.
//   LISTENING_FILE  where

const { createHook } = require('node:async_hooks');
const { appendFileSync } = require('node:fs');

const file = process.env.LISTENING_FILE;
/** What Node has beneath every server and every socket that takes datagrams, whatever module asked for it. */
const kinds = ['TCPSERVERWRAP', 'PIPESERVERWRAP', 'UDPWRAP'];

createHook({
  init(_id, type) {
    if (kinds.includes(type)) appendFileSync(file, `${type}\n`);
  },
}).enable();
