/**
 * The one table of codes. Help (`certrebind explain`), the docs, the JSON types and the exit codes all come from here,
 * so that no two lists can drift apart. `fact` names an entry of docs/evidence/fidelity.md where the code rests on one.
 */

/** The meaning of each exit code. */
export const exits = {
  0: 'The wanted state holds, changed or not; or a renewal waits for its time or its window.',
  1: 'A defect of CertRebind.',
  2: 'Usage, configuration or input is invalid, or was made for another server; nothing was touched.',
  3: 'A guard or a person said no; nothing failed, and the rest was done.',
  4: 'Something failed, and every failed step is proven put back.',
  5: 'Something needs a person: the message says what state each endpoint is in.',
  6: 'Another run holds the lock.',
  7: 'This server cannot be worked on; the message names what to install or allow.',
  8: 'The plan does not fit the server (any more); nothing was touched.',
  9: 'verify, doctor or status --check has findings.',
} as const;

export type ExitCode = keyof typeof exits;

interface Entry {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
  readonly fact?: string;
}

/** Why a guard kept a record from being swapped. `guard: true`: policy may set it to `warn` or `off`. */
export const blockCodes = [
  {
    code: 'ambiguous',
    guard: false,
    text: 'One old certificate has two successors, and nothing tells which came last.',
    hint: 'Name the pair yourself: certrebind rebind --old T --new T.',
  },
  {
    code: 'binding-unreadable',
    guard: false,
    text: 'A binding that cannot be read may stand on this record of IIS.',
    hint: 'Correct the binding in IIS Manager, then run certrebind reconcile.',
  },
  {
    code: 'shared-with',
    guard: true,
    text: 'Another product keeps its own copy of the thumbprint; changing only the TLS record would break it.',
    hint: 'Renew the certificate in that product with its own tool, then run certrebind reconcile.',
    fact: 'co-owners',
  },
  {
    code: 'web-administration-missing',
    guard: false,
    text: 'IIS on this server has no module WebAdministration, through which it changes the record under a binding.',
    hint: 'Install-WindowsFeature Web-Scripting-Tools, then run certrebind reconcile.',
    fact: 'scripting-tools',
  },
  {
    code: 'wrong-store',
    guard: false,
    text: 'The new certificate is not in a store that this holder takes certificates from.',
    hint: 'Import it into the store My of the computer as well.',
  },
  {
    code: 'remote-session',
    guard: false,
    text: 'This run came in through WinRM, or may have, and changing the listener could cut it off.',
    hint: 'Run certrebind reconcile at the console or over Remote Desktop. Where CertRebind is enabled, its task does it by itself.',
    fact: 'winrm-session',
  },
  {
    code: 'certificate-missing',
    guard: false,
    text: 'The new certificate is in neither My nor WebHosting of the local machine.',
    hint: 'Import it with its private key; the next reconcile takes it from there.',
  },
  {
    code: 'certificate-unknown',
    guard: false,
    text: 'The new certificate was not given to this capture, so the swap is not judged.',
    hint: 'Make the capture again with --certificates, a folder in which this one lies too.',
  },
  {
    code: 'key-missing',
    guard: false,
    text: 'The new certificate has no private key on this server.',
    hint: 'Import it again together with its key (a PFX file), or repair the link with certutil -repairstore.',
  },
  {
    code: 'key-unusable',
    guard: false,
    text: 'The private key of the new certificate cannot be opened by SYSTEM.',
    hint: 'Repair the key set or its access rights; HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  {
    code: 'not-yet-valid',
    guard: false,
    text: 'The new certificate is not valid yet.',
    hint: 'Nothing to do: it is taken when its time has come. Check the clock if that looks wrong.',
  },
  {
    code: 'expired',
    guard: true,
    text: 'The new certificate has expired.',
    hint: 'Renew again; swapping would replace one outage by another.',
  },
  {
    code: 'not-server-auth',
    guard: true,
    text: 'The new certificate is not for server authentication.',
    hint: 'Issue it from a template with the extended key usage 1.3.6.1.5.5.7.3.1.',
  },
  {
    code: 'key-not-servable',
    guard: false,
    text: 'The new certificate has a key of a kind that Windows serves no TLS with: Ed25519, Ed448 or DSA.',
    hint: 'Issue it with an RSA key, or an EC key on P-256 or P-384.',
    fact: 'servable-keys',
  },
  {
    code: 'names-lost',
    guard: true,
    text: 'A host served here was covered by the old certificate and is not by the new one.',
    hint: 'Issue a certificate with the named hosts, or allow the loss: once with certrebind rebind --allow names-lost, for good by guards.names-lost in the configuration.',
  },
  {
    code: 'shorter-life',
    guard: true,
    text: 'The new certificate ends before the old one, and nothing but likeness or an unproven event calls it a renewal.',
    hint: 'If it is meant, name the pair yourself: certrebind rebind --old T --new T.',
  },
  {
    code: 'outside-window',
    guard: false,
    text: 'All is well with it, and the change waits for its window.',
    hint: 'Nothing to do: it is done in the window. At once: certrebind reconcile --now.',
    fact: 'host-time-zone',
  },
  {
    code: 'uncorroborated',
    guard: true,
    text: 'The event was not written by SYSTEM or an administrator, and the old certificate does not name the new one as its renewal.',
    hint: 'If it is meant, run certrebind rebind --old T --new T, or link the two with Switch-Certificate.',
    fact: 'event-writers',
  },
] as const satisfies readonly (Entry & { guard: boolean })[];

