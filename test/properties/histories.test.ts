import assert from 'node:assert/strict';
import type { Finding } from '../../src/documents/status.ts';
import { recordsOf } from '../../src/holders/holder.ts';
import type { PartName } from '../../src/holders/unknown-parts.ts';
import { diagnose, everyFinding } from '../../src/inspect/findings/diagnose.ts';
import type { DoctorFacts } from '../../src/inspect/findings/facts.ts';
import { demandOneOffer } from '../inspect/findings/offered.ts';
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
import { judge, type Wrong } from './history-oracle.ts';

const title =
  'whatever happens to a server: nothing wrong is passed over, nothing is wrong with one that is well, and what cannot be read ends nothing';

describe('what is wrong with a server now', () => {
  const checks = { wrong: 0, well: 0, unread: 0, offers: 0 };

  it(title, () => checkProperty(title, isSlow ? 500 : 20, histories, (deeds) => holds(deeds, checks)))
    // As many as somebody asks for take their time.
    .timeout(process.env.CERTREBIND_CASES === undefined ? 300_000 : 0);

  after(() => console.log(`    ${JSON.stringify(checks)} looks`));
});

type Checks = Record<'wrong' | 'well' | 'unread' | 'offers', number>;

async function holds(deeds: readonly Deed[], checks: Checks): Promise<void> {
  const happened = begin();
  await look(happened, checks);
  for (const deed of deeds) {
    await perform(happened, deed);
    await look(happened, checks);
  }
  await makeWell(happened);
  const { isWell, isServedWell } = await judge(happened, recordsOf(snapshotNow(happened)), clientsOf(happened));
  assert(isWell && isServedWell, 'a server that was mended is well');
  await look(happened, checks);
}

async function look(happened: Happened, checks: Checks): Promise<void> {
  const snapshot = snapshotNow(happened);
  const clients = clientsOf(happened);
  const facts = await factsNow(happened, snapshot);
  const dialled = { ...facts, wire: await wireNow(snapshot, clients) };
  const verdict = await judge(happened, recordsOf(snapshot), clients);
  const [status, doctor] = [troubles(everyFinding(facts)), troubles(everyFinding(dialled))];
  checks.wrong += verdict.served.length;
  checks.offers += demandOneOffer(dialled);
  demandTold(verdict.held, status, 'status');
  demandTold(verdict.served, doctor, 'doctor');
  if (verdict.isWell) {
    checks.well++;
    assert.deepEqual(status, [], 'status of a server that is well');
  }
  if (verdict.isServedWell) assert.deepEqual(doctor, [], 'doctor of a server that is well');
  if (facts.ledger.dismissed.length > 0) checkDismissed(facts);
  if (status.length > 0)
    for (const part of blindParts) {
      checks.unread++;
      checkUnread(facts, status, part);
    }
}

function checkDismissed(facts: DoctorFacts): void {
  const shown = new Set(diagnose(facts).map(textOf));
  for (const one of everyFinding(facts))
    assert(one.severity !== 'error' || shown.has(textOf(one)), `an error was dismissed: ${one.message}`);
}

function checkUnread(facts: DoctorFacts, read: readonly Finding[], part: PartName): void {
  const unread = troubles(everyFinding({ ...facts, snapshot: without(part, facts.snapshot) }));
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

function demandTold(wrongs: readonly Wrong[], findings: readonly Finding[], view: string): void {
  for (const { what, told } of wrongs) {
    const isTold = findings.some(
      // What an interrupted run leaves is judged once it is finished.
      (one) => one.code === 'unfinished-run' || told.some((text) => JSON.stringify(one).includes(text)),
    );
    assert(isTold, `${what}, and ${view} says ${JSON.stringify(findings.map(({ code, message }) => [code, message]))}`);
  }
}

function idOf({ code, key }: Finding): string {
  return `${code} ${key}`;
}

function textOf({ code, key, message }: Finding): string {
  return `${code} ${key} ${message}`;
}
