import { reportedKinds, reportedRules } from '../holders/reported-kinds.ts';
import type { CountName, RunResult } from '../runs/step-states.ts';

/** What each result of a run means. */
export const resultTexts: Readonly<Record<RunResult, string>> = {
  rebound: 'Everything that was to be changed holds the new certificate.',
  'partly-rebound': 'A part was changed; the rest is blocked, waits, or was put back.',
  'would-rebind': 'A dry run: the real one would change something.',
  waiting: 'Nothing was changed yet: it waits for its window, or for the time of the new certificate.',
  'nothing-to-do': 'No renewal is to be brought in, or the new certificate is in use everywhere already.',
  blocked: 'Nothing was changed, because guards block it.',
  undone: 'Everything that was changed is put back.',
  'partly-undone': 'A part was put back, the rest could not be.',
  'would-undo': 'A dry run: the real one would put something back.',
  repaired: 'What doctor found is repaired.',
  'partly-repaired': 'Some of what doctor found is repaired.',
  'would-repair': 'A dry run: the real one would repair something.',
  imported: 'What was given is now on this server.',
  'needs-attention': 'A person has to look: the outcome says what is set where.',
};

/** What each number of an outcome counts. */
export const countTexts: Readonly<Record<CountName, string>> = {
  planned: 'Records that would be changed, or that the run did not come to.',
  changed: 'Records that hold the new certificate by this run.',
  already: 'Records that held it before.',
  blocked: 'Records that a guard kept from being changed.',
  skipped: 'Records that are none of this run’s business.',
  undone: 'Records that were put back.',
  failed: 'Records on which something went wrong.',
  unproven: 'Changed, but an endpoint did not answer; these count as changed too.',
  stillOld: 'Changed, but an endpoint goes on serving the old certificate.',
  waiting: 'Records that wait for their window, or for the time of the new certificate.',
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

/** Other words of documents and tables, by where they stand. */
export const words: readonly { readonly code: string; readonly kind: WordKind; readonly text: string }[] = [
  { code: 'settled', kind: 'ledger', text: 'The new certificate is in use everywhere.' },
  { code: 'pending', kind: 'ledger', text: 'The renewal waits for its certificate, its key, its time or its window.' },
  { code: 'blocked', kind: 'ledger', text: 'A guard keeps the renewal from being used somewhere.' },
  { code: 'failed', kind: 'ledger', text: 'The renewal was tried; the next run tries again.' },
  {
    code: 'undone',
    kind: 'ledger',
    text: 'The new certificate was put back; only a person brings it in again (held).',
  },
  { code: 'held', kind: 'ledger', text: 'A renewal that was put back once. certrebind rebind brings it in again.' },
  { code: 'served', kind: 'handshake', text: 'The endpoint answered with a certificate.' },
  { code: 'unreachable', kind: 'handshake', text: 'The endpoint did not answer a handshake.' },
  { code: 'not-listening', kind: 'handshake', text: 'Nothing listens at the address.' },
  { code: 'skipped', kind: 'handshake', text: 'The endpoint was not dialled; the reason says why.' },
  { code: 'matches', kind: 'handshake', text: 'The endpoint serves the certificate that is set for it.' },
  {
    code: 'differs',
    kind: 'handshake',
    text: 'The endpoint serves another certificate than the one that is set for it.',
  },
  { code: 'ours', kind: 'task', text: 'A task of CertRebind, exactly as it was registered.' },
  { code: 'changed', kind: 'task', text: 'A task with a name of CertRebind that is not as it was registered.' },
  { code: 'missing', kind: 'task', text: 'A task that should be there and is not.' },
  { code: 'disabled', kind: 'task', text: 'A task that is there and does not start.' },
  { code: 'enabled', kind: 'task', text: 'A task that is there and starts.' },
  { code: 'native', kind: 'task', text: 'The task of IIS Manager’s own certificate rebind.' },
  { code: 'third-party', kind: 'task', text: 'A task of another product that renews certificates.' },
  { code: 'event', kind: 'source', text: 'The renewal was learnt from event 1001 of the lifecycle log.' },
  { code: 'renewal-property', kind: 'source', text: 'The old certificate itself names its successor.' },
  { code: 'same-names', kind: 'source', text: 'The new certificate covers the names of the old one; only by policy.' },
  { code: 'given', kind: 'source', text: 'A person named the pair.' },
  {
    code: 'uncorroborated',
    kind: 'source',
    text: 'Only an event that anybody could have written tells of the renewal.',
  },
  { code: 'ended', kind: 'trigger-run', text: 'The action of a trigger came to its end; the exit code is its own.' },
  { code: 'time-limit', kind: 'trigger-run', text: 'The action of a trigger took too long and was ended.' },
  { code: 'not-started', kind: 'trigger-run', text: 'The program of a trigger could not be started.' },
  { code: 'refused', kind: 'trigger-run', text: 'Not started, because others could have changed what would have run.' },
  { code: 'usable', kind: 'key', text: 'SYSTEM can open the private key.' },
  { code: 'unusable', kind: 'key', text: 'SYSTEM cannot open the private key.' },
  { code: 'missing', kind: 'key', text: 'There is no private key on this server.' },
  { code: 'unknown', kind: 'key', text: 'Whether the private key can be opened could not be told.' },
  { code: 'complete', kind: 'chain', text: 'The issuing certificates are on this server.' },
  { code: 'incomplete', kind: 'chain', text: 'An issuing certificate is missing on this server.' },
  { code: 'whole', kind: 'chain', text: 'The endpoint sends what clients need to trust its certificate.' },
  { code: 'broken', kind: 'chain', text: 'The endpoint does not send an intermediate certificate that clients need.' },
  { code: 'unknown', kind: 'chain', text: 'Whether clients get all issuing certificates could not be told.' },
  { code: 'ends-soon', kind: 'news', text: 'Certificates in use end soon, and nothing renews them on this server.' },
  { code: 'done', kind: 'stage', text: 'This part of a rehearsal was done.' },
  { code: 'not-done', kind: 'stage', text: 'This part of a rehearsal was not done; its line says why.' },
  { code: 'rebind', kind: 'purpose', text: 'The plan brings renewals in.' },
  { code: 'undo', kind: 'purpose', text: 'The plan puts back what a run changed.' },
  { code: 'repair', kind: 'purpose', text: 'The plan repairs what doctor found.' },
  { code: 'recovery', kind: 'purpose', text: 'The plan of a run that was interrupted.' },
  { code: 'rehearsal', kind: 'purpose', text: 'The plan of a rehearsal on a throw-away endpoint.' },
  { code: 'import', kind: 'purpose', text: 'The plan carries out an import.' },
  { code: 'winrm', kind: 'consumer', text: 'A listener of Windows Remote Management (PowerShell remoting).' },
  { code: 'rdp', kind: 'consumer', text: 'Remote Desktop of this server.' },
  { code: 'private-key', kind: 'consumer', text: 'An account that gets the right to read the private key.' },
  { code: 'ldap', kind: 'protocol', text: 'LDAP, in which a client asks for TLS by StartTLS.' },
  { code: 'smtp', kind: 'protocol', text: 'SMTP, in which a client asks for TLS by STARTTLS.' },
  ...reportedKinds.map((kind) => ({ code: kind, kind: 'consumer' as const, text: `${reportedRules[kind].called}.` })),
  {
    code: 'wmsvc',
    kind: 'consumer',
    text: 'The Web Management Service, through which IIS Manager connects from elsewhere.',
  },
  { code: 'ftps', kind: 'consumer', text: 'A site of the FTP service of IIS.' },
  { code: 'ftp', kind: 'consumer', text: 'The certificate that an FTP site of IIS is set to.' },
  { code: 'http-sys', kind: 'consumer', text: 'A program that uses a TLS record of its own, beside IIS.' },
  { code: 'iis-binding', kind: 'consumer', text: 'A binding of an IIS site.' },
  { code: 'started', kind: 'site', text: 'The site or service runs.' },
  { code: 'stopped', kind: 'site', text: 'The site or service does not run, so its endpoints are not dialled.' },
  { code: 'file', kind: 'engine', text: 'PowerShell runs the adapter script as a file.' },
  {
    code: 'text',
    kind: 'engine',
    text: 'PowerShell gets the adapter script as text, because it does not run it as a file.',
  },
  { code: 'not-installed', kind: 'engine', text: 'As text, because the program is not installed.' },
  { code: 'execution-policy', kind: 'engine', text: 'As text, because an execution policy refused the file.' },
  { code: 'no-answer', kind: 'engine', text: 'As text, because the file gave no answer.' },
  { code: 'windows', kind: 'server', text: 'This Windows server.' },
  { code: 'lab', kind: 'server', text: 'A simulated server.' },
  { code: 'replay', kind: 'server', text: 'A capture, read only.' },
  { code: 'block', kind: 'setting', text: 'The guard keeps the change from being made.' },
  { code: 'warn', kind: 'setting', text: 'The guard says what it found and lets the change through.' },
  { code: 'off', kind: 'setting', text: 'The guard says nothing.' },
  { code: 'holds', kind: 'now', text: 'It is there and names a certificate.' },
  { code: 'opened', kind: 'line', text: 'The run began; its plan and what endpoints served before are written down.' },
  { code: 'changing', kind: 'line', text: 'The change of these begins.' },
  { code: 'changed', kind: 'line', text: 'It was read back after the change.' },
  { code: 'repairing', kind: 'line', text: 'Options that the change lost are being set again.' },
  { code: 'proved', kind: 'line', text: 'Its endpoints were dialled.' },
  { code: 'none', kind: 'line', text: 'None of its endpoints could be dialled.' },
  { code: 'found', kind: 'line', text: 'How it stood when the run was recovered.' },
  { code: 'recovering', kind: 'line', text: 'A later process brings the run to its end.' },
  { code: 'closed', kind: 'line', text: 'The outcome is written.' },
  { code: 'unfinished', kind: 'line', text: 'The run has no outcome; any changing command recovers it first.' },
  { code: 'refused', kind: 'line', text: 'The server refused the change.' },
  { code: 'changed-meanwhile', kind: 'line', text: 'Others had changed it in between.' },
  { code: 'cannot-express', kind: 'line', text: 'This server cannot write a record with these options.' },
  { code: 'error', kind: 'severity', text: 'Something is broken, or will be, and a person has to do something.' },
  { code: 'warning', kind: 'severity', text: 'Something is not as it should be and may do harm later.' },
  { code: 'info', kind: 'severity', text: 'Worth knowing; nothing has to be done.' },
  { code: 'server', kind: 'row', text: 'A row of an inventory about a server as a whole.' },
  { code: 'certificate', kind: 'row', text: 'A row of an inventory about a certificate.' },
  { code: 'finding', kind: 'row', text: 'A row of an inventory about something that is not as it should be.' },
  { code: 'not-read', kind: 'part', text: 'A part of the server that could not be read.' },
  { code: 'not-given', kind: 'part', text: 'A part of the server that the import was not given.' },
];
