import type { Integer, PortNumber } from '../../base/document.ts';
import type { ServedCertificate } from './certificate.ts';
import type { Thumbprint } from './thumbprint.ts';

/** A protocol in which a client asks for TLS: FTPS (RFC 4217), Remote Desktop (MS-RDPBCGR), SQL Server (MS-TDS), LDAP (RFC 4511), SMTP (RFC 3207). */
export type StartTls = 'ftp' | 'rdp' | 'tds' | 'ldap' | 'smtp';

/** A protocol that a client speaks over TLS, until the server shows that it answers: SSTP (MS-SSTP), Remote Desktop Gateway (MS-TSGU). */
export type InTls = 'sstp' | 'rdg';

/** A protocol that is spoken over QUIC (RFC 9000), by its name there: SMB (MS-SMB2), HTTP/3 (RFC 9114). It is never dialled. */
export type OverQuic = 'smb' | 'h3';

/** Where a client would connect: as the server names it, not as it is reached from here. */
export interface Endpoint {
  readonly address: string;
  readonly port: PortNumber;
  /** Sent as SNI; `null` for none. */
  readonly serverName: string | null;
  /** The protocol that is spoken until TLS begins, over TLS, or over QUIC; absent where the handshake says everything. */
  readonly startTls?: StartTls | InTls | OverQuic;
}

export interface Handshake {
  readonly endpoint: Endpoint;
  readonly result: 'served' | 'unreachable' | 'not-listening' | 'skipped';
  readonly thumbprint: Thumbprint | null;
  readonly notAfter: string | null;
  /** Absent if nothing was served. */
  readonly sent?: SentChain;
  readonly reason: string | null;
  readonly attempts: Integer;
  readonly durationMs: number;
}

/** The certificates sent along that lead up from the served one. */
export interface SentChain {
  /** From the issuer up. */
  readonly issuers: readonly Thumbprint[];
  /** Who issued the last of them, and was not sent; `null` if the chain ends in a root. */
  readonly upTo: string | null;
}

/** A handshake with what a comparison needs beside the contract: does the served certificate cover the name asked for? */
export interface Observation {
  readonly handshake: Handshake;
  /** `null` when nothing was served or no name was asked for. */
  readonly covers: boolean | null;
  /** As it was served; absent when nothing was, and for runs. */
  readonly certificate?: ServedCertificate;
}

/**
 * IIS recognises an FTP site with a host name only by the command HOST, which comes after TLS: until then the site
 * defaults, or a site without a host name, may answer (fidelity: ftp-certificate-before-host).
 */
export function isMetBeforeHost({ startTls, serverName }: Endpoint): boolean {
  return startTls === 'ftp' && serverName !== null;
}

export function isInTls(startTls: Endpoint['startTls']): startTls is InTls {
  return startTls === 'sstp' || startTls === 'rdg';
}

export function isOverQuic(startTls: Endpoint['startTls']): startTls is OverQuic {
  return startTls === 'smb' || startTls === 'h3';
}

/** Why an endpoint is not dialled, whatever server it is of; `null` for one that is. */
export function whyNeverDialled({ startTls }: Endpoint): string | null {
  return isOverQuic(startTls) ? 'CertRebind does not speak QUIC' : null;
}

/** Endpoints as keys of maps. */
export function endpointId({ address, port, serverName, startTls }: Endpoint): string {
  return `${address} ${port} ${serverName ?? ''}${startTls === undefined ? '' : ` ${startTls}`}`;
}

/** Endpoints for people. */
export function endpointText({ address, port, serverName, startTls }: Endpoint): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${startTls === undefined ? '' : `${startTls}://`}${host}:${port}${serverName === null ? '' : ` as ${serverName}`}`;
}
