import { isRestarted, type MovableKind } from '../../src/kinds/holder.ts';
import { makersCommand, type ReportedKind, reportedRules } from '../../src/kinds/reported/reported-kinds.ts';
import { dialledAt, provedBy } from './holders.ts';

/** What a script of win-acme did, and what does that here; everything else of its section comes from the rules of the kinds. */
interface Script {
  readonly names: readonly string[];
  readonly did: string;
  readonly moves?: readonly MovableKind[];
  /** What is only reported, each with the reason for that. */
  readonly reports?: readonly (readonly [kind: ReportedKind, why: string])[];
  /** The application id of a certificate binding that a setting has CertRebind change. */
  readonly applicationId?: string;
  readonly besides?: string;
}

export const scriptsOfWinAcme: readonly Script[] = [
  {
    names: ['ImportRDGateway'],
    did: 'set the certificate of Remote Desktop Gateway and restarted `TSGateway`',
    moves: ['rd-gateway'],
  },
  {
    names: ['ImportRDListener'],
    did: 'set the certificate of every Remote Desktop listener',
    moves: ['rdp'],
    besides: 'The account of Remote Desktop gets the right to read the new key.',
  },
  { names: ['ImportRDS'], did: 'did what ImportRDGateway and ImportRDListener did', moves: ['rdp', 'rd-gateway'] },
  {
    names: ['ImportRDSFull'],
    did: 'did what ImportRDS did, and set the certificates of a deployment at its connection broker, from an exported PFX file',
    moves: ['rdp', 'rd-gateway'],
    reports: [['rds-roles', 'the change reaches other servers']],
  },
  {
    names: ['ImportSQL'],
    did: 'set the certificate of the first instance it found and restarted `MSSQLSERVER`',
    moves: ['sql'],
    besides:
      'It changes and restarts only instances that have the old certificate. The new certificate has to cover the name of the server.',
  },
  {
    names: ['ImportNTDS'],
    did: 'copied the certificate into the store of the service NTDS and removed the old one there',
    moves: ['ldaps'],
    besides: 'Nobody is disconnected. The new certificate has to cover the name of the server.',
  },
  {
    names: ['ImportSSTP'],
    did: 'stopped RemoteAccess, made the binding of the Default Web Site again, set the certificate and started the service',
    moves: ['sstp'],
  },
  {
    names: ['ImportWinRM', 'ImportWinRM.v2'],
    did: 'set the certificate of the HTTPS listeners, made one where there was none, and restarted WinRM',
    moves: ['winrm'],
    besides: 'CertRebind makes no listener and does not restart WinRM.',
  },
  {
    names: ['ImportWMSVC'],
    did: 'replaced the certificate binding of port 8172 and the value in the registry, and restarted the service',
    moves: ['wmsvc'],
    besides: 'CertRebind does not restart the service.',
  },
  {
    names: ['ImportSSRS'],
    did: 'stopped Reporting Services, and removed and made its URLs and certificate bindings again',
    reports: [
      ['ssrs', 'a change has to remove the bindings first, and this project has not tested how to restore them'],
    ],
  },
  {
    names: ['ImportWindowsAdminCenter'],
    did: 'ran the installer of Windows Admin Center with the new thumbprint and restarted its service',
    reports: [
      ['wac-1', 'its installer makes the change'],
      ['wac', 'it chooses its certificate by itself'],
    ],
  },
  {
    names: ['ImportADFS'],
    did: 'set both certificates of AD FS and restarted `adfssrv`',
    reports: [['adfs', 'the change reaches every server of the farm']],
  },
  {
    names: ['ImportExchange', 'ImportExchange.v2', 'ImportExchangeHybrid'],
    did: 'enabled the certificate for Exchange services, set it on hybrid connectors, and removed earlier certificates if told to',
    reports: [['exchange', 'Exchange cannot undo the change']],
  },
  {
    names: ['ImportAlteryxServer'],
    did: 'stopped Alteryx Server, replaced the certificate binding of port 443, and started Alteryx Server again',
    applicationId: 'eea9431a-a3d4-4c9b-9f9a-b83916c11c67',
    besides: 'CertRebind does not restart the service.',
  },
];

/** The line of the client's script step, as the page for ACME clients has it. */
export const lineOfStep = 'certrebind rebind --old auto --new {CertThumbprint} --yes';

/** The line that is typed once; `null` where no setting has CertRebind change anything. */
export function settingsLine({ moves = [], applicationId }: Script): string | null {
  if (applicationId !== undefined) return `certrebind config add applicationIds ${applicationId}`;
  if (moves.length === 0) return null;
  const settings = moves.flatMap((kind) => [
    `holders.${kind} replace`,
    ...(isRestarted(kind) ? [`holders.${kind}.restart window`] : []),
  ]);
  const window = moves.some(isRestarted) ? ['window 22:00-04:00'] : [];
  return ['certrebind config set', ...settings, ...window].join(' ');
}

/** A section for each script, from the tables of the program. */
export function scriptsMarkdown(): string {
  return scriptsOfWinAcme.map((script) => sectionOf(script).join('\n\n')).join('\n\n');
}

function sectionOf(script: Script): readonly string[] {
  const { names, did, moves = [], reports = [], applicationId, besides } = script;
  const settings = settingsLine(script);
  const proofs = applicationId === undefined ? moves.map(provedBy) : ['a TLS handshake'];
  const changed =
    proofs.length > 1
      ? ['CertRebind verifies both changes as above.']
      : proofs.map((by) => `CertRebind verifies the change by ${by}.`);
  return [
    `### ${names.join(', ')}`,
    `The script ${did}.`,
    ...(settings === null ? [] : [block([settings])]),
    ...(changed.length === 0 ? [] : [[...changed, ...(besides === undefined ? [] : [besides])].join(' ')]),
    ...reports.flatMap(([kind, why]) => reportedPart(kind, why)),
  ];
}

function reportedPart(kind: ReportedKind, why: string): readonly string[] {
  const rules = reportedRules[kind];
  const { besides } = makersCommand(rules, { old: null, new: null });
  const dialled = dialledAt(kind);
  const shown = dialled === null ? '' : ` \`certrebind verify\` tests ${dialled}.`;
  return [
    `CertRebind only reports ${rules.called}, because ${why}.${shown} The script step prints the command that sets the new certificate.${besides === null ? '' : ` ${besides}`}`,
  ];
}

function block(lines: readonly string[]): string {
  return ['```text', ...lines, '```'].join('\n');
}
