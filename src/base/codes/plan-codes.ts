import { type Entry, entryOf } from './entry.ts';
import { shared } from './shared-codes.ts';

export interface BlockEntry extends Entry {
  /**
   * `true`: the configuration can set it to `warn` or `off`; `once`: only a person can overrule it, each time. Absent where
   * the change would fail.
   */
  readonly guard?: true | 'once';
  /** Where the configuration says nothing; absent for `block`. */
  readonly preset?: 'warn';
  /** It ends by itself: `soon` after the renewal, or when `its-time` has come; absent where somebody has to act. */
  readonly waits?: 'soon' | 'its-time';
}

const blocks = [
  {
    code: 'ambiguous',
    text: 'The old certificate has two successors, and CertRebind cannot tell which one is newer.',
    hint: 'Name the pair yourself: certrebind rebind --old <old> --new <new>.',
  },
  shared.bindingUnreadable,
  {
    code: 'shared-with',
    guard: true,
    text: 'Another product also uses this certificate binding and stores the thumbprint itself. Changing only the certificate binding would break that product.',
    hint: 'Renew the certificate in that product with its own tool, then run certrebind reconcile.',
    fact: 'co-owners',
  },
  {
    code: 'web-administration-missing',
    text: 'The PowerShell module WebAdministration is missing. CertRebind needs it to change the certificate of an IIS binding.',
    hint: 'Run Install-WindowsFeature Web-Scripting-Tools, then certrebind reconcile.',
    fact: 'scripting-tools',
  },
  {
    code: 'service-not-restarted',
    text: 'The service of this certificate is not restarted here, and without that it would not use a new one.',
    hint: 'Change it with the tools of its maker, or start the service and try again.',
    fact: 'service-restart',
  },
  {
    code: 'service-unfit',
    text: 'The service would not start with the new certificate, or could not use it.',
    hint: 'Issue a certificate that meets the conditions of the service, or give it the right to read the private key.',
    fact: 'sql-certificate',
  },
  {
    code: 'wrong-store',
    text: 'The certificate to be set is not in the certificate store from which it is read there.',
    hint: 'Import it into the store My of the local machine as well.',
  },
  {
    code: 'not-read',
    text: 'The place could not be read, so it is not known what it uses.',
    hint: 'Run the command on the server as an elevated administrator. certrebind doctor says why it could not be read.',
  },
  {
    code: 'gone',
    text: 'What is to be rolled back does not exist any more.',
    hint: 'Nothing to do if it was removed on purpose.',
  },
  {
    code: 'remote-session',
    text: 'This run was started through WinRM, or may have been. Changing the WinRM listener could end the session.',
    hint: 'Run certrebind reconcile at the console or over Remote Desktop. If CertRebind is enabled, its scheduled task does this for you.',
    fact: 'winrm-session',
  },
  {
    code: 'certificate-missing',
    waits: 'soon',
    text: 'The certificate to be set is not in the stores My and WebHosting of the local machine.',
    hint: 'Import it with its private key. The next certrebind reconcile uses it.',
  },
  {
    code: 'key-missing',
    waits: 'soon',
    text: 'The certificate to be set has no private key on this server.',
    hint: 'Import the certificate again with its private key (a PFX file), or repair the link to the key with certutil -repairstore.',
  },
  {
    code: 'key-unusable',
    waits: 'soon',
    text: 'SYSTEM cannot open the private key of the certificate to be set.',
    hint: 'Repair the private key or its permissions. HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  {
    code: 'not-yet-valid',
    waits: 'its-time',
    text: 'The certificate to be set is not valid yet.',
    hint: 'Nothing to do: CertRebind uses it as soon as it is valid. If the date looks wrong, check the clock of the server.',
  },
  {
    code: 'expired',
    guard: true,
    text: 'The certificate to be set has expired.',
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
    text: 'The new certificate has a key that Windows cannot use for TLS, such as ML-DSA, Ed25519 or SM2.',
    hint: 'Issue it with an RSA key, or with an EC key on P-256 or P-384.',
    fact: 'servable-keys',
  },
  {
    code: 'trust-lost',
    guard: 'once',
    text: 'Clients trust the old certificate. The new one is self-signed, revoked, from an authority that this server does not trust, or listed as not trusted.',
    hint: 'Use a certificate of a trusted authority, or add its root to the store Root. If clients trust it otherwise: certrebind rebind --old <old> --new <new> --allow trust-lost.',
    fact: 'trust-lists',
  },
  { ...shared.trustUnknown, guard: true },
  {
    ...shared.namesLost,
    guard: true,
    hint: 'Until then the old certificate stays there. Issue a certificate that covers these host names, or allow the loss. Once: certrebind rebind --old <old> --new <new> --allow names-lost. Always: certrebind config set guards.names-lost warn.',
  },
  { ...shared.namesFewer, guard: true, preset: 'warn' },
  { ...shared.shorterLife, guard: true },
  {
    ...shared.outsideWindow,
    waits: 'its-time',
    hint: 'Nothing to do: CertRebind makes the change in the window. To make it now: certrebind reconcile --now.',
  },
  { ...shared.setBack, waits: 'its-time' },
  {
    code: 'uncorroborated',
    guard: true,
    text: 'The event was not written by SYSTEM or an administrator, and the old certificate does not name the new one as its renewal.',
    hint: 'If the renewal is intended, run certrebind rebind --old <old> --new <new>, or link the two certificates with Switch-Certificate.',
    fact: 'event-writers',
  },
] as const satisfies readonly BlockEntry[];

