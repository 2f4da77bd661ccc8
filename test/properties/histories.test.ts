import assert from 'node:assert/strict';
import type { Finding } from '../../src/documents/status.ts';
import { lookAt } from '../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../src/engine/findings/facts.ts';
import type { PartName } from '../../src/kinds/unknown-parts.ts';
import { assertOneOffer } from '../engine/findings/offered.ts';
import { isSlow } from '../support/slow.ts';
import { checkProperty } from './check.ts';
import {
  begin,
  blindParts,
  clientsOf,
  type Deed,
  factsNow,
  type Happened,
  histories,
  makeWell,
  perform,
  snapshotNow,
  wireNow,
  without,
} from './history.ts';
import { judge, type Verdict } from './history-oracle.ts';

const title =
  'whatever happens to a server: a view says OK of a place exactly if it is, and what cannot be read ends nothing';

describe('what is wrong with a server now', () => {
  const checks = { wrong: 0, well: 0, open: 0, unread: 0, offers: 0 };

  it(title, () => checkProperty(title, isSlow ? 60 : 20, histories, (deeds) => holds(deeds, checks)))
    // As many as somebody asks for take their time.
    .timeout(process.env.CERTREBIND_CASES === undefined ? 300_000 : 0);

  after(() => console.log(`    ${JSON.stringify(checks)} looks`));
});

type Checks = Record<'wrong' | 'well' | 'open' | 'unread' | 'offers', number>;

async function holds(deeds: readonly Deed[], checks: Checks): Promise<void> {
  const happened = begin();
  await look(happened, checks);
  for (const deed of deeds) {
    await perform(happened, deed);
    await look(happened, checks);
  }
  await makeWell(happened);
  for (const { key, ...sides } of await look(happened, checks))
    assert.deepEqual([key, ...Object.values(sides).flat()], [key], 'a server that was mended is well');
}

async function look(happened: Happened, checks: Checks): Promise<readonly Verdict[]> {
  const snapshot = snapshotNow(happened);
  const clients = clientsOf(happened);
  const facts = await factsNow(happened, snapshot);
  const verdicts = await judge(happened, clients);
  const views = { status: facts, doctor: { ...facts, wire: await wireNow(snapshot, clients) } };
  checks.offers += assertOneOffer(views.doctor);
  for (const [view, seen] of Object.entries(views)) {
    const found = troubles(lookAt(seen).findings);
    for (const verdict of verdicts) compare(verdict, view, found, checks);
    const elsewhere = found.filter(({ keys }) => keys.length === 0);
    for (const one of elsewhere) assert(await isExpected(happened, one), `${view} says ${one.code}: ${one.message}`);
  }
  const status = troubles(lookAt(facts).every);
  if (status.length > 0)
    for (const part of blindParts) {
      checks.unread++;
      checkUnread(facts, status, part);
    }
  return verdicts;
}

function compare(verdict: Verdict, view: string, found: readonly Finding[], checks: Checks): void {
  const { key } = verdict;
  const isDialled = view === 'doctor';
  const wrong = [...verdict.wrong, ...(isDialled ? verdict.onWire : [])];
  const open = [...verdict.open, ...(isDialled ? verdict.openOnWire : [])];
  const told = found.filter(({ keys }) => keys.includes(key));
  const says = `${view} says ${JSON.stringify(found.map(({ code, message }) => [code, message]))}`;
  if (wrong.length > 0) {
    checks.wrong++;
    // What an interrupted run leaves is judged once it is finished.
    const isTold = told.length > 0 || found.some(({ code }) => code === 'unfinished-run');
    assert(isTold, `${key} ${wrong.join(', ')}, and ${says}`);
  } else if (open.length > 0) {
    checks.open++;
  } else {
    checks.well++;
    assert.deepEqual(told, [], `${key} is well, and ${says}`);
  }
}

/** What is said of no place: the log was cleared, or a run was interrupted. */
async function isExpected({ world, isLogCleared }: Happened, { code }: Finding): Promise<boolean> {
  if (code === 'log-reset') return isLogCleared;
  return code === 'unfinished-run' && (await world.state.unfinishedRuns()).length > 0;
}

function checkUnread(facts: DoctorFacts, read: readonly Finding[], part: PartName): void {
  const unread = troubles(lookAt({ ...facts, snapshot: without(part, facts.snapshot) }).every);
  assert(unread.length > 0, `without ${part} nothing is wrong any more: ${JSON.stringify(read)}`);
  const kept = new Set(unread.map(idOf));
  for (const one of read.filter(({ code }) => remembered.has(code)))
    assert(kept.has(idOf(one)), `without ${part} this is over: ${one.message}`);
}

const remembered: ReadonlySet<string> = new Set([
  'left-without-certificate',
  'not-restored',
  'unfinished-run',
  'still-old',
  'still-served',
]);

function troubles(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity !== 'info');
}

function idOf({ code, key }: Finding): string {
  return `${code} ${key}`;
}