export const skipCodes = [
  { code: 'already', text: 'It holds the new certificate already.', hint: 'Nothing to do.' },
  {
    code: 'not-ours',
    text: 'No IIS binding stands on this record.',
    hint: 'Type the line that is named with it, or leave it alone for good: certrebind config add exclude.records KEY.',
  },
  {
    code: 'report-only',
    text: 'Something beside TLS records holds the old certificate and is only reported, so a person has to act.',
    hint: 'Type the line that is named with it: it has the kind changed too, or is the command of its maker. To leave it alone: certrebind config add exclude.holders KEY.',
  },
  {
    code: 'held',
    text: 'The new certificate was put back here once, so only you bring it in again.',
    hint: 'Find out why in certrebind history, then run the certrebind rebind line of certrebind status.',
  },
  { code: 'excluded', text: 'The configuration excludes it.', hint: 'See exclude in certrebind config show.' },
  {
    code: 'not-in-plan',
    text: 'It holds the old certificate, and the plan file does not name it.',
    hint: 'Make the plan again, or run certrebind reconcile.',
  },
] as const satisfies readonly Entry[];

export const noteCodes = [
  {
    code: 'key-access',
    text: 'Accounts that could read the private key of the old certificate cannot read that of the new one.',
    hint: 'Services under these accounts cannot use the new certificate. Have the rights carried over with config set keyAccess copy.',
    fact: 'key-file-rights',
  },
  {
    code: 'key-access-unchecked',
    text: 'Who may read a private key could not be told.',
    hint: 'If a service that is not SYSTEM uses the certificate, look at the rights in Manage Private Keys.',
    fact: 'key-file-rights',
  },
  {
    code: 'central-store',
    text: 'Bindings on the central certificate store take their certificate from files and need no rebind.',
    hint: 'Renew the files of the central store.',
  },
  {
    code: 'store-changes',
    text: 'The new certificate is only in the other store, so the record changes its store too.',
    hint: 'Nothing to do.',
  },
  {
    code: 'store-unknown',
    text: 'The new certificate came as a file, and nothing tells in which store of the server it lies.',
    hint: 'Make the plan on the server itself before it is carried out.',
  },
  {
    code: 'names-uncovered',
    text: 'A host is covered by neither the old nor the new certificate.',
    hint: 'Nothing gets worse; give the site a certificate with its names if clients use them.',
  },
  {
    code: 'names-fewer',
    text: 'It answers for any host, and the new certificate lacks names that the old one had.',
    hint: 'Check that no client uses these names.',
  },
  {
    code: 'shorter-life',
    text: 'The new certificate ends before the old one.',
    hint: 'Check that the pair is not swapped.',
  },
  {
    code: 'key-unknown',
    text: 'Whether SYSTEM can open the private key is not known.',
    hint: 'Run as SYSTEM on the server itself, or go on: the handshake will show it.',
    fact: 'key-as-system',
  },
  {
    code: 'not-restorable',
    text: 'This record has options that netsh on this host cannot write, so it is only changed in place and its undo is limited to the hash.',
    hint: 'Nothing to do.',
    fact: 'netsh-options',
  },
  {
    code: 'key-type-changed',
    text: 'The new certificate has a key of another type.',
    hint: 'Check that old clients and cipher suites agree with it.',
  },
  {
    code: 'client-auth-dropped',
    text: 'The old certificate allowed client authentication and the new one does not.',
    hint: 'Check services that use the certificate as a client.',
  },
  {
    code: 'chain-incomplete',
    text: 'The issuing certificates of the new certificate were not all found on this server.',
    hint: 'Import the intermediate certificate first: a swap that is served without it is put back.',
  },
  {
    code: 'listen-list',
    text: 'HTTP.SYS listens on some addresses only, and other records answer there, so this one is not dialled.',
    hint: 'Look at netsh http show iplisten; clients do not reach this record either.',
    fact: 'listen-list',
  },
  {
    code: 'ipv6-record',
    text: 'A record of any IPv6 address that is not of IIS keeps the old certificate, and IPv6 clients of IIS sites get it.',
    hint: 'Renew it where it belongs (SSTP: Set-RemoteAccess), or name its application id in applicationIds of the configuration.',
    fact: 'ipv6-any-record',
  },
  {
    code: 'common-name-only',
    text: 'The only name of the new certificate is its common name, which browsers do not look at.',
    hint: 'Issue it with its names as subject alternative names.',
  },
  {
    code: 'weak-key',
    text: 'The new certificate has an RSA key of less than 2048 bits.',
    hint: 'Issue it with a longer key; browsers and Windows refuse short ones.',
  },
  {
    code: 'weak-signature',
    text: 'The new certificate is signed with SHA-1 or MD5.',
    hint: 'Issue it from an authority that signs with SHA-256; clients refuse the older ones.',
  },
  {
    code: 'authority-certificate',
    text: 'The new certificate is one of an authority (CA:TRUE).',
    hint: 'Check that it is the right one: clients may refuse it for a server.',
  },
  {
    code: 'no-digital-signature',
    text: 'The key usage of the new certificate does not allow digitalSignature.',
    hint: 'Issue it with digitalSignature; TLS 1.3 and every ECDHE suite need it.',
  },
  { code: 'site-stopped', text: 'The site is stopped, so its endpoint is not dialled.', hint: 'Nothing to do.' },
  {
    code: 'web-service-stopped',
    text: 'The web service is stopped, so nothing is dialled.',
    hint: 'Start W3SVC and run certrebind verify.',
  },
  {
    code: 'guard-warned',
    text: 'A guard would have blocked this and was set to warn.',
    hint: 'See guards in certrebind config show.',
  },
  {
    code: 'later-event-wins',
    text: 'One old certificate had two successors; the later event was taken.',
    hint: 'Check that it is the right one.',
  },
  {
    code: 'uncorroborated-ignored',
    text: 'An event that nothing corroborates named another successor and was passed over.',
    hint: 'Find out who wrote the event: the lifecycle log names the account and the program.',
    fact: 'event-writers',
  },
  {
    code: 'other-consumers',
    text: 'Something beside TLS records uses the old certificate and is not changed.',
    hint: 'Give it the new certificate with its own tool.',
    fact: 'co-owners',
  },
  {
    code: 'role-not-read',
    text: 'A role is installed here, and which certificate it uses was not read.',
    hint: 'Look with its own tool whether it uses the old certificate.',
    fact: 'reported-roles',
  },
  {
    code: 'old-unreadable',
    text: 'The old certificate is not on this server any more, so its names are not known.',
    hint: 'Every uncovered host counts as lost.',
  },
  {
    code: 'old-archived',
    text: 'The old certificate is archived; whether the server binds it is seen when it is put back.',
    hint: 'Nothing to do.',
    fact: 'archived-bindable',
  },
  {
    code: 'deadline-swap',
    text: 'A blocked swap is done after all because the old certificate is about to end and the policy says so.',
    hint: 'Replace the new certificate by one with every name.',
  },
  {
    code: 'not-enabled',
    text: 'Certificate rebind is not enabled on this server, so nothing brings in by itself what waits for its window.',
    hint: 'Run certrebind enable; or run certrebind reconcile in the window, or with --now at once.',
  },
  {
    code: 'window-not-kept',
    text: 'The old certificate ends too soon to wait for the window, so the swap is done outside of it.',
    hint: 'See window and deadline in certrebind config show; renew earlier, or let the window open more often.',
  },
  {
    code: 'undo-limited',
    text: 'The record cannot be put back with every option on this host.',
    hint: 'The hash is put back; compare the options with the journal.',
  },
  {
    code: 'binding-unreadable',
    text: 'A binding, a site or an FTPS certificate of the configuration could not be read.',
    hint: 'Where the server has it so, correct it in IIS Manager; export it again where only the file is damaged.',
  },
  {
    code: 'record-unreadable',
    text: 'A TLS record of HTTP.SYS could not be read, so nothing is known of its certificate.',
    hint: 'It was not touched. Look at it with netsh http show sslcert.',
    fact: 'http-sys-tables',
  },
  {
    code: 'certificate-unreadable',
    text: 'A certificate could not be read, so the plan goes on as if it were not there.',
    hint: 'Look at it with certutil -dump, and export or install it again.',
  },
  {
    code: 'served-successor',
    text: 'The wire served the new certificate without, or before, a swap; the record is the truth.',
    hint: 'Nothing to do.',
    fact: 'wire-follows-renewal',
  },
  {
    code: 'recovered',
    text: 'An unfinished run was found and brought to an end first.',
    hint: 'See certrebind history.',
  },
  {
    code: 'unfinished-run',
    text: 'A run has not ended; what it is still to change or to put back is planned as it is now.',
    hint: 'See certrebind history. A run that was interrupted is recovered by any changing command.',
  },
  {
    code: 'ledger-mended',
    text: 'The ledger could not be read, so a new one was made of the history.',
    hint: 'See certrebind plan for renewals that are tried again; exclude what must not be.',
  },
  {
    code: 'journal-damaged',
    text: 'The journal of an interrupted run has lines that cannot be read.',
    hint: 'Look at the server with certrebind doctor and certrebind verify; the journal is kept beside the outcome.',
  },
  {
    code: 'left-open',
    text: 'The run could not be brought to its end, because the server stopped answering.',
    hint: 'Any changing command finishes it first, for example certrebind reconcile.',
  },
  {
    code: 'message-dropped',
    text: 'A message about the run was not kept to be sent: the outbox takes 500, or its folder cannot be written.',
    hint: 'certrebind status says what the receiver of the earlier ones answers; they are given up after a week.',
  },
  {
    code: 'repair-by-hand',
    text: 'What doctor found here is not repaired by CertRebind, because nothing tells for certain what is right.',
    hint: 'Type the command that the note names, with the certificate of your choice.',
  },
  {
    code: 'renewal-held',
    text: 'A renewed certificate was put back, so it is not brought in again by itself.',
    hint: 'If it is to be used after all: certrebind rebind --old T --new T.',
  },
  {
    code: 'records-unknown',
    text: 'Nothing is known of the TLS records, so nothing can be said of what would be changed.',
    hint: 'Make the capture again with --from-registry or --from-netsh.',
  },
  {
    code: 'renewals-unknown',
    text: 'Nothing is known of the lifecycle log and of renewal properties, so renewals that wait are not seen.',
    hint: 'Name the pair yourself: certrebind plan --old T --new T.',
  },
  {
    code: 'part-unknown',
    text: 'A part of the server was not looked at, so what rests on it is not judged.',
    hint: 'Look at it on the server itself, as an elevated administrator.',
  },
  {
    code: 'log-gap',
    text: 'The lifecycle log was cleared or has a gap since it was last read.',
    hint: 'Renewal properties were consulted instead.',
  },
] as const satisfies readonly Entry[];

