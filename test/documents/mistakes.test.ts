import assert from 'node:assert/strict';
import type { CertRebindError } from '../../src/base/errors.ts';
import { parseInstalled } from '../../src/documents/installation.ts';
import { parseLooked } from '../../src/documents/looked.ts';
import { parseTold } from '../../src/documents/notified.ts';
import { parseProofAnswer } from '../../src/documents/proof.ts';
import { parseRefused } from '../../src/documents/refused.ts';
import { parseJournalLine } from '../../src/documents/runs/journal-document.ts';
import { emptyLedger, parseLedger } from '../../src/documents/runs/ledger.ts';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { parseSecrets } from '../../src/documents/secrets.ts';
import { parseTrigger } from '../../src/documents/trigger.ts';
import { parseWatched } from '../../src/documents/watched.ts';

const at = '2026-01-02T03:04:05.000Z';
const sha256 = 'ab'.repeat(32);

const looked = { schema: 'certrebind/looked/1', day: '2026-01-02', days: 3, jumpedFrom: null, since: {} };
const installed = { schema: 'certrebind/installed/1', version: '1.0.0', at, files: [{ name: 'a/b.ps1', sha256 }] };
const told = { schema: 'certrebind/told/1', server: null, findings: [], heartbeatAt: null, addresses: [] };
const watched = { schema: 'certrebind/watched/1', folders: {} };
const folder = { lookedAt: at, unreachable: null, incomplete: [{ path: 'a', why: 'b', looks: 1 }], newest: [] };
const refused = { schema: 'certrebind/refused/1', refusals: [] };
const secrets = { schema: 'certrebind/secrets/1', secrets: { smtp: 'x' } };
const action = { program: 'C:\\x.exe', args: [], timeLimitSeconds: 60 };
const trigger = {
  ...{ schema: 'certrebind/trigger/1', id: 'a-1', on: 'replaced', names: [], issuer: null, ekus: ['1.3.6'] },
  ...{ action, createdAt: at },
};
const answer = {
  ...{ schema: 'certrebind/proof-answer/1', nonce: 'ab'.repeat(8), at, version: '1', sha256, account: 'system' },
  ...{ engine: { way: 'file' }, read: null, error: null },
};

const thumbprint = 'AB'.repeat(20);
const dismissal = { code: 'a-code-of-another-version', place: null, certificate: null, facts: '', by: '', at };
const zero = { planned: 0, changed: 0, already: 0, blocked: 0, skipped: 0, undone: 0, failed: 0 };
const skip = {
  key: 'shop.example.com:443',
  consumers: [],
  renewal: null,
  obstacles: [{ code: 'of-another-version', text: '' }],
};
const skipped = (obstacle: object) => ({ skipped: [{ ...skip, obstacles: [{ text: '', ...obstacle }] }] });
const outcome = {
  ...{ schema: 'certrebind/outcome/1', run: 'a', kept: true, dryRun: false, result: 'rebound', exitCode: 0 },
  ...{ startedAt: at, durationMs: 1.5, counts: { ...zero, notVerified: 0, stillOld: 0, waiting: 0 }, steps: [] },
  ...{ blocked: [], skipped: [skip], renewals: [], notes: [{ code: 'of-another-version', text: '' }] },
  cost: { sessions: 1, roundTrips: 1 },
};

const ftp = { kind: 'ftp', key: 'ftp/Shop', value: { site: 'Shop', thumbprint, store: 'My' } };
const found = { type: 'found', step: 1, now: { state: 'holds', holder: ftp }, at };

