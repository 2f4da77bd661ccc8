import { reportedKinds, reportedRules } from '../holders/reported/reported-kinds.ts';
import type { CountName, RunResult } from './runs/step-states.ts';

/** What each result of a run means. */
export const resultTexts: Readonly<Record<RunResult, string>> = {
  rebound: 'Everything in the plan uses the new certificate.',
  'partly-rebound': 'A part was changed. The rest is blocked, waits, or was rolled back.',
  'would-rebind': 'Dry run: a real run would change something.',
  waiting: 'Nothing was changed yet. The change waits for its window, or until the new certificate is valid.',
  'nothing-to-do': 'There is no renewal to apply, or the new certificate is already in use everywhere.',
  blocked: 'Nothing was changed: a guard blocks it.',
  undone: 'Every change was rolled back.',
  'partly-undone': 'A part was rolled back. The rest could not be rolled back.',
  'would-undo': 'Dry run: a real run would roll something back.',
  repaired: 'Everything that doctor found was repaired.',
  'partly-repaired': 'Some of what doctor found was repaired.',
  'would-repair': 'Dry run: a real run would repair something.',
  imported: 'The import is complete.',
  'needs-attention': 'A person has to act. The outcome shows what is set where.',
};

/** What each number of an outcome counts. */
export const countTexts: Readonly<Record<CountName, string>> = {
  planned: 'Steps that would be made, or that the run did not reach.',
  changed: 'Changed by this run to the new certificate.',
  already: 'Used the new certificate before this run.',
  blocked: 'Not changed because a guard blocks it.',
  skipped: 'Not part of this run.',
  undone: 'Rolled back.',
  failed: 'Something went wrong.',
  unproven: 'Changed, but an endpoint did not answer. Also counted as changed.',
  stillOld: 'Changed, but an endpoint still serves the certificate from before.',
  waiting: 'Waits for its window, or until the new certificate is valid.',
};

export type WordKind =
  | 'consumer'
  | 'protocol'
  | 'site'
  | 'engine'
  | 'server'
  | 'setting'
  | 'now'
  | 'line'
  | 'ledger'
  | 'handshake'
  | 'task'
  | 'source'
  | 'trigger-run'
  | 'key'
  | 'chain'
  | 'news'
  | 'stage'
  | 'purpose'
  | 'part'
  | 'severity'
  | 'row';