/** Errors that end a command, with the exit code of each. */
export const errorCodes = [
  {
    code: 'internal',
    exit: 1,
    text: 'An unexpected error: a defect of CertRebind.',
    hint: 'Run again with --debug and report what it prints.',
  },
  { code: 'usage', exit: 2, text: 'The command line is not understood.', hint: 'See certrebind --help.' },
  {
    code: 'bad-thumbprint',
    exit: 2,
    text: 'A text is not a certificate thumbprint.',
    hint: 'Copy the thumbprint from the certificate; blanks, colons and letter case do not matter.',
  },
  {
    code: 'same-certificate',
    exit: 2,
    text: 'The old and the new certificate are the same.',
    hint: 'To set the same certificate again (a new chain), add --represent.',
  },
  { code: 'bad-input', exit: 2, text: 'An input cannot be read.', hint: 'Correct the input named in the message.' },
  {
    code: 'bad-xml',
    exit: 2,
    text: 'An XML file is not well-formed, too large, or carries a DTD.',
    hint: 'Correct the file at the place named in the message.',
  },
  {
    code: 'bad-document',
    exit: 2,
    text: 'A JSON document is truncated, or not of the shape it claims.',
    hint: 'Make it again with the command that wrote it.',
  },
  {
    code: 'damaged-file',
    exit: 2,
    text: 'A file that CertRebind wrote into its state folder cannot be read any more.',
    hint: 'Restore the file from a backup; certrebind doctor says what else can be done.',
  },
  {
    code: 'later-schema',
    exit: 2,
    text: 'A document was written by a later version of CertRebind.',
    hint: 'Use that version or a later one.',
  },
  {
    code: 'earlier-schema',
    exit: 2,
    text: 'A plan file was made by an earlier version of CertRebind.',
    hint: 'Make the plan again with certrebind plan --out.',
  },
  {
    code: 'plan-edited',
    exit: 2,
    text: 'The plan is not as certrebind plan wrote it.',
    hint: 'Make the plan again; a plan is not edited by hand.',
  },
  {
    code: 'plan-unconfirmed',
    exit: 2,
    text: 'Others than administrators can change the plan file, and nobody has named its digest.',
    hint: 'Look at the plan and name its digest: certrebind apply <plan> --digest <digest>. certrebind plan --out prints it.',
  },
  { code: 'other-server', exit: 2, text: 'The plan was made for another server.', hint: 'Make a plan on this server.' },
  {
    code: 'bad-configuration',
    exit: 2,
    text: 'The configuration is invalid.',
    hint: 'See certrebind config schema, and try it with certrebind config check.',
  },
  { code: 'not-a-lab', exit: 2, text: 'The folder is not a lab.', hint: 'Make one with certrebind lab create <dir>.' },
  {
    code: 'not-writable',
    exit: 2,
    text: 'A file or folder cannot be written.',
    hint: 'Check its access rights and free space.',
  },
  {
    code: 'no-such-run',
    exit: 2,
    text: 'There is no run of this name.',
    hint: 'See certrebind history; a run that changed nothing is not kept.',
  },
  {
    code: 'ambiguous-run',
    exit: 2,
    text: 'The beginning of a name fits several runs.',
    hint: 'Name more of it; certrebind history lists the runs.',
  },
  {
    code: 'no-repair',
    exit: 2,
    text: 'CertRebind does not repair this finding itself.',
    hint: 'certrebind doctor names what to type or to decide.',
  },
  {
    code: 'no-such-event',
    exit: 2,
    text: 'The log has no event of this number.',
    hint: 'Use certrebind reconcile to handle whatever is pending.',
  },
  {
    code: 'no-such-certificate',
    exit: 2,
    text: 'A certificate that was named is not on this server, and nothing uses it.',
    hint: 'Check the name: certrebind usage lists the certificates and who uses them.',
  },
  {
    code: 'no-such-secret',
    exit: 2,
    text: 'A secret that is named is not on this server.',
    hint: 'Set it with certrebind secret set <name>.',
  },
  {
    code: 'secret-unreadable',
    exit: 2,
    text: 'A secret was set on another server, or is damaged: Windows cannot read it here.',
    hint: 'See certrebind secret list, and set it again with certrebind secret set <name>.',
    fact: 'machine-data-protection',
  },
  {
    code: 'no-such-renewal',
    exit: 2,
    text: 'Nothing is remembered of a renewal of this certificate.',
    hint: 'certrebind status shows what is remembered and not settled.',
  },
  {
    code: 'ambiguous-certificate',
    exit: 2,
    text: 'What was given to name a certificate fits several.',
    hint: 'Name it by its thumbprint; as many digits as tell it from the others are enough.',
  },
  {
    code: 'no-such-trigger',
    exit: 2,
    text: 'There is no trigger of this name.',
    hint: 'See certrebind trigger list.',
  },
  {
    code: 'trigger-exists',
    exit: 2,
    text: 'There is another trigger of this name.',
    hint: 'Choose another name, or remove it first with certrebind trigger remove.',
  },
  {
    code: 'native-active',
    exit: 3,
    text: "The task of IIS Manager's own certificate rebind is registered and active.",
    hint: 'Use enable --replace-native to take over, or --alongside to keep both.',
    fact: 'native-task',
  },
  {
    code: 'newer-installed',
    exit: 3,
    text: 'A later version of CertRebind is installed than the one that was started.',
    hint: 'Install the later version, or go back on purpose with --downgrade.',
  },
  {
    code: 'run-unfinished',
    exit: 3,
    text: 'A run was interrupted, and what is needed to put its changes back would be removed.',
    hint: 'Run certrebind reconcile first, which recovers it, or leave the history where it is.',
  },
  {
    code: 'outside-window',
    exit: 3,
    text: 'The window for changes is closed; nothing was touched.',
    hint: 'Carry the plan out in the window, or add --now.',
  },
  { code: 'locked', exit: 6, text: 'Another run holds the lock of this server.', hint: 'Wait for it with --wait.' },
  {
    code: 'no-server',
    exit: 7,
    text: 'There is no Windows server to work on here.',
    hint: 'Use --replay <file> to look at a captured server.',
  },
  {
    code: 'read-only-server',
    exit: 7,
    text: 'A captured server cannot be changed.',
    hint: 'Run the command on the server itself.',
  },
  {
    code: 'iis-missing',
    exit: 7,
    text: 'IIS is not installed, or older than 8.5.',
    hint: 'CertRebind needs IIS 8.5 (Windows Server 2012 R2) or later.',
  },
  {
    code: 'powershell-missing',
    exit: 7,
    text: 'Windows PowerShell 5.1 cannot be started.',
    hint: 'CertRebind uses %SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe; install or allow it.',
  },
  {
    code: 'powershell-failed',
    exit: 7,
    text: 'PowerShell gave no answer.',
    hint: 'Run certrebind doctor on the server itself, and look into the event log of PowerShell.',
  },
  {
    code: 'engine-refused',
    exit: 7,
    text: 'Windows does not let Windows PowerShell start for this account.',
    hint: 'Allow powershell.exe for SYSTEM and administrators in AppLocker, WDAC or the antivirus program.',
  },
  {
    code: 'script-control',
    exit: 7,
    text: 'Application control or an antivirus program keeps the adapter script from working.',
    hint: 'Run certrebind install, then allow certrebind-adapter.ps1, which lies beside the installed executable, by its signature or hash in the policy of WDAC or AppLocker: Get-AppLockerFileInformation certrebind-adapter.ps1 | New-AppLockerPolicy -RuleType Hash -User Everyone -Xml.',
  },
  {
    code: 'execution-policy',
    exit: 7,
    text: 'The execution policy of this server blocks the adapter script, and it could not be run another way.',
    hint: 'Under AllSigned: Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>), with a publisher that this server trusts. Otherwise in Group Policy: Turn on Script Execution, Allow local scripts and remote signed scripts.',
    fact: 'policy-outranks-bypass',
  },
  {
    code: 'secret-withheld',
    exit: 7,
    text: 'A secret was not sent, because PowerShell could write it into a transcript.',
    hint: 'Run certrebind install, and clear the finding policy-bypassed of certrebind doctor.',
  },
  {
    code: 'module-missing',
    exit: 7,
    text: 'A PowerShell module that Windows brings along is missing.',
    hint: 'Install-WindowsFeature Web-Scripting-Tools',
  },
  {
    code: 'not-elevated',
    exit: 7,
    text: 'This needs an elevated administrator or SYSTEM.',
    hint: 'Start PowerShell with "Run as administrator".',
  },
  {
    code: 'unsafe-folder',
    exit: 7,
    text: 'A file or folder that runs or steers code as SYSTEM could be changed by others.',
    hint: 'Remove it, or give it to Administrators alone; CertRebind never repairs such rights itself.',
  },
  {
    code: 'task-refused',
    exit: 7,
    text: 'Task Scheduler refused to register, change or remove a task.',
    hint: 'Run it as an elevated administrator, and see the message of Task Scheduler.',
  },
  {
    code: 'import-refused',
    exit: 7,
    text: 'Windows did not take the certificate into its store.',
    hint: 'See the message of Windows. Every version reads a file that was exported with TripleDES-SHA1.',
  },
  {
    code: 'no-task-scheduler',
    exit: 7,
    text: 'Task Scheduler cannot be asked here, or nobody carries out what it starts.',
    hint: 'Start the service Schedule: Start-Service Schedule. Where nothing starts tasks, as in a container, add --no-proof.',
  },
  {
    code: 'not-proven',
    exit: 7,
    text: 'Task Scheduler did not start the program, or the program could not work as SYSTEM; nothing was taken away.',
    hint: 'Remove what the message names, and run the command again.',
    fact: 'task-starts',
  },
  {
    code: 'proof-left',
    exit: 5,
    text: 'The installation could not be proven, and what the proof made could not all be taken away.',
    hint: 'Remove what the message names in Task Scheduler, and run the command again.',
  },
  { code: 'server-unreachable', exit: 7, text: 'The server did not answer.', hint: 'Check that it is running.' },
  {
    code: 'plan-stale',
    exit: 8,
    text: 'The plan does not fit the server: what holds a certificate, who uses it, or what is to become of it differs.',
    hint: 'Make the plan again, or add --force.',
  },
] as const satisfies readonly (Entry & { exit: ExitCode })[];

