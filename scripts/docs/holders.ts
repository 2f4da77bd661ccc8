import { isRestarted, type MovableKind, movable, movableKinds } from '../../src/kinds/holder.ts';
import { type ReportedKind, reportedKinds, reportedRules } from '../../src/kinds/reported/reported-kinds.ts';
import { isOverQuic } from '../../src/model/certificates/handshake.ts';

/** What the code of a kind does, in words; the rest of the row comes from its rules. */
const moved: Readonly<Record<MovableKind, readonly [keys: string, move: string, prove: string]>> = {
  ftp: [
    '`ftp/Files`, or `ftp/*` for the defaults',
    'WebAdministration, both values in one commit',
    '`AUTH TLS`, or TLS at once at port 990',
  ],
  wmsvc: ['`wmsvc/8172`', '`netsh http` for the record, then the registry', 'a TLS handshake at the port'],
  sql: [
    '`sql/MSSQLSERVER`',
    'the registry, then a restart of the instance',
    'TLS inside the PRELOGIN of TDS 7, or TDS 8',
  ],
  ldaps: [
    '`ldaps/NTDS`',
    'the registry, then `renewServerCertificate`',
    'TLS at ports 636 and 3269, and StartTLS at port 389',
  ],
  sstp: [
    '`sstp/SstpSvc`',
    '`netsh http`, the registry if a person chose the certificate, then a restart',
    'TLS, and the answer 200 to `SSTP_DUPLEX_POST`',
  ],
  'rd-gateway': [
    '`rd-gateway/TSGateway`',
    '`netsh http` and WMI, then a restart',
    'TLS, and the answer 401 to `RDG_OUT_DATA`',
  ],
  rdp: ['`rdp/RDP-Tcp`', 'WMI (`Win32_TSGeneralSetting`)', 'the connection request of Remote Desktop, then TLS'],
  winrm: ['`winrm/*+HTTPS`', 'WinRM (`Set-WSManInstance`), in place', 'a TLS handshake at the port'],
};

/** The table of kinds in the page about holders, from the tables of the program. */
export function kindsOfHoldersMarkdown(): string {
  return tableLines().join('\n');
}

function tableLines(): readonly string[] {
  return [
    '| place | name in commands | changed with | verified by | when |',
    '|---|---|---|---|---|',
    row(
      'certificate bindings',
      '`0.0.0.0:443`, `shop.example.com:443`',
      'IIS, or `netsh http`',
      'a TLS handshake',
      'always',
    ),
    row(
      'Rights on a private key',
      '`key/<thumbprint>`',
      '`icacls`',
      'read back',
      'with `keyAccess` `copy`, or if Remote Desktop or a restarted service needs it',
    ),
    ...movableKinds.map((kind) =>
      row(movable[kind].plural, ...moved[kind], isRestarted(kind) ? 'with `replace`, in the window' : 'with `replace`'),
    ),
    '',
    '| only reported | name in commands | `verify` tests |',
    '|---|---|---|',
    ...reportedKinds.map((kind) => row(reportedRules[kind].called, `\`${kind}/…\``, dialledAt(kind) ?? 'nothing')),
  ];
}

/** How a change of a kind is verified. */
export function provedBy(kind: MovableKind): string {
  return moved[kind][2];
}

/** Where `verify` dials what is only reported; `null` for nowhere. */
export function dialledAt(kind: ReportedKind): string | null {
  const { appId, dial = [] } = reportedRules[kind];
  const dialled = [
    ...(appId === undefined ? [] : ['its certificate bindings']),
    ...dial
      .filter(({ startTls }) => !isOverQuic(startTls))
      .map(({ port, startTls }) => `port ${port}${startTls === undefined ? '' : ' (StartTLS)'}`),
  ];
  return dialled.length === 0 ? null : dialled.join(', ');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
