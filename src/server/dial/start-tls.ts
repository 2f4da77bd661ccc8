import type { Duplex } from 'node:stream';
import type { Endpoint, StartTls } from '../../certificates/handshake.ts';
import { askFtpForTls } from './ftp.ts';
import { askLdapForTls } from './ldap.ts';
import { askRdpForTls } from './rdp.ts';
import { askSmtpForTls } from './smtp.ts';

/**
 * Speaks a protocol until the server is ready for TLS, and sends no user data.
 * @throws Error with the server's words when it does not take TLS
 */
export type Opening = (socket: Duplex, endpoint: Endpoint) => Promise<void>;

/** By protocol: the dialogue before TLS. */
export const openings: Readonly<Record<StartTls, Opening>> = {
  ftp: askFtpForTls,
  rdp: askRdpForTls,
  ldap: askLdapForTls,
  smtp: askSmtpForTls,
};
