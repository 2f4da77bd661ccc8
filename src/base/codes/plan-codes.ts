import { type Entry, entryOf, listedCodes } from './entry.ts';
import { shared } from './shared-codes.ts';

export interface BlockEntry extends Entry {
  /**
   * `true`: the configuration can set it to `warn` or `off`; `once`: only a person can overrule it, each time. Absent where
   * the change would fail.
   */
  readonly guard?: true | 'once';
  /** Nothing offers to overrule it: clients would refuse the certificate. */
  readonly offered?: false;
  /** Where the configuration says nothing; absent for `block`. */
  readonly preset?: 'warn';
  /** It ends by itself: `soon` after the renewal, or when `its-time` has come; absent where somebody has to act. */
  readonly waits?: 'soon' | 'its-time';
}

/** Why something is not changed. */
const blockEntries = {
  ambiguous: {
    text: 'CertRebind cannot tell which certificate replaces the old one.',
    hint: 'Say which certificate is the new one.',
    lines: {
      'Say it': 'certrebind rebind --old <old> --new <new>',
    },
  },
  'binding-unreadable': shared.bindingUnreadable,
  'shared-with': {
    guard: true,
    text: 'Another product also uses this certificate binding and stores the thumbprint itself. Changing only the certificate binding would break that product.',
    hint: 'Renew the certificate in that product with its own tool.',
    lines: {
      'Then apply the rest': 'certrebind reconcile',
    },
    fact: 'co-owners',
  },
  'web-administration-missing': shared.webAdministrationMissing,
  'service-not-restarted': {
    text: 'CertRebind cannot safely restart or test the service that uses this certificate, and only a restart would make it use a new one.',
    hint: 'If the service is stopped, start it and try again. Otherwise change the certificate with the tools of its maker.',
    fact: 'service-restart',
  },
  'service-unfit': {
    text: 'The service would not start with the new certificate, or could not use it.',
    hint: 'Issue a certificate that meets the conditions of the service, or give the account of the service the right to read the private key.',
    fact: 'sql-certificate',
  },
  'wrong-store': {
    text: 'The certificate to be set is not in the store from which this place takes its certificate.',
    hint: 'Import it with its private key into the store that the message names.',
  },
  'not-read': {
    text: 'The place could not be read, so it is not known what it uses.',
    hint: 'Run the command on the server as an elevated administrator. The findings say why the place could not be read.',
    lines: { 'See the findings': 'certrebind doctor' },
  },
  gone: {
    text: 'What is to be rolled back does not exist any more.',
    hint: 'Nothing to do if it was removed on purpose.',
  },
  'remote-session': {
    text: 'This run was started through WinRM, or may have been. Changing the WinRM listener could end the session.',
    hint: 'If CertRebind is enabled, its scheduled task does this for you. Otherwise do it at the console or over Remote Desktop.',
    lines: {
      'Do it': 'certrebind reconcile',
    },
    fact: 'winrm-session',
  },
  'certificate-missing': {
    waits: 'soon',
    text: 'The certificate to be set is not in the stores My and WebHosting of the local machine.',
    hint: 'Import that certificate with its private key. The next run uses it.',
    lines: {
      'Use it at once': 'certrebind reconcile',
    },
  },
  'key-missing': {
    waits: 'soon',
    text: 'The certificate to be set has no private key on this server.',
    hint: 'Import the certificate again with its private key (a PFX file), or repair the link to the key.',
    lines: { 'Repair the link': 'certutil -repairstore My <new>' },
  },
  'key-unusable': {
    waits: 'soon',
    text: 'SYSTEM cannot open the private key of the certificate to be set.',
    hint: 'Repair the private key or its permissions. HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  'not-yet-valid': {
    waits: 'its-time',
    text: 'The certificate to be set is not valid yet.',
    hint: 'Nothing to do: CertRebind uses it as soon as it is valid. If the date looks wrong, check the clock of the server.',
  },
  expired: {
    guard: true,
    offered: false,
    text: 'The certificate to be set has expired.',
    hint: 'Renew the certificate again. An expired certificate would not help.',
  },
  'not-server-auth': {
    guard: true,
    text: 'The new certificate is not meant for server authentication.',
    hint: 'Issue it from a template with the extended key usage 1.3.6.1.5.5.7.3.1 (server authentication).',
  },
  'key-not-servable': {
    text: 'The new certificate has a key that Windows cannot use for TLS, such as ML-DSA, Ed25519 or SM2.',
    hint: 'Issue it with an RSA key, or with an EC key on P-256 or P-384.',
    fact: 'servable-keys',
  },
  revoked: {
    guard: 'once',
    offered: false,
    text: 'The new certificate is revoked, or Windows lists it or an authority above it as not trusted.',
    hint: 'Have a certificate issued again: clients may refuse this one.',
    fact: 'revocation-lists',
  },
  'trust-lost': {
    guard: 'once',
    text: 'Clients trust the old certificate. The new one is self-signed, or from an authority that this server does not trust.',
    hint: 'Use a certificate of a trusted authority, or add its root to the store Root. If your clients trust the new certificate by other means, allow the change.',
    lines: {
      'Allow it': 'certrebind rebind --old <old> --new <new> --allow trust-lost',
    },
    fact: 'trust-lists',
  },
  'trust-unknown': { ...shared.trustUnknown, guard: true },
  'names-lost': {
    ...shared.namesLost,
    guard: true,
    hint: 'Issue one certificate that covers all of these host names. The old certificate stays there until then.',
  },
  'names-fewer': {
    ...shared.namesFewer,
    guard: true,
    preset: 'warn',
    hint: 'Issue a certificate that covers these names. If no client uses them, allow the change.',
    lines: {
      'Allow it': 'certrebind rebind --old <old> --new <new> --allow names-fewer',
    },
  },
  'shorter-life': { ...shared.shorterLife, guard: true },
  'outside-window': {
    ...shared.outsideWindow,
    waits: 'its-time',
    hint: 'Nothing to do: CertRebind makes the change during the change window.',
    lines: {
      'Make it now': 'certrebind reconcile --now',
    },
  },
  'set-back': { ...shared.setBack, waits: 'its-time' },
  uncorroborated: {
    guard: true,
    text: 'The event was not written by SYSTEM or an administrator, and the certificate store does not record the new certificate as the renewal of the old one.',
    hint: 'If the renewal is intended, name the two certificates, or link them with Switch-Certificate.',
    lines: {
      'Name the two': 'certrebind rebind --old <old> --new <new>',
    },
    fact: 'event-writers',
  },
} as const satisfies Readonly<Record<string, BlockEntry>>;

