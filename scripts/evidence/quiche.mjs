// A server of QUIC that is not ours: quiche, with BoringSSL for its TLS.

import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeCertificate } from '../../test/support/real-servers.ts';
import { demand } from '../lib/program.mjs';

const { tlsHandshaker } = await import('../../src/server/handshake.ts');

const PACKAGE = '@matrixai/quic@2.0.9';

export const shows =
  'That quiche, a server of QUIC of other people, shows the certificate that it serves when dialled, the old one and then the new one without a restart, once it has shown that it has its key';
export const needs = [`npm: ${PACKAGE}, with a binary of quiche`, 'openssl'];

const WAYS = [
  { name: 'SMB over QUIC', alpn: 'smb', config: {} },
  { name: 'HTTP/3', alpn: 'h3', config: {} },
  { name: 'SMB over QUIC, and it asks for a certificate', alpn: 'smb', config: { verifyPeer: true } },
];

export async function run({ folder, say }) {
  await demand('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, PACKAGE]);
  const installed = (name) => import(pathToFileURL(join(folder, 'node_modules/@matrixai', name, 'dist/index.js')).href);
  const { QUICServer } = await installed('quic');
  const { default: Logger, LogLevel } = await installed('logger');
  const logger = new Logger('quiche', LogLevel.SILENT);
  const [old, renewed] = ['old', 'new'].map((name) => makeCertificate(folder, name));
  const rows = [];
  for (const way of WAYS) {
    const server = new QUICServer({
      logger,
      crypto: tokens(),
      config: { ...way.config, ...tlsOf(old), applicationProtos: [way.alpn] },
    });
    await server.start({ host: '127.0.0.1', port: 0 });
    try {
      const first = await dial(server.port, way.alpn);
      server.updateConfig(tlsOf(renewed));
      const then = await dial(server.port, way.alpn);
      const other = await dial(server.port, way.alpn === 'h3' ? 'smb' : 'h3');
      const met = ({ thumbprint, reason }) =>
        thumbprint === old.thumbprint ? 'old' : thumbprint === renewed.thumbprint ? 'new' : (reason ?? thumbprint);
      rows.push([way.name, met(first), met(then), met(other)]);
      say(rows.at(-1).join('; '));
    } finally {
      await server.stop({ force: true });
    }
  }
  return {
    passed: rows.every(
      ([, first, then, other]) => first === 'old' && then === 'new' && other !== 'old' && other !== 'new',
    ),
    lines: [
      `${PACKAGE.replace(/@(?=\d)/, ' ')}, which sends a Retry to each client first.`,
      '',
      '| what is dialled | first | after the new certificate | asked for another protocol |',
      '|---|---|---|---|',
      ...rows.map((row) => `| ${row.join(' | ')} |`),
    ],
  };
}

function tlsOf({ certificate, key }) {
  return { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** With what it signs the tokens of a Retry. */
function tokens() {
  const signed = (key, data) => createHmac('sha256', Buffer.from(key)).update(Buffer.from(data)).digest();
  const ops = {
    sign: async (key, data) => new Uint8Array(signed(key, data)).buffer,
    verify: async (key, data, given) => signed(key, data).equals(Buffer.from(given)),
  };
  return { key: new Uint8Array(randomBytes(32)).buffer, ops };
}

async function dial(port, startTls) {
  const target = { reachable: true, host: '127.0.0.1', port };
  const handshaker = tlsHandshaker({ dial: () => target }, { timeoutMs: 10_000, attempts: 1 });
  return (await handshaker({ address: '0.0.0.0', port, serverName: 'files.example.com', startTls })).handshake;
}
