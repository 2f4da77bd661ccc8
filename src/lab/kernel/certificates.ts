import { createHash } from 'node:crypto';
import { certificateParts } from '../../model/certificates/certificate-der.ts';
import { parseRevocationList } from '../../model/certificates/revocation-list.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import type { Outcome } from './answers.ts';
import type { LabCertificate, LabState } from './lab-state.ts';
import { refuse, type WindowsError, windowsErrors } from './windows-errors.ts';

/** How long a key stays closed after its certificate arrived, when the switch `key-opens` says so. */
const lateKeyMs = 3000;

export function findCertificate(state: LabState, thumbprint: string, store: string): LabCertificate | null {
  const wanted = normaliseStore(store);
  return (
    state.certificates.find(
      (certificate) => certificate.thumbprint === thumbprint && normaliseStore(certificate.store) === wanted,
    ) ?? null
  );
}

/** Why HTTP.SYS would not accept this certificate now; `null` if it would (fidelity: key-as-system, late-keys). */
export function whyNotBindable(state: LabState, thumbprint: string, store: string, now: string): WindowsError | null {
  const certificate = findCertificate(state, thumbprint, store);
  if (certificate === null) return windowsErrors.noLogonSession;
  if (certificate.archived && state.switches['archived-certificate'] === 'cannot-be-bound') {
    return windowsErrors.noLogonSession;
  }
  switch (keyNow(certificate, now)) {
    case 'usable':
      return null;
    case 'late':
      return windowsErrors.badParameter;
    case 'missing':
    case 'unusable':
      return windowsErrors.noLogonSession;
  }
}

export function keyNow({ key }: LabCertificate, now: string): 'usable' | 'missing' | 'unusable' | 'late' {
  if (typeof key === 'string') return key;
  return Date.parse(key.readyAt) <= Date.parse(now) ? 'usable' : 'late';
}

/**
 * Adds a certificate, or replaces the same one in the same store; in CA and Root it helps to build chains, and one of Root
 * stays one.
 */
export function addCertificate(state: LabState, certificate: LabCertificate, now: string): LabState {
  const store = normaliseStore(certificate.store);
  if (isOfAuthorities(store)) {
    const { thumbprint, der } = certificate;
    const authorities = state.authorities.includes(der) ? state.authorities : [...state.authorities, der];
    const others = state.roots.filter((root) => root !== thumbprint);
    return store === 'Root' ? { ...state, authorities, roots: [...others, thumbprint] } : { ...state, authorities };
  }
  const late = state.switches['key-opens'] === 'late' && certificate.key === 'usable';
  const added: LabCertificate = {
    ...certificate,
    store,
    key: late ? { readyAt: later(now, lateKeyMs) } : certificate.key,
  };
  const others = state.certificates.filter(
    (one) => one.thumbprint !== added.thumbprint || normaliseStore(one.store) !== added.store,
  );
  return { ...state, certificates: [...others, added] };
}

function isOfAuthorities(store: string): boolean {
  return store === 'CA' || store === 'Root';
}

/** In place of the one of the same issuer. */
export function setRevocationList(state: LabState, der: string): Outcome {
  const issuerOf = (list: string) => parseRevocationList(Buffer.from(list, 'base64'))?.issuerName.toString('hex');
  const issuer = issuerOf(der);
  if (issuer === undefined) return refuse(state, windowsErrors.badParameter);
  const others = state.revocationLists.filter((list) => issuerOf(list) !== issuer);
  return { state: { ...state, revocationLists: [...others, der] } };
}

/** Changes a certificate in every store that has it; `null` when none has. */
export function changeCertificate(
  state: LabState,
  thumbprint: string,
  change: Partial<Pick<LabCertificate, 'archived' | 'renewedTo' | 'key'>>,
): LabState | null {
  if (!state.certificates.some((certificate) => certificate.thumbprint === thumbprint)) return null;
  return {
    ...state,
    certificates: state.certificates.map((certificate) =>
      certificate.thumbprint === thumbprint ? { ...certificate, ...change } : certificate,
    ),
  };
}

/** Removes a certificate from a store; what HTTP.SYS had loaded stays until the next restart. */
export function removeCertificate(state: LabState, thumbprint: string, store: string): LabState | null {
  if (isOfAuthorities(normaliseStore(store))) {
    const isThis = (der: string) => thumbprintOf(der) === thumbprint;
    const isRoot = state.roots.includes(thumbprint);
    if (isRoot !== (normaliseStore(store) === 'Root') || !state.authorities.some(isThis)) return null;
    return {
      ...state,
      authorities: state.authorities.filter((der) => !isThis(der)),
      roots: state.roots.filter((root) => root !== thumbprint),
    };
  }
  const removed = findCertificate(state, thumbprint, store);
  if (removed === null) return null;
  const certificates = state.certificates.filter((certificate) => certificate !== removed);
  const stillThere = certificates.some((certificate) => certificate.thumbprint === thumbprint);
  const loaded = state.wire.loaded.some((entry) => entry.thumbprint === thumbprint);
  return {
    ...state,
    certificates,
    wire:
      stillThere || loaded
        ? state.wire
        : { ...state.wire, loaded: [...state.wire.loaded, { thumbprint, der: removed.der }] },
  };
}

/**
 * The key of a certificate lies in one container, whoever else has the same; the store still says that there is one
 * (fidelity: key-deletion).
 */
export function deleteKey(
  state: LabState,
  { thumbprint, own }: { readonly thumbprint: string; readonly own: boolean },
): Outcome {
  const found = state.certificates.find((certificate) => certificate.thumbprint === thumbprint);
  if (found === undefined) return refuse(state, windowsErrors.notFound);
  const publicKey = publicKeyOf(found);
  const same = state.certificates.filter((one) => one.key !== 'missing' && publicKeyOf(one) === publicKey);
  const isKept = state.switches['key-storage'] === 'platform' || state.switches['key-deletion'] === 'kept';
  if (own && (isKept || same.length > 1)) return refuse(state, windowsErrors.accessDenied);
  if (isKept) return { state };
  const certificates = state.certificates.map((one) =>
    same.includes(one) ? { ...one, key: 'unusable' as const } : one,
  );
  return { state: { ...state, certificates } };
}

function publicKeyOf({ der }: LabCertificate): string {
  return certificateParts(Buffer.from(der, 'base64')).publicKey.toString('hex');
}

/** A certificate as it is put into a store. */
export function newCertificate(
  der: Buffer,
  { store, key = 'usable', friendlyName = null }: Pick<LabCertificate, 'store'> & Partial<LabCertificate>,
): LabCertificate {
  const base64 = der.toString('base64');
  const thumbprint = thumbprintOf(base64);
  return { thumbprint, store, der: base64, key, archived: false, renewedTo: null, friendlyName };
}

/** SHA-1 over the DER. */
export function thumbprintOf(der: string): string {
  return createHash('sha1').update(Buffer.from(der, 'base64')).digest('hex').toUpperCase();
}

export function later(now: string, ms: number): string {
  return new Date(Date.parse(now) + ms).toISOString();
}