/** Other words of documents and tables, by where they are used. */
export const words: readonly { readonly code: string; readonly kind: WordKind; readonly text: string }[] = [
  { code: 'settled', kind: 'ledger', text: 'The new certificate is in use everywhere.' },
  {
    code: 'pending',
    kind: 'ledger',
    text: 'The renewal waits for its certificate, its private key, its start date or its window.',
  },
  { code: 'blocked', kind: 'ledger', text: 'A guard blocks the renewal somewhere.' },
  { code: 'failed', kind: 'ledger', text: 'The renewal failed. The next run tries again.' },
  {
    code: 'undone',
    kind: 'ledger',
    text: 'The new certificate was rolled back. It is not tried again by itself (held).',
  },
  { code: 'chain', kind: 'ledger', text: 'Rolled back, because an intermediate certificate was not sent.' },
  { code: 'handshake', kind: 'ledger', text: 'Rolled back, because clients could not connect.' },
  { code: 'protocol', kind: 'ledger', text: 'Rolled back, because the TLS handshake was refused.' },
  { code: 'name', kind: 'ledger', text: 'Rolled back, because another certificate answered for a host name.' },
  { code: 'server', kind: 'ledger', text: 'Rolled back, because Windows did not make the change as asked.' },
  { code: 'person', kind: 'ledger', text: 'Rolled back or given up by a person. Also: a person has to act next.' },
  { code: 'debt', kind: 'purpose', text: 'The step restores what an earlier run could not roll back.' },
  { code: 'again', kind: 'purpose', text: 'The step tries a renewal again that was rolled back.' },
  { code: 'held', kind: 'ledger', text: 'The renewal was rolled back before. To apply it again: certrebind rebind.' },
  { code: 'served', kind: 'handshake', text: 'The endpoint answered with a certificate.' },
  { code: 'unreachable', kind: 'handshake', text: 'The endpoint did not answer a TLS handshake.' },
  { code: 'not-listening', kind: 'handshake', text: 'Nothing listens on this address and port.' },
  { code: 'skipped', kind: 'handshake', text: 'The endpoint was not tested. The reason is shown with it.' },
  { code: 'matches', kind: 'handshake', text: 'The endpoint serves the certificate that is set for it.' },
  {
    code: 'differs',
    kind: 'handshake',
    text: 'The endpoint serves another certificate than the one that is set for it.',
  },
  { code: 'ours', kind: 'task', text: 'A task of CertRebind, exactly as it was registered.' },
  { code: 'changed', kind: 'task', text: 'A task of CertRebind that was changed after it was registered.' },
  { code: 'missing', kind: 'task', text: 'A task of CertRebind that should be registered but is not.' },
  { code: 'disabled', kind: 'task', text: 'The task is registered but disabled.' },
  { code: 'enabled', kind: 'task', text: 'The task is registered and enabled.' },
  { code: 'native', kind: 'task', text: 'The certificate rebind task of IIS Manager.' },
  { code: 'third-party', kind: 'task', text: 'A task of another product that renews certificates.' },
  { code: 'event', kind: 'source', text: 'The renewal comes from event 1001 of the lifecycle log.' },
  {
    code: 'renewal-property',
    kind: 'source',
    text: 'The old certificate has a renewal property that names the new one.',
  },
  {
    code: 'same-names',
    kind: 'source',
    text: 'The new certificate covers the names of the old one. Used only if the configuration allows it.',
  },
  { code: 'given', kind: 'source', text: 'A person gave the old and the new certificate.' },
  {
    code: 'uncorroborated',
    kind: 'source',
    text: 'The renewal comes only from an event that any account could have written.',
  },
  {
    code: 'ended',
    kind: 'trigger-run',
    text: 'The program of the trigger ended. The exit code is that of the program.',
  },
  { code: 'time-limit', kind: 'trigger-run', text: 'The program of the trigger took too long and was stopped.' },
  { code: 'not-started', kind: 'trigger-run', text: 'The program of the trigger could not be started.' },
  {
    code: 'refused',
    kind: 'trigger-run',
    text: 'Not started: accounts other than administrators can change the program.',
  },
  { code: 'usable', kind: 'key', text: 'SYSTEM can open the private key.' },
  { code: 'unusable', kind: 'key', text: 'SYSTEM cannot open the private key.' },
  { code: 'missing', kind: 'key', text: 'There is no private key on this server.' },
  { code: 'unknown', kind: 'key', text: 'It is not known whether SYSTEM can open the private key.' },
  { code: 'complete', kind: 'chain', text: 'The issuing certificates are on this server.' },
  { code: 'incomplete', kind: 'chain', text: 'An issuing certificate is missing from this server.' },
  { code: 'whole', kind: 'chain', text: 'The endpoint sends every certificate that clients need to trust it.' },
  { code: 'broken', kind: 'chain', text: 'The endpoint does not send an intermediate certificate that clients need.' },
  { code: 'unknown', kind: 'chain', text: 'It is not known whether clients get all issuing certificates.' },
  { code: 'problem', kind: 'news', text: 'Something on this server is not as it should be.' },
  { code: 'solved', kind: 'news', text: 'A problem is over.' },
  { code: 'heartbeat', kind: 'news', text: 'CertRebind works. The message says whether problems are open.' },
  { code: 'done', kind: 'stage', text: 'This part of a rehearsal was done.' },
  { code: 'not-done', kind: 'stage', text: 'This part of a rehearsal was not done. Its line shows why.' },
  { code: 'rebind', kind: 'purpose', text: 'The plan applies renewals.' },
  { code: 'undo', kind: 'purpose', text: 'The plan rolls back a run.' },
  { code: 'repair', kind: 'purpose', text: 'The plan repairs what doctor found.' },
  { code: 'recovery', kind: 'purpose', text: 'The plan of a run that was interrupted.' },
  { code: 'rehearsal', kind: 'purpose', text: 'The plan of a rehearsal on a temporary endpoint.' },
  { code: 'import', kind: 'purpose', text: 'The plan carries out an import.' },
  { code: 'winrm', kind: 'consumer', text: 'A listener of Windows Remote Management (PowerShell remoting).' },
  { code: 'rdp', kind: 'consumer', text: 'Remote Desktop of this server.' },
  { code: 'private-key', kind: 'consumer', text: 'An account that gets the right to read the private key.' },
  { code: 'ldap', kind: 'protocol', text: 'LDAP with StartTLS.' },
  { code: 'smtp', kind: 'protocol', text: 'SMTP with STARTTLS.' },
  ...reportedKinds.map((kind) => ({ code: kind, kind: 'consumer' as const, text: `${reportedRules[kind].called}.` })),
  {
    code: 'wmsvc',
    kind: 'consumer',
    text: 'The Web Management Service, which IIS Manager uses for remote connections.',
  },
  { code: 'ftps', kind: 'consumer', text: 'A site of the FTP service of IIS.' },
  { code: 'ftp', kind: 'consumer', text: 'The certificate setting of an IIS FTP site.' },
  { code: 'http-sys', kind: 'consumer', text: 'A program other than IIS with its own TLS record.' },
  { code: 'iis-binding', kind: 'consumer', text: 'A binding of an IIS site.' },
  { code: 'started', kind: 'site', text: 'The site or service is running.' },
  { code: 'stopped', kind: 'site', text: 'The site or service is stopped, so its endpoints are not tested.' },
  { code: 'file', kind: 'engine', text: 'PowerShell runs the adapter script as a file.' },
  {
    code: 'text',
    kind: 'engine',
    text: 'CertRebind sends the text of the adapter script to PowerShell, because PowerShell does not run the file.',
  },
  { code: 'not-installed', kind: 'engine', text: 'Sent as text, because CertRebind is not installed.' },
  { code: 'execution-policy', kind: 'engine', text: 'Sent as text, because the execution policy blocks the file.' },
  { code: 'no-answer', kind: 'engine', text: 'Sent as text, because the file did not answer.' },
  { code: 'windows', kind: 'server', text: 'This Windows server.' },
  { code: 'lab', kind: 'server', text: 'A simulated server.' },
  { code: 'replay', kind: 'server', text: 'A capture of a server (read-only).' },
  { code: 'block', kind: 'setting', text: 'The guard stops the change.' },
  { code: 'warn', kind: 'setting', text: 'The guard reports what it found, and the change is made.' },
  { code: 'off', kind: 'setting', text: 'The guard is switched off.' },
  { code: 'holds', kind: 'now', text: 'It exists and uses a certificate.' },
  {
    code: 'opened',
    kind: 'line',
    text: 'The run began. Its plan and the state of the endpoints before it were saved.',
  },
  { code: 'changing', kind: 'line', text: 'The change began.' },
  { code: 'changed', kind: 'line', text: 'The setting was read again after the change.' },
  { code: 'repairing', kind: 'line', text: 'CertRebind sets options again that the change lost.' },
  { code: 'proved', kind: 'line', text: 'Its endpoints were tested.' },
  { code: 'none', kind: 'line', text: 'None of its endpoints could be tested.' },
  { code: 'found', kind: 'line', text: 'The state when the run was recovered.' },
  { code: 'recovering', kind: 'line', text: 'A later process finishes the run.' },
  { code: 'closed', kind: 'line', text: 'The outcome was written.' },
  {
    code: 'unfinished',
    kind: 'line',
    text: 'The run has no outcome. The next command that changes something recovers it first.',
  },
  { code: 'refused', kind: 'line', text: 'The server refused the change.' },
  { code: 'changed-meanwhile', kind: 'line', text: 'Someone else had changed it in the meantime.' },
  { code: 'cannot-express', kind: 'line', text: 'This server cannot write a record with these options.' },
  { code: 'error', kind: 'severity', text: 'Something is broken or will break. You have to act.' },
  { code: 'warning', kind: 'severity', text: 'Something is not as it should be and can cause a problem later.' },
  { code: 'info', kind: 'severity', text: 'For information. Nothing to do.' },
  { code: 'server', kind: 'row', text: 'A row of an inventory about a server as a whole.' },
  { code: 'certificate', kind: 'row', text: 'A row of an inventory about a certificate.' },
  { code: 'finding', kind: 'row', text: 'A row of an inventory about a finding.' },
  { code: 'not-read', kind: 'part', text: 'A part of the server that could not be read.' },
  { code: 'not-given', kind: 'part', text: 'A part of the server that is not in the capture.' },
];
