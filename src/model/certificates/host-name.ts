import { domainToASCII } from 'node:url';
import { canonicalAddress, isIpv4 } from './ip-address.ts';

/**
 * A host as it is compared everywhere: lower case, A-labels, without the trailing dot; one left-most wildcard label is
 * allowed. `null` when the text cannot be the host of a binding or a name of a certificate.
 */
export function normaliseHost(text: string): string | null {
  if (text.length <= longestName && normalName.test(text)) return text;
  const trimmed = text.trim();
  const wildcard = trimmed.startsWith('*.');
  const name = withoutTrailingDot(wildcard ? trimmed.slice(2) : trimmed);
  const ascii = asciiName.test(name) ? name.toLowerCase() : toALabels(name);
  if (ascii === null || ascii.length > longestName || !ascii.split('.').every((label) => hostLabel.test(label)))
    return null;
  if (!wildcard) return ascii;
  return isIpv4(ascii) ? null : `*.${ascii}`;
}

/** A name of a certificate: clients compare it as written, and with a blank before or after it no host matches. */
export function exactHost(text: string): string | null {
  return text === text.trim() ? normaliseHost(text) : null;
}

/** Every name a client may find in the certificate: SAN dNSName and iPAddress; the common name only without a dNSName. */
export function certificateNames(certificate: CertificateNames): readonly string[] {
  return [...dnsNames(certificate), ...certificate.ipAddresses];
}

/** Whether a certificate names a computer, by the first label of a name or by a wildcard. */
export function coversComputer(certificate: CertificateNames, computer: string): boolean {
  const host = computer.toLowerCase();
  return certificateNames(certificate).some((name) => name.startsWith('*.') || name.split('.')[0] === host);
}

/**
 * Whether a client that asked for `host` accepts this certificate's names (RFC 6125): equal names, or one wildcard as
 * the whole left-most label. A wildcard never covers an address, nor a name directly below a top-level label (`*.com`).
 * The host of a wildcard binding (`*.example.com`) is covered only by the same wildcard name.
 */
export function coversHost(certificate: CertificateNames, host: string): boolean {
  const address = canonicalAddress(host.trim().replace(/^\[(.*)\]$/s, '$1'));
  if (address !== null) return certificate.ipAddresses.includes(address);
  const wanted = normaliseHost(host);
  if (wanted === null) return false;
  const names = dnsNames(certificate);
  if (names.includes(wanted)) return true;
  const parent = wanted.slice(wanted.indexOf('.') + 1);
  return parent !== wanted && parent.includes('.') && names.includes(`*.${parent}`);
}

/** Whether there is a name that both cover. */
export function shareName(one: CertificateNames, other: CertificateNames): boolean {
  return (
    certificateNames(one).some((name) => coversHost(other, name)) ||
    certificateNames(other).some((name) => coversHost(one, name))
  );
}

/** The parts of a certificate that say for whom it is. */
export interface CertificateNames {
  readonly commonName: string | null;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

const longestName = 253;
/** Fast path: nearly all names come like this, or were normalised before. */
const normalName = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const asciiName = /^[\w.-]*$/;
/** Beside letters beyond ASCII nothing else may stand: the conversion would cut the name at a slash or a colon. */
const internationalName = /^[\w.\u0080-\uFFFF-]*$/;
/** Underscores are not a host name by the standard, but Windows and IIS allow them. */
const hostLabel = /^[a-z0-9_-]{1,63}$/;

function dnsNames({ dnsNames, commonName }: CertificateNames): readonly string[] {
  if (dnsNames.length > 0 || commonName === null) return dnsNames;
  const name = exactHost(commonName);
  return name === null || isIpv4(name) ? [] : [name];
}

/** An address that appears only through the conversion (full-width digits and the like) is not a name. */
function toALabels(name: string): string | null {
  if (!internationalName.test(name)) return null;
  const ascii = domainToASCII(name);
  return ascii === '' || isIpv4(ascii) ? null : withoutTrailingDot(ascii);
}

function withoutTrailingDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