/** What can go wrong with one holder while a plan is carried out; a step's `error`, never an exit of its own. */
export const stepErrorCodes = [
  {
    code: 'left-for-local-run',
    text: 'A run that was interrupted left this listener open, and it may carry the session that this run came in through.',
    hint: 'The task of CertRebind finishes it, or certrebind reconcile at the console or over Remote Desktop.',
  },
  {
    code: 'changed-meanwhile',
    text: 'Others changed it between plan and swap.',
    hint: 'Plan again; nothing was done to it.',
  },
  { code: 'swap-failed', text: 'The server refused the change.', hint: 'See the message of the server.' },
  {
    code: 'swap-without-effect',
    text: 'The server reported success, and nothing changed.',
    hint: 'See the event log of the server.',
  },
  {
    code: 'options-lost',
    text: 'The change lost options of the record, and they could not be repaired.',
    hint: 'Compare the record with the journal.',
  },
  {
    code: 'record-lost',
    text: 'The record was gone after the change.',
    hint: 'It was put back if the outcome says so.',
  },
  {
    code: 'endpoint-worse',
    text: 'An endpoint answered before the change and does not now, or serves a certificate that does not cover it, or without an intermediate that clients need.',
    hint: 'The old certificate was put back.',
  },
  {
    code: 'still-old',
    text: 'The new certificate is set, and an endpoint goes on serving the old one.',
    hint: 'Look for TLS inspection or another process in front of it, or restart HTTP.SYS; certrebind reconcile looks again.',
  },
  {
    code: 'server-silent',
    text: 'The server stopped answering while it was changed.',
    hint: 'What is set there now is said beside this.',
  },
  { code: 'stopped', text: 'The run was stopped before this step.', hint: 'Run again.' },
  {
    code: 'run-undone',
    text: 'Another step of the run failed, and the configuration puts back the whole run then.',
    hint: 'See the error of that step, and undo in certrebind config show.',
  },
  {
    code: 'canary-failed',
    text: 'The first step of this kind with this certificate failed, so the others were not tried.',
    hint: 'See the error of that step.',
  },
] as const satisfies readonly Entry[];

