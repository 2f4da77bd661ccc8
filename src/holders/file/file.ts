import { normaliseHost } from '../../certificates/host-name.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { Around, MovableKindRules, NamesCertificate, Standing } from '../kind-rules.ts';
import type { KeyText } from '../record-key.ts';

/** A certificate in files that a program reads which knows no store of Windows, as the configuration lists them. */
export interface CertificateFile extends NamesCertificate {
  /** In the configuration. */
  readonly name: string;
  /** Of the file with the certificate. */
  readonly path: string;
  /** The name that clients ask for. */
  readonly host: string;
  /** Whether its private key belongs to it: a kill between two files leaves one of each. */
  readonly pair: 'whole' | 'broken';
  /** Whether its service was told to read it again; a kill before that leaves it due. */
  readonly service: 'told' | 'due';
}

/** No store of Windows. */
const store = '';

export const fileRules: MovableKindRules<'file', CertificateFile> = {
  prefix: 'file/',
  plural: 'certificate files',
  part: 'others',
  host: ({ host }) => normaliseHost(host) ?? host,
  disguised: ({ name, path, host, pair, service }, names) => ({
    pair,
    service,
    host: names.host(host),
    name: names.text(name),
    path: names.text(path),
  }),
  user: (name) => `certificate file ${name}`,
  owner: ({ path }) => `The certificate file ${path}`,
  // What is better than before is no difference.
  differences: (wanted, found) => [
    ...(wanted.name === found.name ? [] : ['name']),
    ...(wanted.pair === 'whole' && found.pair === 'broken' ? ['private key'] : []),
    ...(wanted.service === 'told' && found.service === 'due' ? ['reload of its service'] : []),
  ],
  withCertificate: (value, thumbprint) => ({ ...value, thumbprint, pair: 'whole', service: 'told' }),
};

export function fileHolder(value: Omit<CertificateFile, 'store'>, around: Around): Standing<'file', CertificateFile> {
  return { kind: 'file', key: fileKey(value.name), value: { ...value, store }, ...around };
}

export function fileKey(name: string): KeyText {
  return `file/${name}` as KeyText;
}

/** What lies beside such a file: the same with another certificate, ready to take its place, or kept for an undo. */
export interface Beside {
  readonly thumbprint: Thumbprint;
  /** It was replaced, and the service was not told of that yet. */
  readonly isDue: boolean;
}

const marks = { told: '', due: '.due', unfinished: '.new' } as const;

/** The path of what lies beside a file with that certificate. */
export function besidePath(path: string, thumbprint: string, mark: keyof typeof marks = 'told'): string {
  return `${path}.certrebind-${thumbprint}${marks[mark]}`;
}

const beside = /^\.certrebind-([0-9A-F]{40})(\.due)?$/;

/** @param base the name of the file in its folder @param name of another one there; `null` if it is none of ours */
export function parseBeside(base: string, name: string): Beside | null {
  const [, thumbprint, due] = name.startsWith(base) ? (beside.exec(name.slice(base.length)) ?? []) : [];
  return thumbprint === undefined ? null : { thumbprint: thumbprint as Thumbprint, isDue: due !== undefined };
}
