/**
 * One switch for every fact about Windows that nobody has confirmed. Every position is a possible Windows, and the
 * program must work correctly in all of them. Help (`lab switch`), the documentation and the types come from this
 * table. The first position is that of a new lab.
 */
const table = [
  {
    name: 'rebind-options',
    positions: ['kept', 'flags-lost', 'all-lost'],
    doc: 'What RebindSslCertificate does to the other options of the record (client certificates, mapper, revocation).',
  },
  {
    name: 'rebind-orphaned',
    positions: ['replaces', 'refuses'],
    doc: 'What RebindSslCertificate does when the certificate of the record has left its store.',
  },
  {
    name: 'netsh-update-options',
    positions: ['kept', 'lost'],
    doc: 'What netsh http update sslcert does to options that are not named.',
  },
  {
    name: 'netsh-update-on-2016',
    positions: ['absent', 'present'],
    doc: 'Whether netsh http update sslcert exists on Server 2016 (builds 14393 to 15062).',
    fact: 'netsh-update-presence',
  },
  {
    name: 'netsh-central-store-text',
    positions: ['own-label', 'hostname-star'],
    doc: 'How netsh shows a record of the central certificate store.',
    fact: 'central-store-record',
  },
  {
    name: 'display-language',
    positions: ['english', 'german', 'invented'],
    doc: 'Language of the labels and messages of netsh; the invented one shares no word with any other.',
    fact: 'netsh-localised',
  },
  {
    name: 'wire-follows-renewal',
    positions: ['never', 'at-once', 'address-records'],
    doc: 'Whether endpoints serve the successor named by the renewal property while the record has the old certificate.',
  },
  {
    name: 'removed-certificate',
    positions: ['still-served', 'refused'],
    doc: 'What endpoints do after the certificate of a record was deleted from every store, until the next restart.',
  },
  {
    name: 'archived-certificate',
    positions: ['can-be-bound', 'cannot-be-bound'],
    doc: 'Whether a record can be set to an archived certificate.',
    fact: 'archived-bindable',
  },
  {
    name: 'endpoint-precedence',
    positions: ['address-name-central-any', 'name-address-central-any', 'address-any-name-central'],
    doc: 'Which record answers first: that of the exact address, of the server name, of the central store, of any address.',
  },
  {
    name: 'wildcard-names',
    positions: ['match', 'literal'],
    doc: 'Whether a record for *.example.com answers for www.example.com.',
    fact: 'wildcard-records',
  },
  {
    name: 'sni-layout',
    positions: ['guid', 'name'],
    doc: 'Sub-keys of SslSniBindingInfo: a GUID with the value HostnamePort, or host:port itself.',
    fact: 'sni-table-layout',
  },
  {
    name: 'key-opens',
    positions: ['at-once', 'late', 'too-slow'],
    doc: 'Whether a key opens at once, only some seconds after its certificate arrived, or not in the time that looking at it may take.',
    fact: 'late-keys',
  },
  {
    name: 'ftp-site-state',
    positions: ['fails', 'told'],
    doc: 'Whether reading the state of a site without web bindings fails (0x800710D8), or tells it.',
  },
  {
    name: 'ftp-certificate-before-host',
    positions: ['defaults', 'site'],
    doc: 'Whose certificate an FTP site with a host name serves, which IIS knows only by the HOST command: that of the defaults, or its own.',
  },
  {
    name: 'renewed-key-access',
    positions: ['kept', 'lost'],
    doc: 'Whether NETWORK SERVICE, under which Remote Desktop runs, and the services of SQL Server can read the key of a renewed certificate.',
    fact: 'rdp-key-access',
  },
  {
    name: 'key-deletion',
    positions: ['done', 'kept'],
    doc: 'Whether a private key is gone after Windows was told to delete it, or its file stays.',
  },
  {
    name: 'key-storage',
    positions: ['software', 'legacy', 'platform'],
    doc: 'Where private keys lie: as files of the software provider or of a legacy one, or in the TPM, which has no file with rights.',
    fact: 'key-file-rights',
  },
  {
    name: 'wmsvc-value',
    positions: ['shown-only', 'written-at-start'],
    doc: 'Whether the Web Management Service writes the certificate of its registry value to its certificate binding when it starts, or IIS Manager only shows it.',
  },
  {
    name: 'shared-configuration',
    positions: ['own', 'shared'],
    doc: 'Whether applicationHost.config is in a folder that other servers read too, as redirection.config says.',
  },
  {
    name: 'winrm-record',
    positions: ['rewritten-at-once', 'not-rewritten'],
    doc: 'What a change of a WinRM listener does to the certificate binding that clients meet.',
  },
  {
    name: 'winrm-hostname',
    positions: ['any-name', 'common-name-only'],
    doc: 'Which names of a certificate may be the host name of a WinRM listener.',
  },
  {
    name: 'ldaps-ack-only',
    positions: ['takes-effect', 'no-effect'],
    doc: 'Whether a domain controller that acknowledges renewServerCertificate also uses the new certificate.',
  },
  {
    name: 'ldaps-system-right',
    positions: ['has-it', 'denied'],
    doc: 'Whether SYSTEM may write renewServerCertificate.',
  },
  {
    name: 'exchange-attribute',
    positions: ['shown', 'hidden'],
    doc: 'Whether the account of a server may read which certificate the connectors of Exchange name.',
  },
  {
    name: 'sstp-default-mode',
    positions: ['stores-hash', 'keeps-hash'],
    doc: 'Whether SSTP stores the hash of its certificate bindings when it starts, where no person chose its certificate.',
    fact: 'sstp-modes',
  },
  {
    name: 'sstp-second-restart',
    positions: ['not-needed', 'needed'],
    doc: 'Whether SSTP answers with a new certificate after one restart, or only after a second one.',
  },
  {
    name: 'sstp-init-service',
    positions: ['remote-access', 'sstp-service'],
    doc: 'Which service sets SSTP up when it starts: RemoteAccess or SstpSvc.',
  },
  {
    name: 'sstp-deletes-orphans',
    positions: ['deleted', 'kept'],
    doc: 'Whether the start of SSTP deletes certificate bindings of its port whose certificate is in no store.',
  },
  {
    name: 'sstp-down-status',
    positions: ['404', '503', 'reset'],
    doc: 'What a client that asks for a tunnel gets where SSTP does not listen: a status of HTTP, or a reset.',
    fact: 'sstp-answer',
  },
  {
    name: 'sstp-ports-full',
    positions: ['free', 'full'],
    doc: 'Whether SSTP has a port for one more client.',
  },
  {
    name: 'gateway-system-denied',
    positions: ['allowed', 'denied'],
    doc: 'Whether SYSTEM may call the methods of Remote Desktop Gateway in WMI.',
  },
  {
    name: 'gateway-record-is-hash',
    positions: ['own-value', 'record'],
    doc: 'Whether the hash of Remote Desktop Gateway is a value of its own, or that of the certificate binding of its port.',
  },
  {
    name: 'gateway-record-blocks',
    positions: ['no', 'refuses'],
    doc: 'Whether SetCertificate of Remote Desktop Gateway fails while the certificate binding of its port names another certificate.',
  },
  {
    name: 'gateway-rewrites-record',
    positions: ['kept', 'rewritten'],
    doc: 'What SetCertificate of Remote Desktop Gateway does to the options of the certificate binding of its port.',
  },
  {
    name: 'gateway-self-restart',
    positions: ['no', 'at-once'],
    doc: 'Whether Remote Desktop Gateway restarts by itself when it gets another certificate, which ends its sessions.',
  },
  {
    name: 'gateway-down-status',
    positions: ['503', '404', 'reset'],
    doc: 'What a client of Remote Desktop Gateway gets where its service does not answer: a status of HTTP, or a reset.',
  },
  {
    name: 'sql-start-refused',
    positions: ['stops', 'self-generated'],
    doc: 'What an instance of SQL Server does at its start with a certificate that it cannot use.',
  },
  {
    name: 'remote-session',
    positions: ['none', 'winrm', 'unknown'],
    doc: 'Whether the command was started through WinRM.',
    fact: 'winrm-session',
  },
  {
    name: 'listen-list',
    positions: ['empty', 'one-address'],
    doc: 'The IP listen list of HTTP.SYS: empty, or only 192.0.2.77, where nothing but that address is listened on.',
  },
  {
    name: 'http3',
    positions: ['off', 'on'],
    doc: 'Whether HTTP.SYS answers HTTP/3.',
    fact: 'http3-listener',
  },
  {
    name: 'ipv6-any-record',
    positions: ['answers', 'ignored'],
    doc: 'Whether a record of [::] answers IPv6 clients of a site of any address, or the record of 0.0.0.0 does.',
  },
  {
    name: 'web-administration',
    positions: ['installed', 'missing'],
    doc: 'Whether IIS has its module WebAdministration (the feature Web-Scripting-Tools).',
    fact: 'scripting-tools',
  },
  {
    name: 'renewal-issuer',
    positions: ['stored', 'missing'],
    doc: 'Whether renewals come from an intermediate that the store CA has, and so is sent with them, or from one that is missing.',
    fact: 'served-chain',
  },
  {
    name: 'root-store',
    positions: ['machine', 'fetched', 'only-stored'],
    doc: 'Whether roots are those of an administrator, or public ones that Windows fetched, or by policy those in the stores alone.',
    fact: 'trust-lists',
  },
  {
    name: 'event-shape',
    positions: ['plain', 'own-namespace', 'reordered'],
    doc: 'Form of the UserData of lifecycle events: plain, with a namespace of its own, or in another order and letter case.',
    fact: 'event-1001-shape',
  },
  {
    name: 'record-numbers',
    positions: ['go-on', 'start-again'],
    doc: 'Whether the record numbers of the lifecycle log go on after it was cleared, or start again at 1.',
    fact: 'record-ids-restart',
  },
  {
    name: 'services-write-events',
    positions: ['allowed', 'denied'],
    doc: 'Whether service accounts may write to the lifecycle log.',
    fact: 'event-writers',
  },
  {
    name: 'missing-value',
    positions: ['literal', 'empty'],
    doc: 'What stands in the arguments of a task when a value query finds nothing: $(name), or nothing.',
  },
  {
    name: 'queued-values',
    positions: ['latest', 'own'],
    doc: 'Whether a queued start gets the values of its own event or those of the latest one.',
  },
  {
    name: 'task-queue',
    positions: ['keeps-all', 'keeps-one'],
    doc: 'Whether every start waits while an instance runs, or only one.',
  },
  {
    name: 'task-starts',
    positions: ['at-once', 'late', 'queued', 'never'],
    doc: 'When Task Scheduler starts what it was told to: at once, after some seconds, not while it stays queued, or never.',
  },
  {
    name: 'schedule-service',
    positions: ['runs', 'stopped'],
    doc: 'Whether the service of Task Scheduler runs; without it no task is told, changed or started.',
  },
  {
    name: 'execution-policy',
    positions: ['not-set', 'RemoteSigned', 'AllSigned', 'Restricted'],
    doc: 'The execution policy that Group Policy sets, which outranks the command line of PowerShell.',
    fact: 'policy-outranks-bypass',
  },
  {
    name: 'script-control',
    positions: ['none', 'allows-adapter', 'allows-nothing'],
    doc: 'Whether application control constrains PowerShell: not at all, all scripts except the adapter script, or all scripts.',
  },
  {
    name: 'powershell-starts',
    positions: ['yes', 'no'],
    doc: 'Whether Windows lets PowerShell start at all.',
    fact: 'engine-refused',
  },
  {
    name: 'volume-root',
    positions: ['protected', 'modify'],
    doc: 'Whether authenticated users may modify the root of the volume.',
    fact: 'volume-root-rights',
  },
  {
    name: 'domain-letters',
    positions: ['told', 'not-told'],
    doc: 'Whether Windows tells which Domain Admins and Enterprise Admins DA and EA stand for; those may change the root of the volume.',
  },
  {
    name: 'agent-rights',
    positions: ['none', 'trusted', 'not-trusted'],
    doc: 'Whether a management agent has full control of the root of the volume, and whether the registry names it as trusted.',
  },
] as const satisfies readonly LabSwitch[];

interface LabSwitch {
  readonly name: string;
  /** The default first. */
  readonly positions: readonly [string, ...string[]];
  readonly doc: string;
  /** The name in docs/evidence/fidelity.md; absent where it is the same. */
  readonly fact?: string;
}

type Table = (typeof table)[number];

export const switchTable = table.map((one) => ({ ...one, fact: 'fact' in one ? one.fact : one.name }));

export type SwitchName = Table['name'];

/** The position of every switch. */
export type Switches = { readonly [S in Table as S['name']]: S['positions'][number] };

/** The positions of all switches in a new lab. */
export const defaultSwitches = Object.fromEntries(
  table.map(({ name, positions }) => [name, positions[0]]),
) as unknown as Switches;

/** The switches with one of them moved; `null` when there is no such switch or position. */
export function moveSwitch(switches: Switches, name: string, position: string): Switches | null {
  const entry: LabSwitch | undefined = switchTable.find((candidate) => candidate.name === name);
  return entry?.positions.includes(position) === true ? { ...switches, [name]: position } : null;
}