const skipEntries = {
  already: shared.already,
  'other-program': {
    text: 'No IIS binding uses this certificate binding, so CertRebind leaves it to the program that made it.',
    hint: 'The plan shows the command that lets CertRebind change it, if there is one.',
    lines: {
      'See the plan': 'certrebind plan',
      'Leave it alone': 'certrebind config add exclude.records <place>',
    },
  },
  'report-only': {
    text: 'Something other than a certificate binding uses the old certificate. CertRebind does not change it unless you allow that.',
    hint: 'The plan shows how to change the place, or how to let CertRebind change it.',
    lines: {
      'See the plan': 'certrebind plan',
      'Leave it alone': 'certrebind config add exclude.holders <place>',
    },
  },
  held: {
    text: 'A person or a run rolled the new certificate back here, so CertRebind leaves the old one.',
    hint: 'The history shows the reason. The status shows the command that sets the new certificate.',
    lines: {
      'See the reason': 'certrebind history',
      'See the command': 'certrebind status',
    },
  },
  excluded: {
    text: 'The configuration excludes it.',
    hint: 'See exclude in the configuration.',
    lines: { 'See it': 'certrebind config show' },
  },
  'not-in-plan': {
    text: 'This place uses the old certificate, but the plan file does not contain the place.',
    hint: 'Make the plan again, or apply what is pending.',
    lines: {
      'Apply it': 'certrebind reconcile',
    },
  },
} as const satisfies Readonly<Record<string, Entry>>;

