import { CertRebindError } from '../../base/errors.ts';
import type { Unreadable } from '../../kinds/unknown-parts.ts';
import { type Certificate, parseCertificate } from '../../model/certificates/certificate.ts';
import {
  type AuthorityStores,
  chainBuilder,
  longestList,
  withAuthorities,
} from '../../model/certificates/certificate-chain.ts';
import { type Arriving, authoritiesWith, withArrived } from '../../model/certificates/certificate-with-key.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { Trust } from '../../model/certificates/trust.ts';
import { fileTime, parseTrustList } from '../../model/certificates/trust-list.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';

/** The certificates of both stores, and who vouches for them; one that cannot be read is skipped and named. */
export function certificatesFrom(
  parts: Parts,
  takenAt: string,
  arriving?: Arriving,
): {
  readonly certificates: readonly Certificate[];
  readonly trust: Trust;
  readonly unreadable: readonly Unreadable[];
} {
  const byEntry = (kind: string) => new Map(parts.rows(kind).map((row) => [`${row[0]} ${row[1]}`, row]));
  const [keys, rights] = [byEntry('key'), byEntry('key-rights')];
  const brought = arriving === undefined ? [] : authoritiesWith(arriving);
  const chains = chainBuilder(withAuthorities(authorityStoresFrom(parts), brought), Date.parse(takenAt));
  const certificates: Certificate[] = [];
  const unreadable: Unreadable[] = [];
  for (const row of parts.rows('certificate')) {
    const [store = '', thumbprint = '', der = '', archived, friendlyName = '', hasKey, successor = ''] = row;
    try {
      const bytes = Buffer.from(der, 'base64');
      const properties = {
        store,
        ...keyState(hasKey === 'True', keys.get(`${store} ${thumbprint}`)),
        ...keyRightsFrom(rights.get(`${store} ${thumbprint}`)),
        archived: archived === 'True',
        renewedTo: toThumbprint(successor),
        friendlyName: friendlyName === '' ? null : friendlyName,
      };
      const certificate = parseCertificate(bytes, properties);
      certificates.push({ ...certificate, ...chains.chainOf(bytes) });
    } catch (error) {
      if (!(error instanceof CertRebindError)) throw error;
      unreadable.push({ where: `store ${store}`, text: thumbprint, why: error.message });
    }
  }
  const arrived = arriving && { ...arriving.certificate, ...chains.chainOf(arriving.found.leaf) };
  return {
    certificates: arrived === undefined ? certificates : withArrived(certificates, arrived),
    trust: chains.trust(),
    unreadable: [...unreadable, ...chains.notChecked(), ...longListsOf(parts)],
  };
}

function authorityStoresFrom(parts: Parts): AuthorityStores {
  const [publicRoots = '', disallowedList = '', updatedAt = '', updatesOff = ''] = parts.first('trust-lists') ?? [];
  return {
    authorities: parts.rows('authority').map(([store, der = '']) => ({
      der: Buffer.from(der, 'base64'),
      store: store === 'Root' ? 'Root' : 'CA',
    })),
    fetched: parts.rows('fetched').flatMap(([thumbprint]) => toThumbprint(thumbprint ?? '') ?? []),
    disallowed: parts.rows('disallowed').flatMap(([thumbprint]) => toThumbprint(thumbprint ?? '') ?? []),
    publicRoots: isLong(publicRoots) ? null : parseTrustList(Buffer.from(publicRoots, 'hex')),
    disallowedList: isLong(disallowedList) ? null : parseTrustList(Buffer.from(disallowedList, 'hex')),
    revocationLists: parts.rows('revocation-list').map(([der = '']) => Buffer.from(der, 'base64')),
    updatedAt: updatedAt === '' ? null : fileTime(Buffer.from(updatedAt, 'hex')),
    updatesOff: Number(updatesOff) === 1,
  };
}

/** Those that the adapter left, by the address of each, and the lists of Windows that are not parsed. */
function longListsOf(parts: Parts): readonly Unreadable[] {
  const [publicRoots = '', disallowed = ''] = parts.first('trust-lists') ?? [];
  const long = [
    ...parts
      .rows('revocation-list')
      .flatMap(([der, address = '']) => (der === '' ? [`revocation list ${address}`] : [])),
    ...(isLong(publicRoots) ? ['list of public roots'] : []),
    ...(isLong(disallowed) ? ['list of disallowed certificates'] : []),
  ];
  const why = `not checked: it is larger than ${longestList / 1024 ** 2} MB`;
  return long.map((where) => ({ where, text: '', why }));
}

function isLong(hex: string): boolean {
  return hex.length > 2 * longestList;
}

/** A row `<store> <thumbprint> <SDDL> <why> <file>`. */
function keyRightsFrom(row: Row | undefined): Pick<Certificate, 'keyRights'> {
  if (row === undefined) return {};
  const [, , sddl = '', why = '', file = ''] = row;
  if (why !== '') return { keyRights: { why } };
  return { keyRights: { sddl, ...(file === '' ? {} : { file }) } };
}

/** Only SYSTEM tests whether a key opens (fidelity: key-as-system); without an answer nothing is known. */
function keyState(hasKey: boolean, opened: Row | undefined): Pick<Certificate, 'key' | 'keyReason'> {
  if (!hasKey) return { key: 'missing' };
  const [, , state, keyReason = ''] = opened ?? [];
  if (state === 'usable') return { key: state };
  if (state !== 'unusable' && state !== 'unknown') return { key: 'unknown' };
  return { key: state, ...(keyReason === '' ? {} : { keyReason }) };
}
