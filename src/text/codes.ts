/**
 * The one table of codes. Help (`certrebind explain`), the docs, the JSON types and the exit codes all come from here,
 * so that they cannot differ. `fact` names the entry of docs/evidence/fidelity.md that a code depends on.
 */

/** The meaning of each exit code. */
export const exits = {
  0: 'Success: everything is as wanted, or a renewal waits for its time or the change window.',
  1: 'CertRebind has a bug.',
  2: 'The command line, the configuration or an input is not valid, or is for another server. Nothing was changed.',
  3: 'A guard or a person said no. Nothing failed, and everything else was done.',
  4: 'Something failed. Every failed step was rolled back, and the rollback was checked.',
  5: 'A person has to act. The message shows the state of each endpoint.',
  6: 'Another run of CertRebind is active on this server.',
  7: 'CertRebind cannot work on this server. The message names what to install or allow.',
  8: 'The plan no longer fits the server. Nothing was changed.',
  9: 'verify, doctor or status --check found something.',
} as const;

export type ExitCode = keyof typeof exits;

interface Entry {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
  readonly fact?: string;
}

/** Why something is not changed. `guard: true`: the configuration can set it to `warn` or `off`. */
export const blockCodes = [
  {
    code: 'ambiguous',
    guard: false,
    text: 'The old certificate has two successors, and CertRebind cannot tell which one is newer.',
    hint: 'Name the pair yourself: certrebind rebind --old <old> --new <new>.',
  },
  {
    code: 'binding-unreadable',
    guard: false,
    text: 'An IIS binding that cannot be read may use this TLS record.',
    hint: 'Correct the binding in IIS Manager, then run certrebind reconcile.',
  },
  {
    code: 'shared-with',
    guard: true,
    text: 'Another product also uses this TLS record and stores the thumbprint itself. Changing only the record would break that product.',
    hint: 'Renew the certificate in that product with its own tool, then run certrebind reconcile.',
    fact: 'co-owners',
  },
  {
    code: 'web-administration-missing',
    guard: false,
    text: 'The PowerShell module WebAdministration is missing. CertRebind needs it to change the certificate of an IIS binding.',
    hint: 'Run Install-WindowsFeature Web-Scripting-Tools, then certrebind reconcile.',
    fact: 'scripting-tools',
  },
  {
    code: 'wrong-store',
    guard: false,
    text: 'The new certificate is not in the certificate store that this service reads.',
    hint: 'Import it into the store My of the local machine as well.',
  },
  {
    code: 'remote-session',
    guard: false,
    text: 'This run was started through WinRM, or may have been. Changing the WinRM listener could end the session.',
    hint: 'Run certrebind reconcile at the console or over Remote Desktop. If CertRebind is enabled, its scheduled task does this for you.',
    fact: 'winrm-session',
  },
  {
    code: 'certificate-missing',
    guard: false,
    text: 'The new certificate is not in the stores My and WebHosting of the local machine.',
    hint: 'Import it with its private key. The next certrebind reconcile uses it.',
  },
  {
    code: 'certificate-unknown',
    guard: false,
    text: 'The capture does not contain the new certificate, so the change cannot be checked.',
    hint: 'Make the capture again. Put the new certificate into the folder that --certificates names.',
  },
  {
    code: 'key-missing',
    guard: false,
    text: 'The new certificate has no private key on this server.',
    hint: 'Import the certificate again with its private key (a PFX file), or repair the link to the key with certutil -repairstore.',
  },
  {
    code: 'key-unusable',
    guard: false,
    text: 'SYSTEM cannot open the private key of the new certificate.',
    hint: 'Repair the private key or its permissions. HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  {
    code: 'not-yet-valid',
    guard: false,
    text: 'The new certificate is not valid yet.',
    hint: 'Nothing to do: CertRebind uses it as soon as it is valid. If the date looks wrong, check the clock of the server.',
  },
  {
    code: 'expired',
    guard: true,
    text: 'The new certificate has expired.',
    hint: 'Renew the certificate again. An expired certificate would not help.',
  },
  {
    code: 'not-server-auth',
    guard: true,
    text: 'The new certificate is not meant for server authentication.',
    hint: 'Issue it from a template with the extended key usage 1.3.6.1.5.5.7.3.1 (server authentication).',
  },
  {
    code: 'key-not-servable',
    guard: false,
    text: 'The new certificate has a key type that Windows cannot use for TLS: Ed25519, Ed448 or DSA.',
    hint: 'Issue it with an RSA key, or with an EC key on P-256 or P-384.',
    fact: 'servable-keys',
  },
  {
    code: 'names-lost',
    guard: true,
    text: 'The new certificate does not cover a host name that the old one covered and that is served here.',
    hint: 'Until then the old certificate stays there. Issue a certificate that covers these host names, or allow the loss. Once: certrebind rebind --old <old> --new <new> --allow names-lost. Always: certrebind config set guards.names-lost warn.',
  },
  {
    code: 'shorter-life',
    guard: true,
    text: 'The new certificate expires before the old one. Only its names, or an event that is not trusted, suggest that it is a renewal.',
    hint: 'If the renewal is intended, name the pair yourself: certrebind rebind --old <old> --new <new>.',
  },
  {
    code: 'outside-window',
    guard: false,
    text: 'The change is ready and waits for the change window.',
    hint: 'Nothing to do: CertRebind makes the change in the window. To make it now: certrebind reconcile --now.',
    fact: 'host-time-zone',
  },
  {
    code: 'uncorroborated',
    guard: true,
    text: 'The event was not written by SYSTEM or an administrator, and the old certificate does not name the new one as its renewal.',
    hint: 'If the renewal is intended, run certrebind rebind --old <old> --new <new>, or link the two certificates with Switch-Certificate.',
    fact: 'event-writers',
  },
] as const satisfies readonly (Entry & { guard: boolean })[];