/** Each is read as it is, and with something else in it refused in these words. */
const damaged: readonly (readonly [
  parse: (text: string, where: string) => unknown,
  whole: object,
  damage: object,
  says: string,
])[] = [
  [parseLooked, looked, { day: 'today' }, '/day must match format "date"'],
  [parseLooked, looked, { days: -1 }, '/days is less than 0'],
  [parseLooked, looked, { days: 1.5 }, '/days is not a whole number'],
  [parseLooked, looked, { jumpedFrom: 7 }, '/jumpedFrom is not a text or null'],
  [parseLooked, looked, { since: { place: 'x' } }, '/since/place is not a whole number'],
  [parseInstalled, installed, { version: 'x'.repeat(101) }, '/version has more than 100 characters'],
  [parseInstalled, installed, { files: [{ name: '../x', sha256 }] }, '/files/0/name must match pattern'],
  [parseInstalled, installed, { files: [{ name: 'x' }] }, '/files/0 has no "sha256"'],
  [parseTold, told, { server: 'x' }, '/server is not an object'],
  [parseTold, told, { server: { id: 'x' } }, '/server has no "name"'],
  [parseTold, told, { heartbeatAt: 'x' }, '/heartbeatAt must match format "date-time"'],
  [
    parseWatched,
    watched,
    { folders: { a: { ...folder, incomplete: [{ path: 'a', why: 'b', looks: 0 }] } } },
    'looks is less than 1',
  ],
  [parseRefused, refused, { gone: { count: 0, at } }, '/gone/count is less than 1'],
  [parseSecrets, secrets, { secrets: { smtp: { dpapi: '*' } } }, '/secrets/smtp/dpapi must match pattern'],
  [parseTrigger, trigger, { id: 'A' }, '/id must match pattern'],
  [parseTrigger, trigger, { ekus: ['1.'] }, '/ekus/0 must match pattern'],
  [
    parseTrigger,
    trigger,
    { action: { ...action, timeLimitSeconds: 3301 } },
    '/action/timeLimitSeconds is more than 3300',
  ],
  [parseTrigger, trigger, { action: { ...action, program: '' } }, '/action/program is empty'],
  [parseLedger, emptyLedger, { dismissed: [{ ...dismissal, facts: 7 }] }, '/dismissed/0/facts is not a text'],
  [
    parseLedger,
    emptyLedger,
    { pastRenewals: [{ old: thumbprint, new: 'x', leftShare: 0.3 }] },
    '/new must match pattern',
  ],
  [parseOutcome, outcome, { result: 'x' }, '/result is none of rebound, '],
  [
    parseOutcome,
    outcome,
    skipped({ code: 'held', by: 'x', run: null, at }),
    '/obstacles/0/by is none of person, run, ',
  ],
  [parseOutcome, outcome, skipped({ code: 'names-lost' }), '/obstacles/0 has no "hosts"'],
  [parseOutcome, outcome, skipped({ code: 7 }), '/obstacles/0/code is not a text'],
  [
    parseOutcome,
    outcome,
    { skipped: [{ ...skip, consumers: [{ kind: 'x' }] }] },
    '/consumers/0/kind is none of iis-binding, ',
  ],
  [parseOutcome, outcome, { skipped: [{ ...skip, obstacles: [] }] }, '/skipped/0/obstacles is empty'],
  [parseJournalLine, { type: 'recovering', pid: 1, at }, { type: 'x' }, '/type is none of opened, changing, '],
  [parseJournalLine, { type: 'recovering', pid: 1, at }, { pid: 'x' }, '/pid is not a whole number'],
  [parseJournalLine, { type: 'changing', steps: [1], at }, { type: 'found', step: 1 }, 'the document has no "now"'],
  [parseJournalLine, found, { now: { state: 'holds', holder: { ...ftp, key: 'sql/x' } } }, '/now/holder/'],
  [parseProofAnswer, answer, { account: 'me' }, '/account is none of system, administrator, other, unknown'],
  [parseProofAnswer, answer, { engine: { way: 'x' } }, '/engine/way is none of file, text'],
  [parseProofAnswer, answer, { engine: {} }, '/engine has no "way"'],
  [parseProofAnswer, answer, { engine: { way: 'text' } }, '/engine has no "because"'],
  [
    parseProofAnswer,
    answer,
    { engine: { way: 'text', because: { cause: 'no-answer', at } } },
    '/engine/because has no "said"',
  ],
];

describe('a damaged document', () => {
  for (const [parse, whole, damage, says] of damaged)
    it(`is refused in words: ${says}`, () => {
      assert.doesNotThrow(() => parse(JSON.stringify(whole), 'file'));
      assert.throws(
        () => parse(JSON.stringify({ ...whole, ...damage }), 'file'),
        ({ message, code }: CertRebindError) => code === 'bad-document' && message.includes(says),
      );
    });
});