export type Severity = 'error' | 'warning' | 'info';

/**
 * What `doctor`, `verify` and `status --check` report. `severity` is that of most findings of the code; `repair`: `plan`
 * is one that `doctor --fix` plans and runs, `command` is one to type, `null` is for a person to decide.
 */
export const findingCodes = [
  {
    code: 'will-die-on-restart',
    severity: 'error',
    repair: 'command',
    text: 'The wire still serves a certificate that is in no store any more, until HTTP.SYS or the server restarts.',
    hint: 'Give the record another certificate, or import this one again with its key, before anything restarts.',
    fact: 'removed-certificate',
  },
  {
    code: 'certificate-gone',
    severity: 'error',
    repair: 'command',
    text: 'A TLS record names a certificate that is in neither My nor WebHosting.',
    hint: 'Give the record another certificate, or import this one again with its key.',
  },
  {
    code: 'certificate-elsewhere',
    severity: 'error',
    repair: 'plan',
    text: 'A TLS record names a store in which its certificate is not, or is without its key; the other store has it.',
    hint: 'Let the record name the store that has the certificate.',
  },
  {
    code: 'binding-without-record',
    severity: 'error',
    repair: 'plan',
    text: 'An IIS binding has no TLS record, so nobody can connect to it.',
    hint: 'The record is made again where a run of CertRebind saw it whole; otherwise choose its certificate yourself.',
  },
  {
    code: 'central-store-record-missing',
    severity: 'error',
    repair: 'command',
    text: 'Bindings take their certificate from the central store, and HTTP.SYS has no central-store record for the port.',
    hint: 'Make the record with netsh, and check the settings of the central certificate store.',
    fact: 'central-store-record',
  },
  {
    code: 'private-key-missing',
    severity: 'error',
    repair: 'command',
    text: 'The certificate of a TLS record has no private key on this server.',
    hint: 'Repair the link to its key, or import it again together with its key (a PFX file).',
  },
  {
    code: 'private-key-unusable',
    severity: 'error',
    repair: null,
    text: 'The private key of the certificate of a TLS record cannot be opened by SYSTEM.',
    hint: 'Repair the key set or its access rights; HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  {
    code: 'certificate-expired',
    severity: 'error',
    repair: null,
    text: 'A certificate in use has expired.',
    hint: 'Renew it, and run certrebind reconcile.',
  },
  {
    code: 'wire-differs',
    severity: 'error',
    repair: null,
    text: 'An endpoint serves another certificate than the one that is set for it.',
    hint: 'Look for TLS inspection in between, another record that answers first (shadowed-names), or a restart that is due.',
    fact: 'endpoint-precedence',
  },
  {
    code: 'intermediate-not-sent',
    severity: 'warning',
    repair: 'command',
    text: 'A certificate is served without an intermediate that clients need to trust it.',
    hint: 'Import the intermediate into the store CA of the local machine, then set the same certificate again with --represent.',
    fact: 'served-chain',
  },
  {
    code: 'scheduler-stopped',
    severity: 'error',
    repair: 'command',
    text: 'The service of Task Scheduler does not run.',
    hint: 'Start-Service Schedule',
    fact: 'schedule-service',
  },
  {
    code: 'task-changed',
    severity: 'error',
    repair: 'command',
    text: 'The task was changed and does not start what it should.',
    hint: 'certrebind enable',
  },
  {
    code: 'task-disabled',
    severity: 'error',
    repair: 'command',
    text: 'The task is registered and disabled.',
    hint: 'certrebind enable',
  },
  {
    code: 'enable-unfinished',
    severity: 'error',
    repair: 'command',
    text: 'enable or install was interrupted; whatever worked before still does.',
    hint: 'Run the command again, or certrebind uninstall; no run finishes it.',
  },
  {
    code: 'proof-failed',
    severity: 'error',
    repair: 'command',
    text: 'The last proof of the program failed, so what it was for was not done.',
    hint: 'Remove what the message names, and run certrebind enable again.',
    fact: 'task-starts',
  },
  {
    code: 'not-proven',
    severity: 'warning',
    repair: 'command',
    text: 'Nothing has shown that Task Scheduler can start what the tasks name, and that it works as SYSTEM.',
    hint: 'Run certrebind enable, which proves it; a proof expires when command, account or program file change.',
    fact: 'task-starts',
  },
  {
    code: 'log-disabled',
    severity: 'error',
    repair: 'command',
    text: 'The certificate lifecycle log is disabled, so no event can start anything.',
    hint: 'wevtutil sl Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational /e:true',
    fact: 'lifecycle-log',
  },
  {
    code: 'unsafe-path',
    severity: 'error',
    repair: null,
    text: 'A file or folder that runs or steers code as SYSTEM can be changed by others.',
    hint: 'Remove it, or give it to Administrators alone; CertRebind never repairs such rights itself.',
  },
  {
    code: 'trusted-account',
    severity: 'warning',
    repair: null,
    text: 'A list in the registry names an account that may change what runs as SYSTEM beside the administrators.',
    hint: 'If it administers this server, nothing; else take it out of TrustedAccounts of HKLM\\SOFTWARE\\CertRebind.',
  },
  {
    code: 'damaged-file',
    severity: 'error',
    repair: 'command',
    text: 'A file in the state folder cannot be read, so what it says is not known.',
    hint: 'Restore the file from a backup, or do what the message says.',
  },
  {
    code: 'last-run-failed',
    severity: 'error',
    repair: 'command',
    text: 'The last run could not work or needs attention.',
    hint: 'certrebind history',
  },
  {
    code: 'messages-not-accepted',
    severity: 'warning',
    repair: 'command',
    text: 'Mail, a webhook or a trigger that tells people of runs was tried three times or more without success, or the outbox is full.',
    hint: 'Correct notify in the configuration, or the trigger. Each message is tried again after the next runs, for a week.',
  },
  {
    code: 'endpoint-unreachable',
    severity: 'warning',
    repair: null,
    text: 'An endpoint does not answer.',
    hint: 'Check the site, the firewall and the certificate.',
  },
  {
    code: 'certificate-ends-soon',
    severity: 'warning',
    repair: null,
    text: 'A certificate in use ends soon, and nothing renews it on this server.',
    hint: 'Renew it, and run certrebind reconcile.',
  },
  {
    code: 'name-not-covered',
    severity: 'warning',
    repair: null,
    text: 'The certificate of a TLS record does not cover the host of a binding that stands on it.',
    hint: 'Issue a certificate with the name, or remove the binding if nobody uses it.',
  },
  {
    code: 'orphaned-record',
    severity: 'warning',
    repair: 'plan',
    text: 'A TLS record bears the application id of IIS, and no IIS binding stands on it.',
    hint: 'Remove it if no other product uses it: some set this application id too. What is answered there is put back.',
    fact: 'application-ids',
  },
  {
    code: 'shadowed-names',
    severity: 'warning',
    repair: null,
    text: 'A record by address may answer before the records by name on its port, with a certificate that lacks their names.',
    hint: 'Give the binding of that address a host and the SNI flag, or put the names into its certificate.',
    fact: 'endpoint-precedence',
  },
  {
    code: 'ftps-certificate-gone',
    severity: 'warning',
    repair: null,
    text: 'An FTP site names a certificate that its store does not have.',
    hint: 'Choose another one in IIS Manager, FTP SSL Settings.',
  },
  {
    code: 'ftps-certificate-expired',
    severity: 'warning',
    repair: null,
    text: 'The certificate of an FTP site has expired, or ends soon.',
    hint: 'Choose another one in IIS Manager, FTP SSL Settings.',
  },
  {
    code: 'listener-certificate-gone',
    severity: 'warning',
    repair: null,
    text: 'Remote Desktop, WinRM or the Web Management Service names a certificate that its store does not have.',
    hint: 'Give it another certificate: the page about holders says how CertRebind moves it.',
  },
  {
    code: 'listener-certificate-expired',
    severity: 'warning',
    repair: null,
    text: 'The certificate of Remote Desktop, WinRM or the Web Management Service has expired, or ends soon.',
    hint: 'Renew it, and have the listener changed too with certrebind config set holders.rdp.policy swap (winrm, wmsvc likewise).',
  },
  {
    code: 'legacy-ssl-metadata',
    severity: 'warning',
    repair: null,
    text: 'The configuration has the legacy property 5506, which makes HTTP.SYS lose TLS settings.',
    hint: 'Save applicationHost.config, then delete every property with id 5506 from its section customMetadata.',
    fact: 'legacy-5506',
  },
  {
    code: 'task-missing',
    severity: 'warning',
    repair: 'command',
    text: 'Certificate rebind is not enabled: a task of it is not registered.',
    hint: 'certrebind enable',
  },
  {
    code: 'two-mechanisms',
    severity: 'warning',
    repair: null,
    text: 'Two mechanisms rebind certificates on this server.',
    hint: 'Disable one of them.',
    fact: 'native-task',
  },
  {
    code: 'orphaned-trigger',
    severity: 'warning',
    repair: 'command',
    text: 'A task of a trigger is registered, and there is no such trigger any more, so it fails at every event.',
    hint: 'Remove it with certrebind trigger remove, or add the trigger again.',
  },
  {
    code: 'log-reset',
    severity: 'warning',
    repair: 'command',
    text: 'The certificate lifecycle log was cleared, or lost entries, since it was last read.',
    hint: 'certrebind reconcile also follows renewal properties, which no log can lose.',
    fact: 'record-ids-restart',
  },
  {
    code: 'policy-bypassed',
    severity: 'warning',
    repair: null,
    text: 'The execution policy of this server does not run the adapter script as a file, so its text is sent to PowerShell instead.',
    hint: 'Under AllSigned: Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>), with a publisher that this server trusts. Otherwise in Group Policy: Turn on Script Execution, Allow local scripts and remote signed scripts.',
    fact: 'policy-outranks-bypass',
  },
  {
    code: 'file-not-run',
    severity: 'warning',
    repair: null,
    text: 'PowerShell did not run the adapter script as a file, so its text is sent to PowerShell instead.',
    hint: 'Start the adapter by hand to see why: powershell.exe -NoProfile -ExecutionPolicy Bypass -File "C:\\Program Files\\CertRebind\\certrebind-adapter.ps1"',
  },
  {
    code: 'unfinished-run',
    severity: 'warning',
    repair: 'command',
    text: 'A run was interrupted and waits to be recovered.',
    hint: 'Any changing command recovers it first, for example certrebind reconcile.',
  },
  {
    code: 'run-under-way',
    severity: 'info',
    repair: null,
    text: 'A run is under way, so what was read may be half of it.',
    hint: 'Look again when it has ended.',
  },
  {
    code: 'still-old',
    severity: 'error',
    repair: 'command',
    text: 'An endpoint went on serving the old certificate after the new one was set.',
    hint: 'Look for TLS inspection or another process in front of it, or restart HTTP.SYS; certrebind reconcile looks again.',
  },
  {
    code: 'renewal-pending',
    severity: 'warning',
    repair: 'command',
    text: 'A renewed certificate is not in use yet, or not everywhere.',
    hint: 'certrebind reconcile',
  },
  {
    code: 'renewal-waiting',
    severity: 'info',
    repair: null,
    text: 'A renewed certificate waits for the window in which changes are made.',
    hint: 'Nothing to do. At once: certrebind reconcile --now.',
  },
  {
    code: 'renewal-blocked',
    severity: 'warning',
    repair: 'command',
    text: 'A guard keeps a renewed certificate from being used somewhere.',
    hint: 'certrebind plan names the guard, the places, and what to do.',
  },
  {
    code: 'old-certificate-back',
    severity: 'warning',
    repair: 'command',
    text: 'The old certificate is set somewhere again, after the renewed one was brought in.',
    hint: 'certrebind reconcile brings it in again. If the old one is to stay, exclude that place; and find out what set it.',
  },
  {
    code: 'change-by-hand',
    severity: 'warning',
    repair: 'command',
    text: 'Something that CertRebind does not change holds an old certificate that has been renewed.',
    hint: 'It is left to you. To have it left alone for good: certrebind config add exclude.holders KEY (exclude.records for a TLS record).',
  },
  {
    code: 'unreadable',
    severity: 'warning',
    repair: null,
    text: 'A part of the configuration could not be read, so nothing is known of it and nothing is done to it.',
    hint: 'Where the server has it so, correct it in IIS Manager or look at it with netsh http show sslcert; export it again where only the file is damaged.',
    fact: 'http-sys-tables',
  },
  {
    code: 'version-drift',
    severity: 'warning',
    repair: null,
    text: 'Parts of CertRebind on this server are of different versions.',
    hint: 'Install all of them again from one release.',
  },
  {
    code: 'wire-ahead',
    severity: 'info',
    repair: null,
    text: 'An endpoint serves the successor already while its record names the old certificate.',
    hint: 'Nothing to do: the record follows with the renewal.',
    fact: 'wire-follows-renewal',
  },
  {
    code: 'part-unknown',
    severity: 'info',
    repair: null,
    text: 'A part of the server was not looked at, so what rests on it is not judged.',
    hint: 'Run it on the server itself as an elevated administrator, or give the import more of what capture --help names.',
  },
  {
    code: 'wire-not-seen',
    severity: 'info',
    repair: null,
    text: 'No endpoint could be dialled from here, so only IIS and HTTP.SYS were compared.',
    hint: 'Run certrebind doctor on the server itself, with the web service started.',
  },
] as const satisfies readonly (Entry & { severity: Severity; repair: 'plan' | 'command' | null })[];

/** What blocks only until it has come: `soon` after the renewal, or when it is its time. */
export const comesLate: Readonly<Partial<Record<BlockCode, 'soon' | 'its-time'>>> = {
  'certificate-missing': 'soon',
  'key-missing': 'soon',
  'key-unusable': 'soon',
  'not-yet-valid': 'its-time',
  'outside-window': 'its-time',
};

export type BlockCode = (typeof blockCodes)[number]['code'];
export type SkipCode = (typeof skipCodes)[number]['code'];
export type NoteCode = (typeof noteCodes)[number]['code'];
export type ErrorCode = (typeof errorCodes)[number]['code'];
export type StepErrorCode = (typeof stepErrorCodes)[number]['code'];
export type FindingCode = (typeof findingCodes)[number]['code'];

export function errorEntry(code: ErrorCode): { exit: ExitCode; hint: string } {
  const entry = errorCodes.find((candidate) => candidate.code === code);
  if (entry === undefined) throw new TypeError(`no such error code: ${code}`);
  return entry;
}