export const skipCodes = [
  { code: 'already', text: 'It already uses the new certificate.', hint: 'Nothing to do.' },
  {
    code: 'not-ours',
    text: 'No IIS binding uses this TLS record.',
    hint: 'Run the command shown with it. To leave the record alone: certrebind config add exclude.records KEY.',
  },
  {
    code: 'report-only',
    text: 'Something other than a TLS record uses the old certificate. CertRebind only reports it, so you have to change it.',
    hint: 'Run the command shown with it. To leave it alone: certrebind config add exclude.holders KEY.',
  },
  {
    code: 'held',
    text: 'The new certificate was rolled back here before, and the cause still holds.',
    hint: 'Find the reason in certrebind history, then run the certrebind rebind command that certrebind status shows.',
  },
  { code: 'excluded', text: 'The configuration excludes it.', hint: 'See exclude in certrebind config show.' },
  {
    code: 'not-in-plan',
    text: 'It uses the old certificate, but the plan file does not contain it.',
    hint: 'Make the plan again, or run certrebind reconcile.',
  },
] as const satisfies readonly Entry[];

export const noteCodes = [
  {
    code: 'key-access',
    text: 'Some accounts can read the private key of the old certificate but not that of the new one.',
    hint: 'Services that run under these accounts cannot use the new certificate. To copy the permissions: certrebind config set keyAccess copy.',
    fact: 'key-file-rights',
  },
  {
    code: 'key-access-unchecked',
    text: 'The permissions of a private key could not be read.',
    hint: 'If a service that does not run as SYSTEM uses the certificate, check the permissions under Manage Private Keys.',
    fact: 'key-file-rights',
  },
  {
    code: 'central-store',
    text: 'Bindings of the central certificate store read their certificate from files, so they need no rebind.',
    hint: 'Replace the certificate files in the central store.',
  },
  {
    code: 'store-changes',
    text: 'The new certificate is only in the other store, so the store of the TLS record changes too.',
    hint: 'Nothing to do.',
  },
  {
    code: 'store-unknown',
    text: 'The new certificate was given as a file, so its store on the server is not known.',
    hint: 'Make the plan on the server before you apply it.',
  },
  {
    code: 'names-uncovered',
    text: 'A host name is covered by neither the old nor the new certificate.',
    hint: 'This is not new. If clients use this host name, issue a certificate that covers it.',
  },
  {
    code: 'names-fewer',
    text: 'The record answers for any host name, and the new certificate lacks names that the old one had. CertRebind changes the record nevertheless.',
    hint: 'Check that no client uses these names. If one does, certrebind undo, and issue a certificate that covers them.',
  },
  {
    code: 'shorter-life',
    text: 'The new certificate expires before the old one.',
    hint: 'Check that you did not mix up the old and the new certificate.',
  },
  {
    code: 'key-unknown',
    text: 'It is not known whether SYSTEM can open the private key.',
    hint: 'Run CertRebind as SYSTEM on the server, or continue: the TLS handshake will show it.',
    fact: 'key-as-system',
  },
  {
    code: 'not-restorable',
    text: 'netsh on this server cannot write some options of this TLS record. CertRebind changes the record in place, and an undo restores only the thumbprint.',
    hint: 'Nothing to do.',
    fact: 'netsh-options',
  },
  {
    code: 'key-type-changed',
    text: 'The new certificate has another key type than the old one.',
    hint: 'Check that old clients and the cipher suites of this server support it.',
  },
  {
    code: 'client-auth-dropped',
    text: 'The old certificate allowed client authentication. The new one does not.',
    hint: 'Check services that use the certificate as a client certificate.',
  },
  {
    code: 'chain-incomplete',
    text: 'Some issuing certificates of the new certificate are missing on this server.',
    hint: 'Import the intermediate certificate first. If clients do not get it, CertRebind rolls the change back.',
  },
  {
    code: 'listen-list',
    text: 'HTTP.SYS listens on some addresses only, and other records answer on them. This record is not tested.',
    hint: 'Run netsh http show iplisten. Clients do not reach this record either.',
    fact: 'listen-list',
  },
  {
    code: 'ipv6-record',
    text: 'Another product has a TLS record for all IPv6 addresses with the old certificate. IPv6 clients of IIS sites get that certificate.',
    hint: 'Change it with the tool of that product (SSTP: Set-RemoteAccess), or add its application id to applicationIds in the configuration.',
    fact: 'ipv6-any-record',
  },
  {
    code: 'common-name-only',
    text: 'The new certificate has a common name but no subject alternative names. Browsers ignore the common name.',
    hint: 'Issue it with its host names as subject alternative names.',
  },
  {
    code: 'weak-key',
    text: 'The RSA key of the new certificate is shorter than 2048 bits.',
    hint: 'Issue it with a longer key. Browsers and Windows reject short keys.',
  },
  {
    code: 'weak-signature',
    text: 'The new certificate is signed with SHA-1 or MD5.',
    hint: 'Issue it from a certification authority that signs with SHA-256. Clients reject SHA-1 and MD5.',
  },
  {
    code: 'authority-certificate',
    text: 'The new certificate is a CA certificate (CA:TRUE).',
    hint: 'Check that it is the right certificate. Clients may reject it for a server.',
  },
  {
    code: 'no-digital-signature',
    text: 'The key usage of the new certificate does not include digitalSignature.',
    hint: 'Issue it with digitalSignature. TLS 1.3 and all ECDHE cipher suites need it.',
  },
  { code: 'site-stopped', text: 'Not tested: the site is stopped.', hint: 'Nothing to do.' },
  {
    code: 'web-service-stopped',
    text: 'Not tested: the web service (W3SVC) is stopped.',
    hint: 'Start W3SVC, then run certrebind verify.',
  },
  {
    code: 'guard-warned',
    text: 'A guard found a problem, but the configuration sets this guard to warn, so the change is made.',
    hint: 'See guards in certrebind config show.',
  },
  {
    code: 'later-event-wins',
    text: 'The old certificate had two successors. CertRebind uses the one with the later event.',
    hint: 'Check that it is the right certificate.',
  },
  {
    code: 'uncorroborated-ignored',
    text: 'An untrusted event named another successor. CertRebind ignored it.',
    hint: 'Find out who wrote the event: the lifecycle log names the account and the program.',
    fact: 'event-writers',
  },
  {
    code: 'other-consumers',
    text: 'Something other than a TLS record uses the old certificate. CertRebind does not change it.',
    hint: 'Give it the new certificate with its own tool.',
    fact: 'co-owners',
  },
  {
    code: 'role-not-read',
    text: 'This role is installed, but CertRebind does not read which certificate it uses.',
    hint: 'Check with the tool of the role whether it uses the old certificate.',
    fact: 'reported-roles',
  },
  {
    code: 'old-unreadable',
    text: 'The old certificate is no longer on this server, so its names are not known.',
    hint: 'Every host name that the new certificate does not cover counts as lost.',
  },
  {
    code: 'old-archived',
    text: 'The old certificate is archived. Whether Windows still accepts it shows only if the change is rolled back.',
    hint: 'Nothing to do.',
    fact: 'archived-bindable',
  },
  {
    code: 'deadline-swap',
    text: 'A guard blocked this change, but the old certificate expires soon and the configuration says to change it then.',
    hint: 'Replace the new certificate with one that covers every name.',
  },
  {
    code: 'not-enabled',
    text: 'CertRebind is not enabled on this server, so nothing makes this change when the window opens.',
    hint: 'Run certrebind enable. Or run certrebind reconcile in the window, or with --now at once.',
  },
  {
    code: 'window-not-kept',
    text: 'The old certificate expires before the window opens, so the change is made outside the window.',
    hint: 'See window and deadline in certrebind config show. Renew earlier, or open the window more often.',
  },
  {
    code: 'not-restored',
    text: 'A holder of the run that is undone is left as it is.',
    hint: 'The note says why, and what you can do.',
  },
  {
    code: 'undo-limited',
    text: 'netsh on this server cannot restore every option of this TLS record.',
    hint: 'The thumbprint is restored. Compare the options with the journal.',
  },
  {
    code: 'binding-unreadable',
    text: 'A binding, a site or an FTPS certificate in the IIS configuration could not be read.',
    hint: 'If the server has it like this, correct it in IIS Manager. If only the exported file is damaged, export it again.',
  },
  {
    code: 'record-unreadable',
    text: 'A TLS record could not be read, so its certificate is not known.',
    hint: 'CertRebind did not change it. Check it with netsh http show sslcert.',
    fact: 'http-sys-tables',
  },
  {
    code: 'certificate-unreadable',
    text: 'A certificate could not be read. The plan was made without it.',
    hint: 'Check it with certutil -dump, then export or install it again.',
  },
  {
    code: 'served-successor',
    text: 'The endpoint already served the new certificate before the TLS record was changed.',
    hint: 'Nothing to do.',
    fact: 'wire-follows-renewal',
  },
  {
    code: 'recovered',
    text: 'CertRebind found an interrupted run and finished it first.',
    hint: 'See certrebind history.',
  },
  {
    code: 'unfinished-run',
    text: 'A run has not finished. This plan ignores it.',
    hint: 'See certrebind history. The next command that changes something recovers an interrupted run.',
  },
  {
    code: 'ledger-mended',
    text: 'The ledger could not be read. CertRebind made a new one from the history.',
    hint: 'Check in certrebind plan which renewals it would try again, and exclude those that you do not want.',
  },
  {
    code: 'journal-damaged',
    text: 'The journal of an interrupted run has lines that cannot be read.',
    hint: 'Check the server with certrebind doctor and certrebind verify. The journal is kept next to the outcome.',
  },
  {
    code: 'left-open',
    text: 'The run could not be finished because the server stopped answering.',
    hint: 'The next command that changes something finishes it, for example certrebind reconcile.',
  },
  {
    code: 'message-dropped',
    text: 'A message about the run was dropped: the outbox is full (500 messages), or its folder cannot be written.',
    hint: 'certrebind status shows why the receiver refuses the earlier messages. They are dropped after a week.',
  },
  {
    code: 'repair-by-hand',
    text: 'CertRebind cannot repair this by itself, because it cannot tell which certificate is right.',
    hint: 'Run the command in the note with the certificate that you choose.',
  },
  {
    code: 'debt-stuck',
    text: 'A run could not roll back a change here, and what it had to restore cannot be restored now.',
    hint: 'certrebind status shows the place and the reason.',
  },
  {
    code: 'debt-foreign',
    text: 'A run could not roll back a change here, and someone else has changed the place since.',
    hint: 'Nothing to do if that change was wanted. Check with certrebind verify.',
  },
  {
    code: 'renewal-held',
    text: 'A renewed certificate was rolled back, and is not tried again yet.',
    hint: 'To use it anyway: certrebind rebind --old <old> --new <new>.',
  },
  {
    code: 'records-unknown',
    text: 'The TLS records are not known, so the plan cannot say what would change.',
    hint: 'Make the capture again with --from-registry or --from-netsh.',
  },
  {
    code: 'renewals-unknown',
    text: 'The lifecycle log and the renewal properties are not known, so pending renewals are not found.',
    hint: 'Name the pair yourself: certrebind plan --old <old> --new <new>.',
  },
  {
    code: 'part-unknown',
    text: 'A part of the server was not read, so nothing is said about it.',
    hint: 'Run the command on the server as an elevated administrator.',
  },
  {
    code: 'log-gap',
    text: 'The lifecycle log was cleared or lost entries since CertRebind last read it.',
    hint: 'CertRebind used the renewal properties of the certificates instead.',
  },
] as const satisfies readonly Entry[];

