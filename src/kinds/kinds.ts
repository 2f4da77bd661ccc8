import { type FtpsSetting, ftpRules } from './ftp/ftp.ts';
import { ftpOnWindows } from './ftp/windows.ts';
import { type KeyAccess, keyAccessRules } from './key-access/key-access.ts';
import { keyAccessOnWindows } from './key-access/windows.ts';
import type { KindOnWindows } from './kind-on-windows.ts';
import type { KindRules, MovableKindRules } from './kind-rules.ts';
import { type LdapsSetting, ldapsRules } from './ldaps/ldaps.ts';
import { ldapsOnWindows } from './ldaps/windows.ts';
import { type GatewaySetting, gatewayRules } from './rd-gateway/rd-gateway.ts';
import { gatewayOnWindows } from './rd-gateway/windows.ts';
import { type RdpListener, rdpRules } from './rdp/rdp.ts';
import { rdpOnWindows } from './rdp/windows.ts';
import { type SqlInstance, sqlRules } from './sql/sql.ts';
import { sqlOnWindows } from './sql/windows.ts';
import { type SstpSetting, sstpRules } from './sstp/sstp.ts';
import { sstpOnWindows } from './sstp/windows.ts';
import { type CertificateBinding, lostOrChangedOptions, withCertificate } from './tls/certificate-binding.ts';
import { winrmOnWindows } from './winrm/windows.ts';
import { type WinrmListener, winrmRules } from './winrm/winrm.ts';
import { wmsvcOnWindows } from './wmsvc/windows.ts';
import { type WmsvcSetting, wmsvcRules } from './wmsvc/wmsvc.ts';

/** What a plan can change: each kind of place that names a certificate by its hash, with its value. */
export interface Values {
  readonly tls: CertificateBinding;
  readonly ftp: FtpsSetting;
  readonly rdp: RdpListener;
  readonly winrm: WinrmListener;
  readonly wmsvc: WmsvcSetting;
  readonly sql: SqlInstance;
  readonly ldaps: LdapsSetting;
  readonly sstp: SstpSetting;
  readonly 'rd-gateway': GatewaySetting;
  readonly keyAccess: KeyAccess;
}

export type Kind = keyof Values;
/** Kinds beside certificate bindings. */
export type NonTlsKind = Exclude<Kind, 'tls'>;
/** Kinds that are only reported unless a policy says that they are moved. */
export type MovableKind = 'ftp' | ServiceKind;
/** Services beside IIS. */
export type ServiceKind = 'rdp' | 'winrm' | 'wmsvc' | 'sql' | 'ldaps' | 'sstp' | 'rd-gateway';

/**
 * In the order in which people read of them and a run changes them: those through which the run itself may have come last. An
 * undo, and what an earlier run could not roll back, has every way of administration last (`administrationLast`).
 */
export const movable: { readonly [K in MovableKind]: MovableKindRules<K, Values[K]> } = {
  ftp: ftpRules,
  wmsvc: wmsvcRules,
  sql: sqlRules,
  ldaps: ldapsRules,
  sstp: sstpRules,
  'rd-gateway': gatewayRules,
  rdp: rdpRules,
  winrm: winrmRules,
};

export const movableKinds = Object.keys(movable) as readonly MovableKind[];

/** Those that somebody has seen this program change on a real Windows (docs/evidence/measured.md). */
export const seenOnWindows: readonly MovableKind[] = [];

/** A table with the same entry for each of them. */
export function ofEveryKind<Entry>(entry: Entry): Readonly<Record<MovableKind, Entry>> {
  return Object.fromEntries(movableKinds.map((kind) => [kind, entry])) as Record<MovableKind, Entry>;
}

export const rules: { readonly [K in Kind]: KindRules<Values[K]> } = {
  tls: { differences: lostOrChangedOptions, withCertificate },
  keyAccess: keyAccessRules,
  ...movable,
};

export const onWindows: { readonly [K in NonTlsKind]: KindOnWindows<K, Values[K]> } = {
  keyAccess: keyAccessOnWindows,
  ftp: ftpOnWindows,
  rdp: rdpOnWindows,
  winrm: winrmOnWindows,
  wmsvc: wmsvcOnWindows,
  sql: sqlOnWindows,
  ldaps: ldapsOnWindows,
  sstp: sstpOnWindows,
  'rd-gateway': gatewayOnWindows,
};