export type BlockCode = (typeof blocks)[number]['code'];

/** Why something is not changed. */
export const blockCodes: readonly (BlockEntry & { readonly code: BlockCode })[] = blocks;

export const skipCodes = [
  shared.already,
  {
    code: 'other-program',
    text: 'No IIS binding uses this certificate binding.',
    hint: 'Run the command shown with it. To leave the certificate binding alone: certrebind config add exclude.records KEY.',
  },
  {
    code: 'report-only',
    text: 'Something other than a certificate binding uses the old certificate. CertRebind only reports it, so you have to change it.',
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
    text: 'Bindings of the central certificate store read their certificate from files, so they need no rebind. Their endpoints are dialled, and what is wrong with a file is a finding.',
    hint: 'Replace the certificate files in the central store.',
  },
  {
    code: 'store-changes',
    text: 'The new certificate is only in the other store, so the store of the certificate binding changes too.',
    hint: 'Nothing to do.',
  },
  {
    code: 'names-uncovered',
    text: 'A host name is covered by neither the old nor the new certificate.',
    hint: 'This is not new. If clients use this host name, issue a certificate that covers it.',
  },
  shared.namesFewer,
  shared.shorterLife,
  {
    code: 'key-unknown',
    text: 'It is not known whether SYSTEM can open the private key.',
    hint: 'Run CertRebind as SYSTEM on the server, or continue: the TLS handshake will show it.',
    fact: 'key-as-system',
  },
  {
    code: 'not-restorable',
    text: 'netsh on this server cannot write some options of this certificate binding. CertRebind changes it in place, and an undo restores only the thumbprint.',
    hint: 'Nothing to do.',
    fact: 'netsh-options',
  },
  {
    code: 'key-type-changed',
    text: 'The new certificate has another key type than the old one.',
    hint: 'Check that old clients and the cipher suites of this server support it.',
  },
  shared.trustUnknown,
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
    text: 'HTTP.SYS listens on some addresses only, and other certificate bindings answer on them. This one is not tested.',
    hint: 'Run netsh http show iplisten. Clients do not reach this one either.',
    fact: 'listen-list',
  },
  {
    code: 'ipv6-record',
    text: 'Another product has a certificate binding for all IPv6 addresses with the old certificate. IPv6 clients of IIS sites get that certificate.',
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
  shared.setBack,
  { code: 'site-stopped', text: 'Not tested: the site is stopped.', hint: 'Nothing to do.' },
  {
    code: 'restarts-service',
    text: 'The change restarts a service, which ends connections to it.',
    hint: 'Nothing to do. It happens in the change window only, or when you say --now.',
    fact: 'service-restart',
  },
  {
    code: 'web-service-stopped',
    text: 'Not tested: the web service (W3SVC) is stopped.',
    hint: 'Start W3SVC, then run certrebind verify.',
  },
  {
    code: 'cannot-wait',
    text: 'The old certificate came back and cannot serve clients, or is near its end, so the new one is set again at once.',
    hint: 'Find what sets the old certificate: CertRebind corrects it once a day only.',
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
    text: 'Something other than a certificate binding uses the old certificate. CertRebind does not change it.',
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
    code: 'deadline-replace',
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
  shared.notRestored,
  {
    code: 'undo-forced',
    text: 'The certificate to be restored has expired, is not valid yet, or has no private key that can be used. --force restores it anyway.',
    hint: 'Replace it soon: clients do not accept it.',
  },
  {
    code: 'undo-limited',
    text: 'netsh on this server cannot restore every option of this certificate binding.',
    hint: 'The thumbprint is restored. Compare the options with the journal.',
  },
  shared.bindingUnreadable,
  {
    code: 'record-unreadable',
    text: 'A certificate binding could not be read, so its certificate is not known.',
    hint: 'CertRebind did not change it. Check it with netsh http show sslcert.',
    fact: 'http-sys-tables',
  },
  {
    code: 'certificate-unreadable',
    text: 'A certificate could not be read. The plan was made without it.',
    hint: 'Check it with certutil -dump, then export or install it again.',
  },
  shared.servedSuccessor,
  {
    code: 'recovered',
    text: 'CertRebind found an interrupted run and finished it first.',
    hint: 'See certrebind history.',
  },
  shared.unfinishedRun,
  {
    code: 'ledger-mended',
    text: 'What CertRebind remembers of renewals (ledger.json) could not be read. It was made again from the history.',
    hint: 'Check in certrebind plan which renewals it would try again, and exclude those that you do not want.',
  },
  {
    code: 'decision-dropped',
    text: 'An earlier version had rolled back a renewal, and its places are not known any more.',
    hint: 'Check in certrebind plan whether it would be applied, and exclude what you do not want.',
  },
  {
    code: 'keeps-old',
    text: 'A person undid a renewal, which holds at these places until the next renewal.',
    hint: 'Nothing. To apply it before that: certrebind rebind.',
  },
  {
    code: 'goes-back',
    text: 'The certificate that was named as the new one is the one that was replaced here.',
    hint: 'Nothing, if you mean to go back. The next renewal moves these places on.',
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
    code: 'restore-failed',
    text: 'A run could not roll back a change here, and what it had to restore cannot be restored now.',
    hint: 'certrebind status shows the place and the reason.',
  },
  {
    code: 'restore-dropped',
    text: 'A run could not roll back a change here, and someone else has changed the place since.',
    hint: 'Nothing to do if that change was wanted. Check with certrebind verify.',
  },
  {
    code: 'renewal-held',
    text: 'A renewed certificate was rolled back, and is not tried again yet.',
    hint: 'To use it anyway: certrebind rebind --old <old> --new <new>.',
  },
  shared.partUnknown,
  {
    code: 'log-gap',
    text: 'The lifecycle log was cleared or lost entries since CertRebind last read it.',
    hint: 'CertRebind used the renewal properties of the certificates instead.',
  },
] as const satisfies readonly Entry[];

export type SkipCode = (typeof skipCodes)[number]['code'];
export type NoteCode = (typeof noteCodes)[number]['code'];

/** `undefined` for a code of another version. */
export function blockEntry(code: string): BlockEntry | undefined {
  return entryOf(blockCodes, code);
}
