import { isRestarted, type MovableKind, movableKinds, pluralOf } from '../../src/kinds/holder.ts';
import { type HashPlace, reportedKinds, reportedRules } from '../../src/kinds/reported/reported-kinds.ts';
import { isOverQuic } from '../../src/model/certificates/handshake.ts';

/** What the code of a kind does, in words; the rest of the row comes from its rules. */
const moved: Readonly<Record<MovableKind, readonly [keys: string, read: string, move: string, prove: string]>> = {
  ftp: [
    '`ftp/Files`; `ftp/*` for the defaults',
    '`applicationHost.config`',
    'WebAdministration, both values in one commit',
    '`AUTH TLS`, or TLS at once at port 990',
  ],
  wmsvc: [
    '`wmsvc/8172`',
    'the registry, and the certificate binding of its port',
    '`netsh http` for the record, then the registry',
    'a TLS handshake at its port',
  ],
  sql: [
    '`sql/MSSQLSERVER`',
    'the registry, for each instance',
    'the registry, then a restart of the instance',
    'the PRELOGIN of TDS 7 and TLS inside it, or TDS 8',
  ],
  ldaps: [
    '`ldaps/NTDS`',
    'the store of its service in the registry',
    'the registry, then `renewServerCertificate`',
    'TLS at ports 636 and 3269, StartTLS at port 389',
  ],
  sstp: [
    '`sstp/SstpSvc`',
    'the registry, and the certificate bindings of its port',
    '`netsh http`, the registry where a person chose, then a restart',
    'TLS, and `SSTP_DUPLEX_POST` answered with 200',
  ],
  'rd-gateway': [
    '`rd-gateway/TSGateway`',
    'WMI (`Win32_TSGatewayServerSettings`), and the certificate bindings of its port',
    '`netsh http` and WMI, then a restart',
    'TLS, and `RDG_OUT_DATA` answered with 401',
  ],
  rdp: [
    '`rdp/RDP-Tcp`',
    'the registry, and WMI for who chose the certificate',
    'WMI (`Win32_TSGeneralSetting`)',
    'the connection request of Remote Desktop, then TLS',
  ],
  winrm: ['`winrm/*+HTTPS`', 'the registry', 'WinRM (`Set-WSManInstance`), in place', 'a TLS handshake at its port'],
};

/** The table of kinds in the page about holders, from the tables of the program. */
export function kindsOfHoldersMarkdown(): string {
  return tableLines().join('\n');
}

function tableLines(): readonly string[] {
  return [
    '| changed | keys | read from | changed with | verified by | if |',
    '|---|---|---|---|---|---|',
    row(
      'certificate bindings',
      '`0.0.0.0:443`, `shop.example.com:443`',
      'the registry tables of HTTP.SYS',
      'IIS, or `netsh http`',
      'a TLS handshake',
      'always',
    ),
    row(
      'Rights on a private key',
      '`key/<thumbprint>`',
      'the list of rights of its file',
      '`icacls`',
      'read back',
      'if you ask',
    ),
    ...movableKinds.map((kind) =>
      row(pluralOf(kind), ...moved[kind], isRestarted(kind) ? 'if you ask, in a change window' : 'if you ask'),
    ),
    '',
    '| only reported | keys | read from | `verify` dials | what is known of Windows |',
    '|---|---|---|---|---|',
    ...reportedKinds.map((kind) => {
      const { called, places, appId, dial = [], fact } = reportedRules[kind];
      const record = appId === undefined ? [] : ['its certificate bindings'];
      const read = [...new Set([...places.flatMap(placeText), ...record])].join(', ');
      const dialled = [
        ...record,
        ...dial
          .filter(({ startTls }) => !isOverQuic(startTls))
          .map(({ port, startTls }) => `port ${port}${startTls === undefined ? '' : ' (StartTLS)'}`),
      ];
      return row(
        called,
        `\`${kind}/…\``,
        read === '' ? 'only that it is installed' : read,
        dialled.length === 0 ? 'nothing' : dialled.join(', '),
        `[\`${fact}\`](evidence/fidelity.md)`,
      );
    }),
  ];
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function placeText(place: HashPlace): readonly string[] {
  switch (place.how) {
    case 'wmi':
      return [`WMI (\`${place.className}\`)`];
    case 'policies':
      return ['`ias.xml`'];
    case 'connectors':
      return ['`msExchSmtpTLSCertificate` of its connectors'];
    case 'not-read':
      return [];
  }
}
