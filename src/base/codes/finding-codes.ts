import { type Entry, entryOf, listedCodes } from './entry.ts';
import { shared } from './shared-codes.ts';

export type Severity = 'error' | 'warning' | 'info';

/** How a place is for clients, the worst first. */
export const placeStates = [
  'down',
  'no-answer',
  'wrong',
  'rolled-back',
  'blocked',
  'old',
  'ends-soon',
  'waiting',
  'left-alone',
  'not-tested',
  'verified',
] as const;

export interface FindingEntry extends Entry {
  /** Of most findings of the code. */
  readonly severity: Severity;
  /** `plan`: `doctor --fix` plans and runs it; `command`: one to type; absent where a person has to decide. */
  readonly repair?: 'plan' | 'command';
  /** What it makes of its places; `null` for nothing. `program`: it says nothing about what clients get now. */
  readonly place: (typeof placeStates)[number] | 'program' | null;
  /** What a mail's subject says where the beginning of the text would be too long. */
  readonly subject?: string;
  /** Whether `status` shows it even for information, because it belongs to the state of renewals. */
  readonly inStatus?: true;
}

/** What `doctor`, `verify` and `status --check` report. */
const findingEntries = {
  'will-die-on-restart': {
    severity: 'error',
    repair: 'command',
    place: 'ends-soon',
    subject: 'is DOWN after the next restart: its certificate is in no store',
    text: 'The endpoint serves a certificate that is no longer in any store. It will fail when HTTP.SYS or the server restarts.',
    hint: 'Before any restart, set another certificate, or import this one again with its private key.',
    fact: 'removed-certificate',
  },
  'certificate-gone': {
    severity: 'error',
    repair: 'command',
    place: 'down',
    subject: 'its certificate is in no store',
    text: 'The certificate of a certificate binding is not in the stores My and WebHosting.',
    hint: 'Set another certificate, or import this one again with its private key.',
  },
  'certificate-elsewhere': {
    severity: 'error',
    repair: 'plan',
    place: 'ends-soon',
    subject: 'its certificate is in another store',
    text: 'A certificate binding names the wrong store: its certificate with the private key is in the other one.',
    hint: 'Set the store of the certificate binding to the one that has the certificate.',
  },
  'binding-without-record': {
    severity: 'error',
    repair: 'plan',
    place: 'down',
    subject: 'is DOWN: no certificate',
    text: 'An IIS binding has no certificate binding, so clients cannot connect.',
    hint: 'CertRebind can set the certificate that an earlier run saw there. If no run saw one, choose a certificate.',
    lines: {
      'Set the one of an earlier run': 'certrebind doctor --fix binding-without-record',
    },
  },
  'binding-falls-back': {
    severity: 'error',
    repair: 'plan',
    place: 'wrong',
    subject: 'gets the certificate of another certificate binding',
    text: 'An IIS binding has no certificate binding of its own. Its clients get the certificate of another certificate binding: that of its address, or of all addresses.',
    hint: 'CertRebind can set the certificate that an earlier run saw there. If no run saw one, choose a certificate.',
    lines: {
      'Set the one of an earlier run': 'certrebind doctor --fix binding-falls-back',
    },
  },
  'central-store-record-missing': {
    severity: 'error',
    repair: 'command',
    place: 'down',
    subject: 'is DOWN: no certificate',
    text: 'Bindings use the central certificate store, but HTTP.SYS has no certificate binding of the central store for the port.',
    hint: 'Type the netsh line of the finding, and check the settings of the central certificate store.',
    fact: 'central-store-record',
  },
  'private-key-missing': {
    severity: 'error',
    repair: 'command',
    place: 'down',
    subject: 'its certificate has no private key',
    text: 'The certificate of a certificate binding has no private key on this server.',
    hint: 'Repair the link to its private key, or import the certificate again with its key (a PFX file).',
  },
  'private-key-unusable': {
    severity: 'error',
    place: 'down',
    subject: 'the private key cannot be opened',
    text: 'SYSTEM cannot open the private key of a certificate in use.',
    hint: 'Repair the private key or its permissions. HTTP.SYS opens the key as SYSTEM.',
    fact: 'key-as-system',
  },
  'certificate-revoked': {
    severity: 'error',
    place: 'wrong',
    subject: 'certificate revoked',
    text: 'The certificate in use is revoked, according to the revocation lists on this server, and clients may refuse it.',
    hint: 'Have it issued again, then set the new one.',
    lines: {
      'Set the new one': 'certrebind rebind --old <old> --new <new> --reason revoked',
    },
    fact: 'revocation-lists',
  },
  'certificate-expired': {
    severity: 'error',
    place: 'wrong',
    subject: 'certificate expired',
    text: 'A certificate in use has expired.',
    hint: 'Renew it where it came from.',
    lines: {
      'Then use the new one': 'certrebind rebind --old <old> --new auto',
      'Or let the hourly run find renewals by their names': 'certrebind enable --successors same-names',
    },
  },
  'wire-differs': {
    severity: 'error',
    place: 'wrong',
    subject: 'clients get another certificate',
    text: 'An endpoint serves another certificate than the one that is set for it.',
    hint: 'Check for TLS inspection, for another certificate binding that answers first (shadowed-names), or for a restart that is due.',
    fact: 'endpoint-precedence',
  },
  'intermediate-not-sent': {
    severity: 'warning',
    repair: 'command',
    place: 'wrong',
    text: 'An endpoint does not send an intermediate certificate that clients need.',
    hint: 'Import the intermediate certificate into Intermediate Certification Authorities (Local Computer). Then set the same certificate again.',
    lines: { 'Set it again': 'certrebind rebind --old <certificate> --new <certificate> --reapply' },
    fact: 'served-chain',
  },
  'scheduler-stopped': {
    severity: 'error',
    repair: 'command',
    place: 'program',
    text: 'The Task Scheduler service is not running.',
    hint: 'Start the service.',
    lines: {
      'Start it': 'Start-Service Schedule',
    },
    fact: 'schedule-service',
  },
  'task-changed': {
    severity: 'error',
    repair: 'command',
    place: 'program',
    text: 'The scheduled task was changed and does not start what it should.',
    hint: 'Enable CertRebind again.',
    lines: {
      'Enable it': 'certrebind enable',
    },
  },
  'task-disabled': {
    severity: 'error',
    repair: 'command',
    place: 'program',
    text: 'The scheduled task is registered but disabled.',
    hint: 'Enable CertRebind again.',
    lines: {
      'Enable it': 'certrebind enable',
    },
  },
  'enable-unfinished': {
    severity: 'error',
    repair: 'command',
    place: 'program',
    text: 'The command that installs or enables CertRebind was interrupted. What worked before still works.',
    hint: 'Run the command again, or remove CertRebind. Nothing else finishes it.',
    lines: {
      'Run it again': 'certrebind enable',
      'Or remove CertRebind': 'certrebind uninstall',
    },
  },
  'proof-failed': { ...shared.proofFailed, severity: 'error', repair: 'command', place: 'program' },
  'proof-missing': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'No test has shown yet that Task Scheduler can start CertRebind as SYSTEM.',
    hint: 'Enable CertRebind again, which tests the task. A test is needed again when the command, the account or the program file changes.',
    lines: {
      'Enable it': 'certrebind enable',
    },
    fact: 'task-starts',
  },
  'log-disabled': {
    severity: 'error',
    repair: 'command',
    place: 'program',
    text: 'The certificate lifecycle log is disabled, so no event can start CertRebind.',
    hint: 'Enable the log.',
    lines: {
      'Enable it': 'certrebind doctor --fix log-disabled',
      'Or without CertRebind':
        'wevtutil sl Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational /e:true',
    },
    fact: 'lifecycle-log',
  },
  'web-administration-missing': {
    ...shared.webAdministrationMissing,
    severity: 'warning',
    repair: 'command',
    place: 'program',
    subject: 'the next renewal will be blocked: WebAdministration is missing',
  },
  'unsafe-path': { ...shared.unsafePath, severity: 'error', place: 'program' },
  'trusted-account': {
    severity: 'warning',
    place: 'program',
    text: 'A registry value trusts an account that is not an administrator. If CertRebind accepts the entry, that account can change what runs as SYSTEM.',
    hint: 'If the account administers this server, nothing to do. If not, remove it from TrustedAccounts in HKLM\\SOFTWARE\\CertRebind.',
  },
  'damaged-file': { ...shared.damagedFile, severity: 'error', repair: 'command', place: 'program' },
  'could-not-work': {
    severity: 'error',
    place: 'program',
    subject: 'CertRebind cannot work',
    text: 'The last start of CertRebind by its scheduled task failed, so no renewal was applied.',
    hint: 'Correct the cause that the message names. This finding ends when the task next starts CertRebind without an error.',
  },
  'messages-not-accepted': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'Messages about runs could not be delivered in three or more attempts, or the outbox is full.',
    hint: 'Correct notify in the configuration, or the trigger. CertRebind tries each message again after the next runs, for a week.',
  },
  'endpoint-unreachable': {
    severity: 'error',
    place: 'no-answer',
    text: 'An endpoint does not answer.',
    hint: 'Check the site, the firewall and the certificate.',
  },
  'certificate-ends-soon': {
    severity: 'warning',
    place: 'ends-soon',
    subject: 'not renewed',
    text: 'A certificate in use expires soon.',
    hint: 'Renew it where it came from.',
    lines: {
      'Then use the new one from the store My (Personal)': 'certrebind rebind --old <old> --new auto',
      'Or from a file': 'certrebind import <file>',
      'Or let the hourly run find renewals by their names': 'certrebind enable --successors same-names',
    },
  },
  'name-not-covered': {
    severity: 'warning',
    place: 'wrong',
    subject: 'its certificate is for other names',
    text: 'The certificate of a certificate binding does not cover the host name of a binding that uses it.',
    hint: 'Issue a certificate that covers the name, or remove the binding if nobody uses it.',
  },
  'orphaned-record': {
    severity: 'warning',
    repair: 'plan',
    place: null,
    text: 'A certificate binding has the application id of IIS, but no IIS binding uses it.',
    hint: 'Remove it if no other product uses it: some products use this application id too. If an endpoint stops answering when CertRebind removes it, CertRebind restores it.',
    fact: 'application-ids',
  },
  'shadowed-names': {
    severity: 'warning',
    place: 'wrong',
    text: 'On one port, a certificate binding for an address may answer before the ones for host names. The certificate of that binding does not cover these host names.',
    hint: 'Give the binding of that address a host name and the SNI flag, or issue its certificate with those names.',
    fact: 'endpoint-precedence',
  },
  'ftps-certificate-gone': {
    severity: 'warning',
    repair: 'command',
    place: 'wrong',
    text: 'The certificate of an FTP site is not in its store.',
    hint: 'Choose another one in IIS Manager, FTP SSL Settings. You can also let CertRebind set it.',
    lines: { 'See the command that lets CertRebind set it': 'certrebind doctor' },
  },
  'ftps-certificate-expired': {
    severity: 'warning',
    repair: 'command',
    place: 'wrong',
    text: 'The certificate of an FTP site has expired or expires soon.',
    hint: 'Renew it, and choose the new one in IIS Manager, FTP SSL Settings. You can also let CertRebind set it.',
    lines: { 'See the command that lets CertRebind set it': 'certrebind doctor' },
  },
  'service-key': {
    severity: 'warning',
    place: 'ends-soon',
    text: 'A service cannot read the private key of its certificate. It will not start again without that.',
    hint: 'Give the account in the message the right to read, in Manage Private Keys, before the service restarts.',
  },
  'listener-certificate-gone': {
    severity: 'warning',
    repair: 'command',
    place: 'wrong',
    text: 'The certificate of a service other than IIS is not in its store.',
    hint: 'Set another certificate. You can also let CertRebind set it.',
    lines: { 'See the command that lets CertRebind set it': 'certrebind doctor' },
  },
  'listener-certificate-expired': {
    severity: 'warning',
    repair: 'command',
    place: 'wrong',
    text: 'The certificate of a service other than IIS has expired or expires soon.',
    hint: 'Renew it, and set the new one. You can also let CertRebind set it.',
    lines: { 'See the command that lets CertRebind set it': 'certrebind doctor' },
  },
  'legacy-ssl-metadata': {
    severity: 'warning',
    place: 'program',
    text: 'The IIS configuration has the legacy property 5506, which can make HTTP.SYS lose TLS settings.',
    hint: 'Back up applicationHost.config, then delete every property with id 5506 from its section customMetadata.',
    fact: 'legacy-5506',
  },
  'task-missing': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'CertRebind is not enabled: one of its scheduled tasks is not registered.',
    hint: 'Enable CertRebind.',
    lines: {
      'Enable it': 'certrebind enable',
    },
  },
  'two-mechanisms': {
    severity: 'warning',
    place: 'program',
    text: 'Another active task also changes certificates on this server when they are renewed, or may do so.',
    hint: 'Leave the task of an ACME client enabled: it renews the certificates. Disable any other task in Task Scheduler.',
    lines: {
      'If both tasks have to stay, hide this': 'certrebind dismiss two-mechanisms',
    },
    fact: 'native-task',
  },
  'orphaned-trigger': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'A trigger was removed but its scheduled task is still registered, so the task fails at every event.',
    hint: 'Remove the task, or add the trigger again.',
    lines: {
      'Remove it': 'certrebind trigger remove <trigger>',
    },
  },
  'log-reset': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'The certificate lifecycle log was cleared or lost entries since CertRebind last read it.',
    hint: 'Look for renewals: CertRebind then also reads the renewal properties of the certificates.',
    lines: {
      'Look for them': 'certrebind reconcile',
    },
    fact: 'record-ids-restart',
  },
  'policy-bypassed': {
    severity: 'warning',
    place: 'program',
    text: 'The execution policy does not let PowerShell run the script file of CertRebind, so CertRebind sends the text of the script to PowerShell.',
    hint: 'If the policy is AllSigned, sign the script with the certificate of a publisher that this server trusts. If it is another policy, choose in Group Policy, under Turn on Script Execution: Allow local scripts and remote signed scripts.',
    lines: {
      'Sign the script':
        'Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>)',
    },
    fact: 'policy-outranks-bypass',
  },
  'file-not-run': {
    severity: 'warning',
    place: 'program',
    text: 'PowerShell did not run the script file of CertRebind, so CertRebind sends the text of the script to PowerShell.',
    hint: 'To see why, start the script yourself.',
    lines: {
      'Start it':
        'powershell.exe -NoProfile -ExecutionPolicy Bypass -File "C:\\Program Files\\CertRebind\\<version>\\certrebind-adapter.ps1"',
    },
  },
  'unfinished-run': {
    ...shared.unfinishedRun,
    severity: 'warning',
    repair: 'command',
    place: null,
    subject: 'A run was interrupted and has to be recovered',
  },
  'run-under-way': {
    severity: 'info',
    place: null,
    text: 'A run is active, so the state shown here may change.',
    hint: 'Check again when it has finished.',
  },
  'service-stopped': {
    severity: 'error',
    repair: 'command',
    place: 'down',
    subject: 'is DOWN: its service does not run',
    text: 'A run stopped a service for its new certificate and was interrupted, and the service does not run.',
    hint: 'The next command that changes something starts it. You can also start it in Services.',
    lines: {
      'Start it now': 'certrebind reconcile',
    },
    fact: 'service-restart',
  },
  'left-without-certificate': {
    severity: 'error',
    repair: 'command',
    place: 'down',
    subject: 'is DOWN: CertRebind could not put its certificate back',
    text: 'A run left a place without the certificate that it had, so that clients cannot connect.',
    hint: 'The next run restores it before anything else.',
    lines: {
      'Restore it now': 'certrebind reconcile',
    },
  },
  'not-restored': {
    ...shared.notRestored,
    severity: 'error',
    repair: 'plan',
    place: 'wrong',
    subject: 'CertRebind could not roll it back',
  },
  'renewal-rolled-back': {
    severity: 'error',
    repair: 'command',
    place: 'rolled-back',
    inStatus: true,
    subject: 'rolled back to the old certificate',
    text: 'A run or a person rolled a renewed certificate back, so the old one is still in use.',
    hint: 'If you undid the renewal, CertRebind does not apply it again by itself. If a run rolled it back, CertRebind tries again when the certificate, its chain or the site has changed, three times at most.',
    lines: {
      'See why': 'certrebind history last',
      'Apply it now': 'certrebind rebind --old <old> --new <new>',
      'Give the renewal up': 'certrebind dismiss <new>',
    },
  },
  'names-lost': {
    ...shared.namesLost,
    severity: 'warning',
    place: 'wrong',
    subject: 'host names lost',
    hint: 'The new certificate is in use there. If clients use these names, roll the run back, and issue a certificate that covers them.',
    lines: {
      'If no client uses them, hide this': 'certrebind dismiss names-lost <place>',
      'Roll the run back': 'certrebind undo <run>',
    },
  },
  'not-undone': {
    severity: 'warning',
    repair: 'command',
    place: 'rolled-back',
    subject: 'still to be undone',
    text: 'You undid a run, or went back to the old certificate, and a place still has the new one.',
    hint: 'Undo the rest. If undo fails again, its message says why. To leave the place as it is, dismiss this finding.',
  },
  'still-old': {
    ...shared.stillOld,
    severity: 'error',
    repair: 'command',
    place: 'old',
    subject: 'clients still get the old certificate',
  },
  'still-served': {
    ...shared.stillServed,
    severity: 'error',
    repair: 'command',
    place: 'wrong',
    subject: 'clients still get the certificate that was rolled back',
  },
  'renewal-pending': {
    severity: 'warning',
    repair: 'command',
    place: 'old',
    subject: 'renewal not applied yet',
    text: 'A renewed certificate is not in use everywhere yet.',
    hint: 'Apply the renewal.',
    lines: {
      'Apply it': 'certrebind reconcile',
    },
  },
  'renewal-unnoticed': {
    severity: 'info',
    place: null,
    inStatus: true,
    text: 'Nothing shows how CertRebind would learn of the renewal of some public certificates that are in use.',
    hint: 'Let CertRebind find renewals by their names too, or let the client that renews them call CertRebind.',
    lines: {
      'Find renewals by their names': 'certrebind config set successors same-names',
      'The line for the client': 'certrebind rebind --old auto --new <thumbprint> --yes',
    },
  },
  'key-left-behind': {
    severity: 'info',
    place: null,
    subject: 'the private key of an old certificate was left behind',
    text: 'A replaced certificate was deleted, and the file of its private key is still there.',
    hint: 'Delete the file if no certificate of another store has this key. CertRebind leaves it.',
  },
  'retired-deletable': {
    severity: 'info',
    repair: 'command',
    place: null,
    inStatus: true,
    text: 'Replaced certificates that CertRebind archived could be deleted with their keys.',
    hint: 'Nothing deletes them by itself. Deleting is final.',
    lines: {
      'See them, and be asked': 'certrebind retire --delete',
    },
  },
  'clock-jumped': {
    severity: 'info',
    place: 'program',
    inStatus: true,
    text: 'The date moved on by more than one day between two starts of the hourly task.',
    hint: 'If the server was not off, correct its clock. On that day CertRebind archives and deletes nothing, and a change that has to wait a number of days waits one day longer.',
  },
  'renewal-unclear': {
    severity: 'info',
    place: 'blocked',
    inStatus: true,
    text: 'A newer certificate has the names of one in use, but CertRebind is not sure that it is the renewal.',
    hint: 'Decide whether it is the renewal.',
    lines: {
      'If it is': 'certrebind rebind --old <old> --new <new>',
      'Accept its issuer from now on': 'certrebind config add issuers <issuer>',
    },
  },
  'renewal-unrecorded': {
    severity: 'info',
    repair: 'command',
    place: 'ends-soon',
    inStatus: true,
    subject: 'a newer certificate is here and not in use',
    text: 'A newer certificate has the names of one in use, but no event or renewal property says that it is the renewal.',
    hint: 'Decide whether it is the renewal.',
    lines: {
      'If it is': 'certrebind rebind --old <old> --new <new>',
      'Let CertRebind find renewals by their names': 'certrebind enable --successors same-names',
    },
  },
  'replaced-earlier': {
    severity: 'info',
    place: 'waiting',
    inStatus: true,
    text: 'A certificate in use was issued again, and the new one ends earlier.',
    hint: 'Nothing to do: CertRebind uses the new certificate a day after it was issued.',
    lines: {
      'Use it at once': 'certrebind rebind --old <old> --new <new> --reason revoked',
    },
  },
  'renewal-late': {
    severity: 'info',
    place: null,
    inStatus: true,
    text: 'A certificate in use is not renewed yet. The last time, its renewal came earlier.',
    hint: 'Look at what renews this certificate. You are warned before it ends.',
  },
  'exclusion-shared': {
    severity: 'info',
    place: null,
    inStatus: true,
    text: 'A site that you excluded shares its certificate binding with other sites, so they keep their certificate too.',
    hint: 'To have only that site left alone, give it a certificate binding of its own: a host name with SNI.',
  },
  'renewed-after-warning': {
    severity: 'info',
    place: null,
    inStatus: true,
    text: 'CertRebind warns you of the end of this certificate before its usual day of renewal, so each renewal brings a needless warning.',
    hint: 'If the warning is too early, set fewer days for the names of the certificate (deadline.names). If deadline.days is not set, CertRebind learns the usual day from two renewals in a row.',
  },
  'source-incomplete': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'A watched folder has a file that CertRebind cannot read, a link that it does not follow, or a certificate without its private key.',
    hint: 'Look at what writes the file, and check the password of the watch. The hourly run looks again.',
  },
  'source-went-back': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'A watched folder has an older certificate than before. It may come from a restored backup, so CertRebind does not use it by itself.',
    hint: 'Put the newer certificate back.',
    lines: {
      'Or use the older one': 'certrebind import <file> --replace <host>',
    },
  },
  'source-stale': {
    severity: 'info',
    place: 'program',
    text: 'A watched folder has no renewal yet of a certificate in use, which is past two thirds of its lifetime.',
    hint: 'Look at what renews this certificate. You are warned before it ends.',
  },
  'source-unreachable': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'CertRebind cannot read a watched folder or share, or the folder has too many files, or accounts other than administrators can change it.',
    hint: 'The message says why. Check that SYSTEM can read it: on a share, the computer account of this server. The hourly run looks again.',
  },
  'source-not-taken': {
    severity: 'warning',
    repair: 'command',
    place: 'program',
    text: 'A new certificate in a watched folder was not taken.',
    hint: 'The message says why. When that is settled, the hourly run takes it.',
    lines: {
      'Use it nevertheless': 'certrebind import <file> --replace <host>',
    },
  },
  'renewal-refused': {
    severity: 'warning',
    place: null,
    text: 'An ACME client or a script brought a new certificate, and CertRebind refused it.',
    hint: 'Correct what the message says, and let the client renew again. The finding ends when an import or rebind for the names of that certificate succeeds.',
  },
  'window-too-rare': {
    severity: 'warning',
    place: null,
    text: 'The change window stays closed so long that a certificate in use may have to be replaced before it opens.',
    hint: 'Open the window more often, or use certificates that last longer.',
    lines: {
      'See the window': 'certrebind config show',
    },
  },
  'renewal-waiting': {
    severity: 'info',
    place: 'waiting',
    inStatus: true,
    text: 'A renewed certificate waits for the change window, or until it is valid.',
    hint: 'Nothing to do.',
    lines: {
      'If it waits for the window, apply it now': 'certrebind reconcile --now',
    },
  },
  'renewal-blocked': {
    severity: 'warning',
    repair: 'command',
    place: 'blocked',
    subject: 'renewal blocked',
    text: 'A guard blocks the use of a renewed certificate.',
    hint: 'The plan shows the guard, where it applies, and what to do.',
    lines: {
      'See the plan': 'certrebind plan',
    },
  },
  'old-certificate-back': {
    severity: 'warning',
    repair: 'command',
    place: 'old',
    subject: 'old certificate is back',
    text: 'The old certificate is in use again after the renewal was applied.',
    hint: 'CertRebind applies the renewal again a day later. If the old certificate comes back a second time in 30 days, CertRebind leaves it there.',
    lines: {
      'Apply the renewal now': 'certrebind reconcile',
      'Leave the place alone': 'certrebind config add exclude.records <place>',
    },
  },
  'change-by-hand': {
    severity: 'warning',
    repair: 'command',
    place: 'old',
    subject: 'still uses an old certificate',
    text: 'A place that you have to change still uses a certificate that has been renewed.',
    hint: 'Type the line of the finding, or change the place with its own tool.',
    lines: {
      'See what clients get then': 'certrebind verify',
      'Hide this': 'certrebind dismiss change-by-hand <place>',
    },
  },
  unreadable: {
    severity: 'warning',
    place: null,
    text: 'An entry of IIS, of HTTP.SYS or of a certificate store could not be read. CertRebind does not change it.',
    hint: 'Correct the entry that the message names in IIS Manager, or look for it among the certificate bindings. In a lab, export the damaged file from the server again.',
    lines: { 'See the certificate bindings': 'netsh http show sslcert' },
    fact: 'http-sys-tables',
  },
  'state-older': {
    severity: 'warning',
    place: 'program',
    text: 'The newest run in the state folder is older than the last start of the task, as after a restored backup.',
    hint: 'If you have a newer copy of the state folder, put it back first. Otherwise CertRebind has forgotten what you undid or excluded since then. Check the plan, then apply it.',
    lines: {
      'See the plan': 'certrebind plan',
      'Apply it': 'certrebind reconcile',
    },
  },
  'version-drift': {
    severity: 'warning',
    place: 'program',
    text: 'The program that was started and the installed program have different versions.',
    hint: 'If the version that you started is the later one, install it. Otherwise start the installed program.',
    lines: {
      'Install it': 'certrebind install',
    },
  },
  'wire-ahead': {
    severity: 'info',
    place: null,
    text: 'An endpoint already serves the new certificate, but its certificate binding still names the old one.',
    hint: 'Nothing to do: CertRebind changes the certificate binding with the renewal.',
    fact: 'wire-follows-renewal',
  },
  'part-unknown': { ...shared.partUnknown, severity: 'info', place: null, inStatus: true },
  'wire-not-seen': {
    severity: 'info',
    place: null,
    text: 'No endpoint could be tested from here. So only the settings of IIS and HTTP.SYS were checked, not what clients get.',
    hint: 'Start the web service, and run the command on the server.',
  },
} as const satisfies Readonly<Record<string, FindingEntry>>;

export type FindingCode = keyof typeof findingEntries;

/** The findings that `doctor --fix` turns into a plan. */
export type PlannedRepair = {
  [Code in FindingCode]: (typeof findingEntries)[Code] extends { readonly repair: 'plan' } ? Code : never;
}[FindingCode];

export const findingCodes = listedCodes<FindingCode, FindingEntry>(findingEntries);

/** `undefined` for a code of another version. */
export function findingEntry(code: string): FindingEntry | undefined {
  return entryOf<FindingEntry>(findingEntries, code);
}
