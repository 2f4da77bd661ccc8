import type { Duplex } from 'node:stream';
import { askFtpForTls } from '../kinds/ftp/before-tls.ts';
import { askLdapForTls } from '../kinds/ldaps/before-tls.ts';
import { askGateway } from '../kinds/rd-gateway/in-tls.ts';
import { askRdpForTls } from '../kinds/rdp/before-tls.ts';
import { askSmtpForTls } from '../kinds/reported/smtp.ts';
import { askSqlForTls, inTds, strictProtocol } from '../kinds/sql/before-tls.ts';
import { askSstp } from '../kinds/sstp/in-tls.ts';
import type { Endpoint, InTls, StartTls } from '../model/certificates/handshake.ts';

/**
 * Speaks a protocol until the server is ready for TLS, and sends no user data.
 * @throws Error with the server's words when it does not take TLS
 */
export type Opening = (socket: Duplex, endpoint: Endpoint) => Promise<void>;

/** By protocol: the dialogue before TLS. */
export const openings: Readonly<Record<StartTls, Opening>> = {
  ftp: askFtpForTls,
  rdp: askRdpForTls,
  tds: askSqlForTls,
  ldap: askLdapForTls,
  smtp: askSmtpForTls,
};

/**
 * A protocol whose handshake travels inside its packets; and what is asked for by ALPN, on a new connection, of a server
 * that may take nothing but TLS from the first byte.
 */
export const packed: Readonly<Partial<Record<StartTls, { over(socket: Duplex): Duplex; readonly strict: string }>>> = {
  tds: { over: (socket) => inTds(socket).stream, strict: strictProtocol },
};

/** What is spoken over TLS before a certificate counts as served. */
export const questions: Readonly<Record<InTls, Opening>> = {
  sstp: askSstp,
  rdg: askGateway,
};