/** Errors that end a command, with the exit code of each. */
export const errorCodes = [
  {
    code: 'internal',
    exit: 1,
    text: 'CertRebind has a bug: an unexpected error.',
    hint: 'Run the command again with --debug and report what it prints.',
  },
  { code: 'usage', exit: 2, text: 'The command line is not valid.', hint: 'See certrebind --help.' },
  {
    code: 'bad-thumbprint',
    exit: 2,
    text: 'This is not a certificate thumbprint.',
    hint: 'Copy the thumbprint from the certificate. Spaces, colons and letter case do not matter.',
  },
  {
    code: 'same-certificate',
    exit: 2,
    text: 'The old and the new certificate are the same.',
    hint: 'To set the same certificate again, for example after its chain changed, add --represent.',
  },
  { code: 'bad-input', exit: 2, text: 'An input cannot be read.', hint: 'Correct the input that the message names.' },
  {
    code: 'bad-xml',
    exit: 2,
    text: 'An XML file is not well-formed, is too large, or contains a DTD.',
    hint: 'Correct the file at the position in the message.',
  },
  {
    code: 'bad-document',
    exit: 2,
    text: 'A JSON document is truncated or does not have the expected structure.',
    hint: 'Make it again with the command that wrote it.',
  },
  {
    code: 'damaged-file',
    exit: 2,
    text: 'A file in the state folder of CertRebind cannot be read.',
    hint: 'Restore the file from a backup. certrebind doctor shows what else you can do.',
  },
  {
    code: 'later-schema',
    exit: 2,
    text: 'The document was written by a later version of CertRebind.',
    hint: 'Use that version or a later one.',
  },
  {
    code: 'earlier-schema',
    exit: 2,
    text: 'The document was made by an earlier version of CertRebind.',
    hint: 'Make it again: a plan with certrebind plan --out.',
  },
  {
    code: 'plan-edited',
    exit: 2,
    text: 'The plan file was changed after certrebind plan wrote it.',
    hint: 'Make the plan again. A plan file cannot be edited.',
  },
  {
    code: 'plan-unconfirmed',
    exit: 2,
    text: 'Accounts other than administrators can change the plan file, and no digest was given.',
    hint: 'Check the plan and give its digest: certrebind apply <plan> --digest <digest>. certrebind plan --out prints the digest.',
  },
  { code: 'other-server', exit: 2, text: 'The plan was made for another server.', hint: 'Make a plan on this server.' },
  {
    code: 'bad-configuration',
    exit: 2,
    text: 'The configuration is not valid.',
    hint: 'See certrebind config schema, and test the file with certrebind config check.',
  },
  {
    code: 'not-a-lab',
    exit: 2,
    text: 'The folder is not a lab.',
    hint: 'Create one with certrebind lab create <dir>.',
  },
  {
    code: 'not-writable',
    exit: 2,
    text: 'A file or folder cannot be written.',
    hint: 'Check its permissions and the free disk space.',
  },
  {
    code: 'no-such-run',
    exit: 2,
    text: 'There is no run with this name.',
    hint: 'See certrebind history. Runs that changed nothing are not kept.',
  },
  {
    code: 'ambiguous-run',
    exit: 2,
    text: 'The name fits more than one run.',
    hint: 'Give more of the name. certrebind history lists the runs.',
  },
  {
    code: 'no-repair',
    exit: 2,
    text: 'CertRebind cannot repair this finding by itself.',
    hint: 'certrebind doctor shows the command to run or what to decide.',
  },
  {
    code: 'no-such-event',
    exit: 2,
    text: 'The log has no event with this number.',
    hint: 'To apply all pending renewals: certrebind reconcile.',
  },
  {
    code: 'no-such-certificate',
    exit: 2,
    text: 'The certificate is not on this server, and nothing uses it.',
    hint: 'Check the name. certrebind usage lists the certificates and what uses them.',
  },
  {
    code: 'no-such-secret',
    exit: 2,
    text: 'The secret is not stored on this server.',
    hint: 'Store it with certrebind secret set <name>.',
  },
  {
    code: 'secret-unreadable',
    exit: 2,
    text: 'Windows cannot read the secret: it was set on another server, or it is damaged.',
    hint: 'Set it again with certrebind secret set <name>. certrebind secret list shows the names.',
    fact: 'machine-data-protection',
  },
  {
    code: 'no-such-finding',
    exit: 2,
    text: 'There is no finding of this code, or not at this place.',
    hint: 'certrebind doctor shows the findings with their places.',
  },
  {
    code: 'not-dismissible',
    exit: 2,
    text: 'An error cannot be dismissed.',
    hint: 'certrebind doctor says what to do about it. A renewal that was rolled back can be given up: certrebind dismiss <renewal>.',
  },
  {
    code: 'no-such-renewal',
    exit: 2,
    text: 'CertRebind has no record of a renewal of this certificate.',
    hint: 'certrebind status shows the renewals that are not finished.',
  },
  {
    code: 'ambiguous-certificate',
    exit: 2,
    text: 'The name or thumbprint fits more than one certificate.',
    hint: 'Give the thumbprint. As many digits as make it unique are enough.',
  },
  {
    code: 'no-such-trigger',
    exit: 2,
    text: 'There is no trigger with this name.',
    hint: 'See certrebind trigger list.',
  },
  {
    code: 'trigger-exists',
    exit: 2,
    text: 'A trigger with this name already exists.',
    hint: 'Choose another name, or remove the trigger first with certrebind trigger remove.',
  },
  {
    code: 'native-active',
    exit: 3,
    text: 'The certificate rebind task of IIS Manager is registered and active.',
    hint: 'To replace it: enable --replace-native. To keep both: --alongside.',
    fact: 'native-task',
  },
  {
    code: 'newer-installed',
    exit: 3,
    text: 'A later version of CertRebind is installed.',
    hint: 'Install the later version, or go back to this one with --downgrade.',
  },
  {
    code: 'run-unfinished',
    exit: 3,
    text: 'A run was interrupted. Removing the history now would delete what is needed to roll it back.',
    hint: 'Recover the run first with certrebind reconcile, or keep the history.',
  },
  {
    code: 'outside-window',
    exit: 3,
    text: 'The change window is closed. Nothing was changed.',
    hint: 'Apply the plan in the window, or add --now.',
  },
  {
    code: 'locked',
    exit: 6,
    text: 'Another run of CertRebind is active on this server.',
    hint: 'Wait for it with --wait.',
  },
  {
    code: 'no-server',
    exit: 7,
    text: 'This computer is not a Windows server that CertRebind can work on.',
    hint: 'To look at a captured server, use --replay <file>.',
  },
  {
    code: 'read-only-server',
    exit: 7,
    text: 'A capture cannot be changed.',
    hint: 'Run the command on the server itself.',
  },
  {
    code: 'iis-missing',
    exit: 7,
    text: 'IIS is not installed, or older than 8.5.',
    hint: 'Run: Install-WindowsFeature Web-Server. CertRebind needs IIS 8.5 or later. Use Windows Server 2016 or later; 2012 R2 is experimental.',
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
    text: 'PowerShell did not answer.',
    hint: 'Check the event log Windows PowerShell, then run the command again. --debug shows where it failed.',
  },
  {
    code: 'engine-refused',
    exit: 7,
    text: 'This account is not allowed to start Windows PowerShell.',
    hint: 'Allow powershell.exe for SYSTEM and administrators in AppLocker, WDAC or the antivirus program.',
  },
  {
    code: 'script-control',
    exit: 7,
    text: 'Application control or an antivirus program blocks the adapter script.',
    hint: 'Run certrebind install, then allow certrebind-adapter.ps1 (in the folder of the version, C:\\Program Files\\CertRebind\\<version>) by its signature or hash in WDAC or AppLocker: Get-AppLockerFileInformation certrebind-adapter.ps1 | New-AppLockerPolicy -RuleType Hash -User Everyone -Xml.',
  },
  {
    code: 'execution-policy',
    exit: 7,
    text: 'The execution policy of this server blocks the adapter script, and there was no other way to run it.',
    hint: 'Under AllSigned, sign the script with a publisher that this server trusts: Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>). Otherwise set in Group Policy: Turn on Script Execution, Allow local scripts and remote signed scripts.',
    fact: 'policy-outranks-bypass',
  },
  {
    code: 'secret-withheld',
    exit: 7,
    text: 'CertRebind did not send a secret to PowerShell, because PowerShell could write it into a transcript.',
    hint: 'Run certrebind install, then resolve the finding policy-bypassed of certrebind doctor.',
  },
  {
    code: 'module-missing',
    exit: 7,
    text: 'A PowerShell module that is part of Windows is missing.',
    hint: 'Run: Install-WindowsFeature Web-Scripting-Tools',
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
    text: 'Accounts other than administrators can change a file or folder that controls what runs as SYSTEM.',
    hint: 'Remove it, or give only Administrators write access. CertRebind never changes these permissions itself.',
  },
  {
    code: 'task-refused',
    exit: 7,
    text: 'Task Scheduler refused to register, change or remove a task.',
    hint: 'Run the command as an elevated administrator, and read the message of Task Scheduler.',
  },
  {
    code: 'import-refused',
    exit: 7,
    text: 'Windows did not import the certificate into its store.',
    hint: 'Read the message of Windows. A PFX file exported with TripleDES-SHA1 works on every version.',
  },
  {
    code: 'no-task-scheduler',
    exit: 7,
    text: 'Task Scheduler is not available here, or nothing runs the tasks that it starts.',
    hint: 'Start its service: Start-Service Schedule. Where no tasks run, for example in a container, add --no-proof.',
  },
  {
    code: 'not-proven',
    exit: 7,
    text: 'Task Scheduler did not start CertRebind, or CertRebind could not work as SYSTEM. Nothing was removed.',
    hint: 'Fix the cause in the message, then run the command again.',
    fact: 'task-starts',
  },
  {
    code: 'proof-left',
    exit: 5,
    text: 'CertRebind could not prove that its task works, and could not remove everything that the proof created.',
    hint: 'Remove what the message names in Task Scheduler, then run the command again.',
  },
  { code: 'server-unreachable', exit: 7, text: 'The server did not answer.', hint: 'Check that it is running.' },
  {
    code: 'plan-stale',
    exit: 8,
    text: 'The plan no longer fits the server: certificates, what uses them, or the decisions have changed since it was made.',
    hint: 'Make the plan again, or apply it anyway with --force.',
  },
] as const satisfies readonly (Entry & { exit: ExitCode })[];

