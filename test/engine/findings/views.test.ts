import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXml, type XmlElement } from '../../../src/base/xml.ts';
import { supportBundle } from '../../../src/commands/capture/support/document.ts';
import { doctorText } from '../../../src/commands/doctor/text.ts';
import { fleetPage } from '../../../src/commands/report/fleet-page.ts';
import { serverPage } from '../../../src/commands/report/server-page.ts';
import { verifyText } from '../../../src/commands/verify/text.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { isAboutClients, isTrouble, stateOf } from '../../../src/documents/finding.ts';
import type { InventoryEntry } from '../../../src/documents/inventory.ts';
import { nothingNotified } from '../../../src/documents/notified.ts';
import { scopeOf } from '../../../src/documents/scope.ts';
import type { Finding } from '../../../src/documents/status.ts';
import { doctorOf, lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { lookSummaryOf, notificationsOfFindings } from '../../../src/engine/findings/notifications-of-findings.ts';
import { withFindings } from '../../../src/engine/views/dsc-server.ts';
import { prometheusText } from '../../../src/engine/views/metrics-text.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { verifyOf } from '../../../src/engine/views/server-verify.ts';
import { notificationText } from '../../../src/session/notify/send/mail.ts';
import { namingOf } from '../../../src/shell/print/phrases.ts';
import { briefText, statusText } from '../../../src/shell/print/status-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { now } from '../../builders/snapshot.ts';
import { elementsOf, everyElement, textOf } from '../../commands/report/read-page.ts';
import { factsIn, type Situation, situations } from './situations.ts';

/** What a view shows of one finding; equal findings are shown as often as they are found. */
type Told = Pick<Finding, 'code' | 'severity'> & { readonly message?: string };

interface View {
  /** The files that make it, of those that import findings. */
  readonly by: readonly string[];
  /** Which of the errors and warnings it shows; absent: all. */
  readonly isFor?: (finding: Finding) => boolean;
  readonly shows: (facts: DoctorFacts, all: readonly Finding[]) => readonly Told[];
}

/** Of texts, what is there: each finding as the view writes it. */
function inText(text: string, all: readonly Finding[], written: (finding: Finding) => string): readonly Told[] {
  return all.filter((found) => text.includes(written(found)));
}

const spoken = namingOf({}, plain).sentence;
const listed = ({ code, key, message }: Finding) =>
  `  ${code}${key === null || message.startsWith(key) ? '' : ` ${key}`}: ${spoken(message)}\n`;
const aboutClients = (found: Finding) => isAboutClients(found) && found.code !== 'change-by-hand';

function pageText(page: string): string {
  const textOf = ({ children }: XmlElement): string =>
    children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
  return textOf(parseXml(page.slice('<!DOCTYPE html>\n'.length), 'page'));
}

function supportOf(facts: DoctorFacts) {
  const nothing = { snapshot: null, engine: null, setup: null, proofCounts: false, tasks: null, wire: null };
  return supportBundle({
    ...nothing,
    at: now,
    program: { version: '1.0.0', installed: null, runtime: 'v24', system: 'win32 x64', packaged: true },
    missing: [],
    findings: doctorOf(lookAt(facts)).findings,
    outcomes: [],
    openRuns: 0,
    lastError: null,
    configuration: defaultConfiguration,
  });
}

/** The rows that Get-CertRebindInventory makes of the findings of a server, as test/module/FleetParts.Tests.ps1 holds. */
function fleetOf(facts: DoctorFacts): string {
  const entries = doctorOf(lookAt(facts)).findings.map(({ key: record, ...found }): InventoryEntry => {
    const { code, severity, title, site, message, since, endsAt: dueAt } = found;
    const commands = found.commands.join('\n');
    return { server: 'web01', kind: 'finding', code, severity, title, record, site, message, since, commands, dueAt };
  });
  return fleetPage({
    inventory: { schema: 'certrebind/inventory/1', takenAt: now, entries },
    campaign: null,
    version: '1.0.0',
  });
}

function serverPageOf(facts: DoctorFacts): string {
  const history = { schema: 'certrebind/history/1', runs: [] } as const;
  const scope = scopeOf(facts.snapshot, facts.wire);
  return serverPage({ version: '1', status: statusOf(lookAt(facts)), scope, history });
}

const dscState = { _exist: true, nativeTask: 'absent', lifecycleLog: 'enabled', tasks: [] } as const;

/** Everything that says what is wrong with a server. The module's are in test/module/FleetParts.Tests.ps1. */
const views: Readonly<Record<string, View>> = {
  'status --json': {
    by: ['engine/views/server-status.ts', 'commands/status/command.ts'],
    shows: (facts) => statusOf(lookAt(facts)).findings,
  },
  status: {
    by: ['shell/print/status-text.ts', 'commands/setup/enable.ts', 'commands/setup/disable.ts'],
    shows: (facts, all) => inText(statusText(statusOf(lookAt(facts)), { ...plain, full: true }), all, listed),
  },
  'the exit code of status --check': {
    by: ['commands/status/command.ts'],
    shows: (facts, all) => (isTrouble(statusOf(lookAt(facts)).findings) ? all : []),
  },
  'doctor --json': { by: ['commands/doctor/command.ts'], shows: (facts) => doctorOf(lookAt(facts)).findings },
  doctor: {
    by: ['commands/doctor/text.ts'],
    shows: (facts, all) =>
      inText(
        doctorText(doctorOf(lookAt(facts)), plain),
        all,
        ({ severity, code, key, message }) =>
          `${severity} ${code}${key === null ? '' : ` ${key}`}\n  ${spoken(message)}\n`,
      ),
  },
  'verify --json': {
    by: ['engine/views/server-verify.ts', 'commands/verify/command.ts'],
    isFor: aboutClients,
    shows: (facts) => verifyOf(lookAt(facts)).findings,
  },
  verify: {
    by: ['commands/verify/text.ts'],
    isFor: aboutClients,
    shows: (facts, all) => inText(verifyText(verifyOf(lookAt(facts)), plain), all, listed),
  },
  'dsc get': {
    by: ['engine/views/dsc-server.ts', 'commands/dsc/command.ts'],
    shows: (facts) => withFindings(dscState, statusOf(lookAt(facts)).findings).findings ?? [],
  },
  'numbers for monitoring': {
    by: ['engine/views/metrics-text.ts', 'session/status/write-metrics.ts'],
    shows: (facts) =>
      [
        ...prometheusText(statusOf(lookAt(facts)), '1').matchAll(
          /^certrebind_findings\{code="(.+)",severity="(.+)"\} (\d+)$/gm,
        ),
      ]
        .map(([, code, severity, number]) => ({ code, severity, number: Number(number) }))
        .flatMap(({ number, ...told }) => Array.from({ length: number }, () => told as Told)),
  },
  'the page of a server': {
    by: ['commands/report/server-page.ts', 'commands/report/page-parts.ts', 'commands/report/command.ts'],
    shows: (facts, all) => {
      const { sentence } = namingOf(statusOf(lookAt(facts)), plain);
      return inText(pageText(serverPageOf(facts)), all, ({ message }) => sentence(message).replace(/\.$/, ''));
    },
  },
  'the page of a fleet': {
    by: ['commands/report/fleet-page.ts'],
    shows: (facts, all) =>
      inText(pageText(fleetOf(facts)), all, ({ message }) => message.replace(/\b([0-9A-F]{8})[0-9A-F]{32}\b/g, '$1')),
  },
  'mail and the Application log': {
    by: ['engine/findings/notifications-of-findings.ts', 'session/run/notify-findings.ts'],
    shows: (facts, all) => {
      const text = notificationsOfFindings(lookSummaryOf(lookAt(facts)), nothingNotified)
        .news.map(notificationText)
        .join('');
      // What has one cause is one paragraph, with the places.
      return all.filter(({ message, key }) => text.includes(message) || (key !== null && text.includes(key)));
    },
  },
  support: { by: ['commands/capture/support/write-support.ts'], shows: (facts) => supportOf(facts).findings ?? [] },
};

/** The modules that a file imports if it deals with findings. */
const judged =
  /from '\S*\/(?:documents\/status|findings\/diagnose|documents\/doctor|server-status|server-verify|read-status|status-text|inventory|documents\/verify)\.ts'/;

/** What deals with findings and shows no error or warning to anybody. */
const others = [
  'commands/capture/support/document.ts',
  'commands/dismiss/',
  'commands/setup/config.ts',
  'commands/usage/',
  'documents/',
  'engine/findings/',
  'engine/plan/plan-repair.ts',
  'engine/known/served.ts',
  'engine/run/request.ts',
  'engine/views/in-use.ts',
  'engine/views/ledger-entries.ts',
  'engine/views/next-renewal.ts',
  'engine/views/renewed.ts',
  'session/status/read-status.ts',
  'session/wire/',
];

describe('what is wrong with a server', () => {
  const told = ({ code, severity, message }: Told, withMessage: boolean) =>
    `${severity} ${code}${withMessage ? `: ${message}` : ''}`;
  const troubled = situations
    .map((situation): [Situation, DoctorFacts] => [situation, factsIn(situation)])
    .map(([situation, facts]) => ({
      ...situation,
      facts,
      all: lookAt(facts).findings.filter(({ severity }) => severity !== 'info'),
    }))
    .filter(({ all }) => all.length > 0);

  for (const [name, { isFor = () => true, shows }] of Object.entries(views)) {
    it(`is shown by ${name}, all of it`, () => {
      for (const { situation, facts, all } of troubled) {
        const wanted = all.filter(isFor);
        const shown = shows(facts, wanted).filter(({ severity }) => severity !== 'info');
        const withMessage = shown.every(({ message }) => message !== undefined) && name !== 'support';
        const texts = (findings: readonly Told[]) => findings.map((one) => told(one, withMessage)).sort();
        assert.deepEqual(texts(shown.filter((one) => isFor(one as Finding))), texts(wanted), situation);
      }
    });
  }

  it('is first, and as bad, in the line of status, in status, on the pages and in a mail alike', () => {
    const words = { error: 'ERROR', warning: 'WARNING' } as const;
    // Of an error that clients do not notice, a page has the colour of a warning.
    const unnoticed: readonly (string | null)[] = ['rolled-back', 'blocked', 'old', 'ends-soon'];
    for (const { situation, facts } of troubled) {
      const status = statusOf(lookAt(facts));
      const [first] = status.actions;
      assert.ok(first, situation);
      const word = words[first.severity];
      const tone = word === 'ERROR' && !unnoticed.includes(stateOf(first.code)) ? 'bad' : 'warn';
      const { sentence } = namingOf(status, plain);
      const said = (text: string) => text.startsWith(sentence(first.title)) || text.startsWith(first.title);
      const saysFirst = (text: string, before: string) =>
        assert.ok(text.startsWith(before) && said(text.slice(before.length)), `${situation}: ${text}`);
      saysFirst(briefText(status, plain), `${word} ${status.server.name}: `);
      saysFirst(statusText(status, plain), `${word}: `);
      saysFirst(statusText(status, { ...plain, full: true }), `${word}: `);
      const [mail] = notificationsOfFindings(lookSummaryOf(lookAt(facts)), nothingNotified).news;
      const [title = ''] = status.findings.map((one) => one.title);
      assert.ok(mail?.headline.startsWith(`${facts.snapshot.server.name}: ${title}`), situation);
      for (const [page, subject] of [
        [serverPageOf(facts), ''],
        [fleetOf(facts), 'web01: '],
      ] as const) {
        const [head] = elementsOf(page, 'header');
        const inHead = [...everyElement(head as XmlElement)];
        assert.ok(
          inHead.some(({ attributes }) => attributes.class === `verdict ${tone}`),
          situation,
        );
        const [h1] = inHead.filter(({ name }) => name === 'h1');
        const text = subject === '' ? first.title : title;
        assert.ok(
          textOf(h1 as XmlElement).startsWith(`${subject}${text}`),
          `${situation}: ${textOf(h1 as XmlElement)}`,
        );
      }
    }
  });

  it('is counted over a page as the rows below have it, of the same colour', () => {
    const seen = new Set<string>();
    for (const { situation, facts } of troubled)
      for (const [page, id] of [
        [serverPageOf(facts), 'places'],
        [fleetOf(facts), 'servers'],
      ] as const) {
        const tiles = elementsOf(page, 'dl')
          .filter(({ attributes }) => attributes.class === 'tiles')
          .flatMap((list) => [...everyElement(list)].filter(({ name }) => name === 'div'))
          .map(
            (tile) => `${tile.attributes.class} ${textOf(tile).match(/^ (.*?)\d+/)?.[1]} ${textOf(tile).match(/\d+/)}`,
          );
        const section = elementsOf(page, 'section').find(({ attributes }) => attributes['aria-labelledby'] === id);
        const inSection = [...everyElement(section as XmlElement)];
        const [verified = '0'] = inSection
          .filter(({ name }) => name === 'summary')
          .flatMap((one) => textOf(one).match(/^\d+(?= verified)/) ?? []);
        const states = inSection.flatMap((one) =>
          one.attributes.class?.startsWith('state ') ? `${one.attributes.class.slice(6)}${textOf(one)}` : [],
        );
        const rows = [...states, ...Array.from({ length: Number(verified) }, () => 'good Verified')];
        const counted = [...new Set(rows)].map((one) => `${one} ${rows.filter((other) => other === one).length}`);
        assert.deepEqual(tiles.sort(), counted.sort(), situation);
        for (const one of rows) seen.add(one);
      }
    assert.ok(seen.size >= 12, [...seen].join(', '));
  });

  it('is shown by every file that deals with findings, or the file is none that shows any', () => {
    const shown = new Set(Object.values(views).flatMap(({ by }) => by));
    const root = join(import.meta.dirname, '../../..', 'src');
    const dealing = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => judged.test(readFileSync(join(root, file), 'utf8')))
      .filter((file) => shown.has(file) || !others.some((other) => file.startsWith(other)));
    assert.ok(dealing.length > 10);
    assert.deepEqual(dealing.sort(), [...shown].sort());
  });

  it('is named in the first line of status with its site or holder, and never as "it"', () => {
    for (const { situation, facts, all } of troubled) {
      const [worst] = all;
      const [first = ''] = statusText(statusOf(lookAt(facts)), plain).split('\n');
      assert.doesNotMatch(first, /^\w+: (?:It|This|An endpoint of it)\b/, situation);
      if (worst === undefined || (worst.site ?? worst.key) === null) continue;
      assert.ok(first.includes(worst.title), `${situation}: ${first}`);
      assert.match(worst.title, /^.+(?:: | is )/, situation);
    }
  });
});