const noteEntries = {
  'key-access': {
    text: 'Some accounts can read the private key of the old certificate but not that of the new one.',
    hint: 'Services that run under these accounts cannot use the new certificate. CertRebind can copy the permissions.',
    lines: {
      'Copy them': 'certrebind config set keyAccess copy',
    },
    fact: 'key-file-rights',
  },
  'key-access-unchecked': {
    text: 'The permissions of a private key could not be read.',
    hint: 'If a service that does not run as SYSTEM uses the certificate, check the permissions under Manage Private Keys.',
    fact: 'key-file-rights',
  },
  'central-store': {
    text: 'Bindings of the central certificate store read their certificate from files, so they need no rebind. CertRebind tests their endpoints. If something is wrong with a file, the findings tell you.',
    hint: 'When such a certificate is renewed, replace its file in the central store.',
  },
  'store-changes': {
    text: 'The new certificate is only in the other store, so the store of the certificate binding changes too.',
    hint: 'Nothing to do.',
  },
  'names-uncovered': {
    text: 'A host name is covered by neither the old nor the new certificate.',
    hint: 'Clients of this host name already got a warning before the renewal. If there are any, issue a certificate that covers it.',
  },
  'names-fewer': shared.namesFewer,
  'shorter-life': shared.shorterLife,
  'key-unknown': {
    text: 'It could not be checked whether SYSTEM can open the private key.',
    hint: 'Run CertRebind as SYSTEM on the server. Or continue: if the key cannot be opened, the TLS handshake fails and the change is rolled back.',
    fact: 'key-as-system',
  },
  'not-restorable': {
    text: 'netsh on this server cannot write some options of this certificate binding. CertRebind changes it in place, and an undo restores only the thumbprint.',
    hint: 'Nothing to do.',
    fact: 'netsh-options',
  },
  'key-type-changed': {
    text: 'The new certificate has another key type than the old one.',
    hint: 'Check that old clients and the cipher suites of this server support it.',
  },
  'trust-unknown': shared.trustUnknown,
  'client-auth-dropped': {
    text: 'The old certificate allowed client authentication. The new one does not.',
    hint: 'Check services that use the certificate as a client certificate.',
  },
  'chain-incomplete': {
    text: 'Some issuing certificates of the new certificate are missing on this server.',
    hint: 'Import the intermediate certificate first. If the server does not send it to clients, CertRebind rolls the change back.',
  },
  'listen-list': {
    text: 'HTTP.SYS listens on some addresses only, and other certificate bindings answer there. Clients do not reach this certificate binding, so it is not tested.',
    hint: 'Nothing to do, if you want it so.',
    lines: { 'See the addresses': 'netsh http show iplisten' },
    fact: 'listen-list',
  },
  'ipv6-record': {
    text: 'Another product has a certificate binding for all IPv6 addresses with the old certificate. IPv6 clients of IIS sites get that certificate.',
    hint: 'Change it with the tool of that product (SSTP: Set-RemoteAccess), or add its application id to applicationIds in the configuration.',
    fact: 'ipv6-any-record',
  },
  'common-name-only': {
    text: 'The new certificate has a common name but no subject alternative names. Browsers ignore the common name.',
    hint: 'Issue it with its host names as subject alternative names.',
  },
  'weak-key': {
    text: 'The RSA key of the new certificate is shorter than 2048 bits.',
    hint: 'Issue it with a longer key. Browsers and Windows reject short keys.',
  },
  'weak-signature': {
    text: 'The new certificate is signed with SHA-1 or MD5.',
    hint: 'Issue it from a certification authority that signs with SHA-256. Clients reject SHA-1 and MD5.',
  },
  'authority-certificate': {
    text: 'The new certificate is a CA certificate (CA:TRUE).',
    hint: 'Check that it is the right certificate: some clients reject a CA certificate of a server.',
  },
  'no-digital-signature': {
    text: 'The key usage of the new certificate does not include digitalSignature.',
    hint: 'Issue it with digitalSignature. TLS 1.3 and all ECDHE cipher suites need it.',
  },
  'set-back': {
    ...shared.setBack,
    hint: 'Find out what set the old one. This change sets the new one again.',
    lines: { 'Leave the place alone': 'certrebind config add exclude.records <place>' },
  },
  'site-stopped': { text: 'Not tested: the site is stopped.', hint: 'Nothing to do.' },
  'restarts-service': {
    text: 'The change restarts a service, which ends connections to it.',
    hint: 'Nothing to do. It happens in the change window only, or when you say --now.',
    fact: 'service-restart',
  },
  'web-service-stopped': {
    text: 'Not tested: the web service (W3SVC) is stopped.',
    hint: 'Start W3SVC, then look again.',
    lines: {
      'Look again': 'certrebind verify',
    },
  },
  'service-not-started': {
    text: 'A service that was stopped together with the restarted one did not start again.',
    hint: 'Find why in the System log, and start it.',
    fact: 'service-restart',
  },
  'cannot-wait': {
    text: 'The old certificate came back and cannot serve clients, or is near its end, so the new one is set again at once.',
    hint: 'Find out what sets the old certificate. CertRebind sets the new one again at most once a day.',
  },
  'guard-warned': {
    text: 'A guard found a problem, but the configuration sets this guard to warn, so the change is made.',
    hint: 'See guards in the configuration.',
    lines: { 'See them': 'certrebind config show' },
  },
  'later-event-wins': {
    text: 'The old certificate had two successors. CertRebind uses the one with the later event.',
    hint: 'Check that it is the right certificate.',
  },
  'uncorroborated-ignored': {
    text: 'An untrusted event named another successor. CertRebind ignored it.',
    hint: 'Find out who wrote the event: the lifecycle log names the account and the program.',
    fact: 'event-writers',
  },
  'other-consumers': {
    text: 'Something other than a certificate binding uses the old certificate. CertRebind does not change it.',
    hint: 'Give it the new certificate with its own tool.',
    fact: 'co-owners',
  },
  'role-not-read': {
    text: 'This role is installed, but CertRebind does not read which certificate it uses.',
    hint: 'Check with the tool of the role whether it uses the old certificate.',
    fact: 'reported-roles',
  },
  'old-unreadable': {
    text: 'The old certificate is no longer on this server, so its names are not known.',
    hint: 'Check that the new certificate covers every host name that clients use.',
  },
  'old-archived': {
    text: 'The old certificate is archived. An undo sets it again, and Windows may refuse it.',
    hint: 'Nothing to do: if Windows refuses it, the undo tells you.',
    fact: 'archived-bindable',
  },
  'deadline-replace': {
    text: 'The new certificate lacks names of the old one. The old one expires soon, and your configuration (deadline.action) then accepts that.',
    hint: 'Replace the new certificate with one that covers every name.',
  },
  'not-enabled': {
    text: 'CertRebind is not enabled on this server, so nothing makes this change when the window opens.',
    hint: 'Enable CertRebind, or apply the renewal yourself during the change window.',
    lines: {
      'Enable it': 'certrebind enable',
      'Or apply the renewal now': 'certrebind reconcile --now',
    },
  },
  'window-not-kept': {
    text: 'The old certificate must be replaced before the window opens, so the change does not wait for it.',
    hint: 'Renew earlier, or open the window more often. A certificate must be replaced 7 days before its end. If it is valid for less than 70 days, that is when a tenth of its lifetime is left. To set fewer days, use deadline.days, or deadline.names for single names.',
    lines: { 'See window and deadline': 'certrebind config show' },
  },
  'not-restored': shared.notRestored,
  'undo-forced': {
    text: 'The certificate to be restored has expired, is not valid yet, or has no private key that can be used. --force restores it anyway.',
    hint: 'Replace it soon: clients do not accept it.',
  },
  'undo-limited': {
    text: 'netsh on this server cannot restore every option of this certificate binding.',
    hint: 'CertRebind restores the thumbprint. Compare the other options with those from before the run.',
    lines: {
      'See those': 'certrebind history <run> --json',
    },
  },
  'binding-unreadable': shared.bindingUnreadable,
  'record-unreadable': {
    text: 'A certificate binding could not be read, so its certificate is not known.',
    hint: 'CertRebind did not change it. Look at the certificate bindings.',
    lines: { 'See them': 'netsh http show sslcert' },
    fact: 'http-sys-tables',
  },
  'certificate-unreadable': {
    text: 'A certificate could not be read. The plan was made without it.',
    hint: 'Look at the certificate, then export or install it again.',
    lines: { 'Look at it': 'certutil -dump <file>' },
  },
  'served-successor': shared.servedSuccessor,
  recovered: {
    text: 'CertRebind found an interrupted run and finished it first.',
    hint: 'Nothing to do.',
    lines: { 'See the run': 'certrebind history' },
  },
  'unfinished-run': shared.unfinishedRun,
  'ledger-mended': {
    text: 'What CertRebind remembers of renewals (ledger.json) could not be read. It was made again from the history.',
    hint: 'Check in the plan which renewals CertRebind would try again, and exclude those that you do not want.',
    lines: { 'See the plan': 'certrebind plan' },
  },
  'keeps-old': {
    text: 'These places keep the old certificate until the next renewal, because a person undid this one.',
    hint: 'Nothing to do.',
    lines: {
      'Apply it before that': 'certrebind rebind --old <old> --new <new>',
    },
  },
  'renews-nothing': {
    text: 'With --old auto: no certificate in use is renewed by the new one, so there is nothing to change.',
    hint: 'Nothing, if no place should get it. Otherwise name the certificate that it replaces.',
  },
  'goes-back': {
    text: 'You named as new a certificate that was replaced earlier. This change goes back to it.',
    hint: 'Nothing, if you mean to go back: the next renewal replaces it again. If you mixed up the two certificates, name them the other way round.',
  },
  'journal-damaged': {
    text: 'The journal of an interrupted run has lines that cannot be read.',
    hint: 'Check the server. The journal is kept next to the outcome.',
    lines: { 'See the findings': 'certrebind doctor', 'See what clients get': 'certrebind verify' },
  },
  'left-open': {
    text: 'The run could not be finished because the server stopped answering.',
    hint: 'The next command that changes something finishes it.',
    lines: {
      'Finish it now': 'certrebind reconcile',
    },
  },
  'message-dropped': {
    text: 'A message about the run was dropped: the outbox is full (500 messages), or its folder cannot be written.',
    hint: 'The status shows why the receiver refuses the earlier messages. They are dropped after a week.',
    lines: { 'See the status': 'certrebind status' },
  },
  'repair-by-hand': {
    text: 'CertRebind cannot repair this by itself, because it cannot tell which certificate is right.',
    hint: 'Choose the certificate, and run the command of the note with its thumbprint.',
  },
  'restore-failed': {
    text: 'A run could not roll back a change here, and the old value still cannot be restored.',
    hint: 'The status shows the place and the reason.',
    lines: { 'See the status': 'certrebind status' },
  },
  'restore-dropped': {
    text: 'A run could not roll back a change here, and someone else has changed the place since.',
    hint: 'CertRebind leaves the place as it is now. If it is meant to be so, there is nothing to do.',
    lines: { 'See what clients get': 'certrebind verify' },
  },
  'renewal-held': {
    text: 'A renewed certificate was rolled back, and this plan does not set it again.',
    hint: 'Nothing to do, unless you want to use it anyway.',
    lines: {
      'Use it anyway': 'certrebind rebind --old <old> --new <new>',
    },
  },
  'part-unknown': shared.partUnknown,
  'log-gap': {
    text: 'The lifecycle log was cleared or lost entries since CertRebind last read it.',
    hint: 'Check that the plan has every renewal. CertRebind also found the renewals that the certificates themselves record.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type BlockCode = keyof typeof blockEntries;
export type SkipCode = keyof typeof skipEntries;
export type NoteCode = keyof typeof noteEntries;

export const blockCodes = listedCodes<BlockCode, BlockEntry>(blockEntries);
export const skipCodes = listedCodes<SkipCode, Entry>(skipEntries);
export const noteCodes = listedCodes<NoteCode, Entry>(noteEntries);

export function isBlockCode(code: BlockCode | SkipCode): code is BlockCode {
  return blockEntry(code) !== undefined;
}

/** `undefined` for a code of another version. */
export function blockEntry(code: string): BlockEntry | undefined {
  return entryOf<BlockEntry>(blockEntries, code);
}

/** What to do where something waits for the window: without its tasks, CertRebind makes no change when that opens. */
export function entryOfWaiting(notes: readonly { readonly code: string }[]): Entry {
  const isEnabled = notes.every(({ code }) => code !== 'not-enabled');
  return isEnabled ? blockEntries['outside-window'] : noteEntries['not-enabled'];
}