/** What can go wrong with one step of a run: the `error` of the step. It decides no exit code by itself. */
export const stepErrorCodes = [
  {
    code: 'left-for-local-run',
    text: 'An interrupted run did not finish this WinRM listener. This run may depend on that listener, so it leaves it alone.',
    hint: 'The scheduled task of CertRebind finishes it. Or run certrebind reconcile at the console or over Remote Desktop.',
  },
  {
    code: 'changed-meanwhile',
    text: 'It was changed by someone else after the plan was made.',
    hint: 'CertRebind did not change it. Make a new plan.',
  },
  {
    code: 'swap-failed',
    text: 'Windows refused the change.',
    hint: 'Fix the cause that the message of Windows names, then run certrebind reconcile, or the same command again.',
  },
  {
    code: 'swap-without-effect',
    text: 'Windows reported success, but nothing changed.',
    hint: 'Run certrebind reconcile. If it happens again, check the event logs System and Application of the time that certrebind history last --timeline shows.',
  },
  {
    code: 'options-lost',
    text: 'The change lost options of the TLS record, and CertRebind could not restore them.',
    hint: 'Set the options that the message names on the record again; certrebind history last --json has their values from before. Or roll back: certrebind undo.',
  },
  {
    code: 'record-lost',
    text: 'The TLS record was gone after the change.',
    hint: 'If the record is still absent: certrebind doctor --fix binding-without-record.',
  },
  {
    code: 'endpoint-worse',
    text: 'An endpoint got worse: it no longer answers, or serves a certificate that does not cover its name.',
    hint: 'CertRebind rolled back to the old certificate. Fix what got worse, then run the certrebind rebind command that certrebind status shows.',
  },
  {
    code: 'chain-not-sent',
    text: 'An endpoint served the new certificate without an intermediate certificate that clients need.',
    hint: 'CertRebind rolled back to the old certificate. Import the intermediate into the store CA of the local machine: the next hourly run then tries again.',
  },
  {
    code: 'still-old',
    text: 'The new certificate is set, but an endpoint still serves the old one.',
    hint: 'Check for TLS inspection or another process in front of the endpoint, or restart the server, which stops all sites for that time. Then run certrebind verify.',
  },
  {
    code: 'still-served',
    text: 'The old certificate is set again, but an endpoint still serves the one that was rolled back.',
    hint: 'If Windows follows the renewal property of the old certificate: when nothing else uses the new one (certrebind usage), export it with its private key and delete it from its store (certlm.msc). Otherwise check for TLS inspection, or restart the server, which stops all sites for that time. Then run certrebind verify.',
    fact: 'wire-follows-renewal',
  },
  {
    code: 'server-silent',
    text: 'The server stopped answering during the change.',
    hint: 'Run certrebind doctor to see what is set there now.',
  },
  { code: 'stopped', text: 'The run stopped before this step.', hint: 'Run the same command again.' },
  {
    code: 'run-undone',
    text: 'Another step of the run failed, and the configuration says to roll back the whole run in that case.',
    hint: 'Fix the error of the step that failed. To roll back only that step: certrebind config set undo step.',
  },
  {
    code: 'canary-failed',
    text: 'The first step of this kind with this certificate failed, so the others were not tried.',
    hint: 'Fix the error of that step, then run certrebind reconcile, or the certrebind rebind command that certrebind status shows.',
  },
] as const satisfies readonly Entry[];

export type Severity = 'error' | 'warning' | 'info';

export interface FindingEntry extends Entry {
  readonly severity: Severity;
  readonly repair: 'plan' | 'command' | null;
  /** The program and what starts it, which says nothing about what clients get now; absent for everything else. */
  readonly about?: 'program';
}

/**
 * What `doctor`, `verify` and `status --check` report. `severity` is that of most findings of the code; `repair`: `plan`
 * is one that `doctor --fix` plans and runs, `command` is one to type, `null` is for a person to decide.
 */
export const findingCodes = [
  {
    code: 'will-die-on-restart',
    severity: 'error',
    repair: 'command',
    text: 'The endpoint serves a certificate that is no longer in any store. It will fail when HTTP.SYS or the server restarts.',
    hint: 'Before any restart, set another certificate, or import this one again with its private key.',
    fact: 'removed-certificate',
  },
  {
    code: 'certificate-gone',
    severity: 'error',
    repair: 'command',
    text: 'The certificate of a TLS record is not in the stores My and WebHosting.',
    hint: 'Set another certificate, or import this one again with its private key.',
  },
  {
    code: 'certificate-elsewhere',
    severity: 'error',
    repair: 'plan',
    text: 'A TLS record names the wrong store: its certificate with the private key is in the other one.',
    hint: 'Set the store of the record to the one that has the certificate.',
  },
  {
    code: 'binding-without-record',
    severity: 'error',
    repair: 'plan',
    text: 'An IIS binding has no TLS record, so clients cannot connect.',
    hint: 'If an earlier run saw the record: certrebind doctor --fix binding-without-record. Otherwise choose its certificate yourself, with the command shown with it.',
  },
  {
    code: 'central-store-record-missing',
    severity: 'error',
    repair: 'command',
    text: 'Bindings use the central certificate store, but HTTP.SYS has no central-store record for the port.',
    hint: 'Add the record with netsh, and check the settings of the central certificate store.',
    fact: 'central-store-record',
  },
  {
    code: 'private-key-missing',
    severity: 'error',
    repair: 'command',
    text: 'The certificate of a TLS record has no private key on this server.',
    hint: 'Repair the link to its private key, or import the certificate again with its key (a PFX file).',
  },
  {
    code: 'private-key-unusable',
    severity: 'error',
    repair: null,
    text: 'SYSTEM cannot open the private key of a certificate in use.',
    hint: 'Repair the private key or its permissions. HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  {
    code: 'certificate-expired',
    severity: 'error',
    repair: null,
    text: 'A certificate in use has expired.',
    hint: 'Renew it, then run certrebind reconcile.',
  },
  {
    code: 'wire-differs',
    severity: 'error',
    repair: null,
    text: 'An endpoint serves another certificate than the one that is set for it.',
    hint: 'Check for TLS inspection, for another record that answers first (shadowed-names), or for a restart that is due.',
    fact: 'endpoint-precedence',
  },
  {
    code: 'intermediate-not-sent',
    severity: 'warning',
    repair: 'command',
    text: 'An endpoint does not send an intermediate certificate that clients need.',
    hint: 'Import the intermediate certificate into the store CA of the local machine, then set the certificate again with --represent.',
    fact: 'served-chain',
  },
  {
    code: 'scheduler-stopped',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'The Task Scheduler service is not running.',
    hint: 'Run: Start-Service Schedule',
    fact: 'schedule-service',
  },
  {
    code: 'task-changed',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'The scheduled task was changed and does not start what it should.',
    hint: 'Run certrebind enable.',
  },
  {
    code: 'task-disabled',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'The scheduled task is registered but disabled.',
    hint: 'Run certrebind enable.',
  },
  {
    code: 'enable-unfinished',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'enable or install was interrupted. What worked before still works.',
    hint: 'Run the command again, or run certrebind uninstall. Nothing else finishes it.',
  },
  {
    code: 'proof-failed',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'The last test of the scheduled task failed, so the command that needed it made no change.',
    hint: 'Fix the cause in the message, then run certrebind enable again.',
    fact: 'task-starts',
  },
  {
    code: 'not-proven',
    about: 'program',
    severity: 'warning',
    repair: 'command',
    text: 'It was not tested whether Task Scheduler can start CertRebind as SYSTEM.',
    hint: 'Run certrebind enable, which tests it. A test is needed again when the command, the account or the program file changes.',
    fact: 'task-starts',
  },
  {
    code: 'log-disabled',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'The certificate lifecycle log is disabled, so no event can start CertRebind.',
    hint: 'Run certrebind doctor --fix log-disabled. Or: wevtutil sl Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational /e:true',
    fact: 'lifecycle-log',
  },
  {
    code: 'unsafe-path',
    about: 'program',
    severity: 'error',
    repair: null,
    text: 'Accounts other than administrators can change a file or folder that controls what runs as SYSTEM.',
    hint: 'Remove it, or give only Administrators write access. CertRebind never changes these permissions itself.',
  },
  {
    code: 'trusted-account',
    about: 'program',
    severity: 'warning',
    repair: null,
    text: 'A registry value trusts an account that is not an administrator. That account can change what runs as SYSTEM.',
    hint: 'If the account administers this server, nothing to do. If not, remove it from TrustedAccounts in HKLM\\SOFTWARE\\CertRebind.',
  },
  {
    code: 'damaged-file',
    about: 'program',
    severity: 'error',
    repair: 'command',
    text: 'A file in the state folder cannot be read.',
    hint: 'Restore the file from a backup, or do what the message says.',
  },
  {
    code: 'could-not-work',
    about: 'program',
    severity: 'error',
    repair: null,
    text: 'The last start of CertRebind by its task could not work, so it applied no renewal.',
    hint: 'Correct the cause in the message. The next start that works removes this.',
  },
  {
    code: 'messages-not-accepted',
    about: 'program',
    severity: 'warning',
    repair: 'command',
    text: 'Messages about runs could not be delivered in three or more attempts, or the outbox is full.',
    hint: 'Correct notify in the configuration, or the trigger. CertRebind tries each message again after the next runs, for a week.',
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
    text: 'A certificate in use expires soon, and nothing renews it on this server.',
    hint: 'Renew it, then run certrebind reconcile.',
  },
  {
    code: 'name-not-covered',
    severity: 'warning',
    repair: null,
    text: 'The certificate of a TLS record does not cover the host name of a binding that uses it.',
    hint: 'Issue a certificate that covers the name, or remove the binding if nobody uses it.',
  },
  {
    code: 'orphaned-record',
    severity: 'warning',
    repair: 'plan',
    text: 'A TLS record has the application id of IIS, but no IIS binding uses it.',
    hint: 'Remove it if no other product uses it: some products use this application id too. If an endpoint stops answering, CertRebind restores the record.',
    fact: 'application-ids',
  },
  {
    code: 'shadowed-names',
    severity: 'warning',
    repair: null,
    text: 'A TLS record for an address may answer before the records for host names on its port, and its certificate does not cover those names.',
    hint: 'Give the binding of that address a host name and the SNI flag, or issue its certificate with those names.',
    fact: 'endpoint-precedence',
  },
  {
    code: 'ftps-certificate-gone',
    severity: 'warning',
    repair: null,
    text: 'The certificate of an FTP site is not in its store.',
    hint: 'Choose another one in IIS Manager, FTP SSL Settings.',
  },
  {
    code: 'ftps-certificate-expired',
    severity: 'warning',
    repair: null,
    text: 'The certificate of an FTP site has expired or expires soon.',
    hint: 'Choose another one in IIS Manager, FTP SSL Settings.',
  },
  {
    code: 'service-key',
    severity: 'warning',
    repair: null,
    text: 'A service that needs its certificate to start cannot read the private key of it.',
    hint: 'Give the account in the message the right to read, in Manage Private Keys, before the service restarts.',
  },
  {
    code: 'listener-certificate-gone',
    severity: 'warning',
    repair: null,
    text: 'The certificate of Remote Desktop, WinRM or the Web Management Service is not in its store.',
    hint: 'Set another certificate. To let CertRebind do it: certrebind config set holders.rdp.policy swap (also for winrm and wmsvc), then certrebind rebind --old <old> --new <new>.',
  },
  {
    code: 'listener-certificate-expired',
    severity: 'warning',
    repair: null,
    text: 'The certificate of Remote Desktop, WinRM or the Web Management Service has expired or expires soon.',
    hint: 'Renew it. To let CertRebind change the listener too: certrebind config set holders.rdp.policy swap (also for winrm and wmsvc).',
  },
  {
    code: 'legacy-ssl-metadata',
    about: 'program',
    severity: 'warning',
    repair: null,
    text: 'The IIS configuration has the legacy property 5506, which can make HTTP.SYS lose TLS settings.',
    hint: 'Back up applicationHost.config, then delete every property with id 5506 from its section customMetadata.',
    fact: 'legacy-5506',
  },
  {
    code: 'task-missing',
    about: 'program',
    severity: 'warning',
    repair: 'command',
    text: 'CertRebind is not enabled: one of its scheduled tasks is not registered.',
    hint: 'Run certrebind enable.',
  },
  {
    code: 'two-mechanisms',
    about: 'program',
    severity: 'warning',
    repair: null,
    text: 'Two products or tasks rebind certificates on this server.',
    hint: 'Disable one of them.',
    fact: 'native-task',
  },
  {
    code: 'orphaned-trigger',
    about: 'program',
    severity: 'warning',
    repair: 'command',
    text: 'A trigger was removed but its scheduled task is still registered, so the task fails at every event.',
    hint: 'Remove the task with certrebind trigger remove, or add the trigger again.',
  },
  {
    code: 'log-reset',
    about: 'program',
    severity: 'warning',
    repair: 'command',
    text: 'The certificate lifecycle log was cleared or lost entries since CertRebind last read it.',
    hint: 'Run certrebind reconcile, which also reads the renewal properties of the certificates.',
    fact: 'record-ids-restart',
  },
  {
    code: 'policy-bypassed',
    about: 'program',
    severity: 'warning',
    repair: null,
    text: 'The execution policy blocks the adapter script as a file, so CertRebind sends its text to PowerShell instead.',
    hint: 'Under AllSigned, sign the script with a publisher that this server trusts: Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>). Otherwise set in Group Policy: Turn on Script Execution, Allow local scripts and remote signed scripts.',
    fact: 'policy-outranks-bypass',
  },
  {
    code: 'file-not-run',
    about: 'program',
    severity: 'warning',
    repair: null,
    text: 'PowerShell did not run the adapter script as a file, so CertRebind sends its text to PowerShell instead.',
    hint: 'To see why, start the adapter yourself: powershell.exe -NoProfile -ExecutionPolicy Bypass -File "C:\\Program Files\\CertRebind\\<version>\\certrebind-adapter.ps1"',
  },
  {
    code: 'unfinished-run',
    severity: 'warning',
    repair: 'command',
    text: 'A run was interrupted and has to be recovered.',
    hint: 'The next command that changes something recovers it, for example certrebind reconcile.',
  },
  {
    code: 'run-under-way',
    severity: 'info',
    repair: null,
    text: 'A run is active, so the state shown here may change.',
    hint: 'Check again when it has finished.',
  },
  {
    code: 'not-restored',
    severity: 'error',
    repair: 'plan',
    text: 'A run changed a setting, could not roll that back, and it is still not as it was before.',
    hint: 'The next run restores it before anything else. To do that now: certrebind reconcile.',
  },
  {
    code: 'renewal-rolled-back',
    severity: 'error',
    repair: 'command',
    text: 'A renewed certificate was tried and rolled back, so the old one is still in use.',
    hint: 'Fix the cause in the message. CertRebind tries again by itself once the cause has gone. To give the renewal up: certrebind dismiss <renewal>.',
  },
  {
    code: 'names-lost',
    severity: 'warning',
    repair: null,
    text: 'A place that answers for any host name got a renewed certificate with fewer names than before.',
    hint: 'If no client uses these names: certrebind dismiss names-lost. Otherwise run certrebind undo, and issue a certificate that covers them.',
  },
  {
    code: 'still-old',
    severity: 'error',
    repair: 'command',
    text: 'The new certificate was set, but an endpoint still serves the old one.',
    hint: 'Check for TLS inspection or another process in front of the endpoint, or restart the server, which stops all sites for that time. Then run certrebind verify.',
  },
  {
    code: 'still-served',
    severity: 'error',
    repair: 'command',
    text: 'The renewal was rolled back, but an endpoint still serves the new certificate.',
    hint: 'If Windows follows the renewal property of the old certificate: when nothing else uses the new one (certrebind usage), export it with its private key and delete it from its store (certlm.msc). Otherwise check for TLS inspection, or restart the server, which stops all sites for that time. Then run certrebind verify.',
    fact: 'wire-follows-renewal',
  },
  {
    code: 'renewal-pending',
    severity: 'warning',
    repair: 'command',
    text: 'A renewed certificate is not in use everywhere yet.',
    hint: 'Run certrebind reconcile.',
  },
  {
    code: 'renewal-late',
    severity: 'info',
    repair: null,
    text: 'The renewal of a certificate in use is later than the last one was.',
    hint: 'Nothing to do yet. If it does not come, look at what renews this certificate.',
  },
  {
    code: 'window-too-rare',
    severity: 'warning',
    repair: null,
    text: 'The change window stays closed for longer than a certificate in use allows.',
    hint: 'Open it more often (window in certrebind config show), or use certificates that last longer.',
  },
  {
    code: 'renewal-waiting',
    severity: 'info',
    repair: null,
    text: 'A renewed certificate waits for the change window.',
    hint: 'Nothing to do. To apply it now: certrebind reconcile --now.',
  },
  {
    code: 'renewal-blocked',
    severity: 'warning',
    repair: 'command',
    text: 'A guard blocks the use of a renewed certificate.',
    hint: 'certrebind plan shows the guard, where it applies, and what to do.',
  },
  {
    code: 'old-certificate-back',
    severity: 'warning',
    repair: 'command',
    text: 'The old certificate is in use again after the renewal was applied.',
    hint: 'To apply the renewal again: certrebind reconcile. To keep the old certificate there, exclude that place. Find out what changed it.',
  },
  {
    code: 'change-by-hand',
    severity: 'warning',
    repair: 'command',
    text: 'Something that CertRebind does not change still uses a certificate that has been renewed.',
    hint: 'Change it yourself. To leave it alone: certrebind config add exclude.holders KEY (exclude.records for a TLS record).',
  },
  {
    code: 'unreadable',
    severity: 'warning',
    repair: null,
    text: 'A part of the configuration could not be read. CertRebind does not change it.',
    hint: 'If the server has it like this, correct it in IIS Manager or check it with netsh http show sslcert. If only the exported file is damaged, export it again.',
    fact: 'http-sys-tables',
  },
  {
    code: 'version-drift',
    about: 'program',
    severity: 'warning',
    repair: null,
    text: 'The parts of CertRebind on this server have different versions.',
    hint: 'Install all of them again from one release.',
  },
  {
    code: 'wire-ahead',
    severity: 'info',
    repair: null,
    text: 'An endpoint already serves the new certificate, but its TLS record still names the old one.',
    hint: 'Nothing to do: CertRebind changes the record with the renewal.',
    fact: 'wire-follows-renewal',
  },
  {
    code: 'part-unknown',
    severity: 'info',
    repair: null,
    text: 'A part of the server was not read, so nothing is said about it.',
    hint: 'Run the command on the server as an elevated administrator. For a capture, add the files that capture --help lists.',
  },
  {
    code: 'wire-not-seen',
    severity: 'info',
    repair: null,
    text: 'No endpoint could be tested from here. Only IIS and HTTP.SYS were compared.',
    hint: 'Start the web service, and run the command on the server.',
  },
] as const satisfies readonly FindingEntry[];

/** Blocks that end by themselves: `soon` after the renewal, or when `its-time` has come. */
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
