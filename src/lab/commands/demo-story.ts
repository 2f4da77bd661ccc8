import { messageFrom } from '../../base/errors.ts';
import type { JournalLine } from '../../documents/runs/journal.ts';
import type { RunResult } from '../../documents/runs/step-states.ts';
import { endpointsOfServer, type ServerEndpoint } from '../../engine/known/endpoints-of-server.ts';
import type { StoredRun } from '../../engine/state/state.ts';
import { type Endpoint, endpointText } from '../../model/certificates/handshake.ts';
import { tlsHandshaker } from '../../server/handshake.ts';
import type { Session } from '../../session/session.ts';
import { setUp } from '../../session/setup/set-up.ts';
import { outcomeText } from '../../shell/print/outcome-text.ts';
import { count, heading, namingOf, paragraphs } from '../../shell/print/phrases.ts';
import { renderTable } from '../../shell/print/table.ts';
import { paint, type TerminalStyle } from '../../shell/print/terminal-style.ts';
import type { Shell } from '../../shell/shell.ts';
import type { ServeEvent } from '../host/serve.ts';
import { type ClientSummary, slowMs, startClients, summaryOf } from './demo-clients.ts';
import { withLab } from './folder.ts';

/** Handshakes of each client before the renewal and after the run, beside those in between. */
const handshakesBefore = 4;
const handshakesAfter = 8;

/** One renewal from the event to the last handshake, told while it happens. */
export class Story {
  readonly #shell: Shell;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #taskEnded: Promise<void>;
  #endTask: () => void = () => {};
  /** When the certificate was renewed. */
  #eventAt: number | null = null;

  constructor(shell: Shell, folder: string, signal: AbortSignal) {
    this.#folder = folder;
    this.#shell = shell;
    this.#signal = signal;
    this.#taskEnded = new Promise((resolve) => {
      this.#endTask = resolve;
      signal.addEventListener('abort', () => resolve());
    });
  }

  /** What happens in the lab meanwhile. */
  show(event: ServeEvent): void {
    if (event.event === 'task-started')
      this.#say(`task ${event.start.name} starts a process of its own: certrebind ${event.start.arguments}`);
    if (event.event === 'task-finished') {
      this.#say(`task ${event.start.name} ended with exit code ${event.exitCode}`);
      this.#endTask();
    }
    if (event.event === 'trouble') this.#say(`trouble: ${messageFrom(event.error)}`);
  }

  async tell(session: Session, old: string): Promise<number> {
    // The demo shows a renewal, and not the caution that a real server needs.
    await setUp(session, { command: 'enable', noProof: true, wait: false });
    this.#say('certificate rebind is enabled: its task waits for event 1001');
    const endpoints = this.#reachable(session, endpointsOfServer(await session.server.snapshot()));
    const limits = { timeoutMs: session.configuration.handshake.timeoutMs, attempts: 1 };
    const clients = startClients(endpoints, tlsHandshaker(session.server, limits), this.#signal);
    try {
      this.#say(`clients keep connecting to ${count(endpoints.length, 'endpoint')}`);
      await clients.until(({ tried }) => tried.length >= handshakesBefore);
      if (this.#signal.aborted) return this.#interrupted();
      const renewed = await this.#renew(old);
      await this.#taskEnded;
      const taskEndedAt = performance.now();
      await clients.until(
        ({ tried }) => tried.filter(({ begunAt }) => begunAt >= taskEndedAt).length >= handshakesAfter,
      );
      await clients.stop();
      if (this.#signal.aborted) return this.#interrupted();
      const renewal = { old, renewed, taskEndedAt };
      const summaries = clients.views.map(({ at, tried }) => ({ at, ...summaryOf(tried, { ...at, ...renewal }) }));
      return this.#conclude(summaries, clients.elapsedMs(), await lastRun(session));
    } finally {
      await clients.stop();
    }
  }

  #reachable({ server }: Session, all: readonly ServerEndpoint[]): readonly ServerEndpoint[] {
    return all.filter(({ endpoint, skipped }) => {
      if (skipped !== null) return false;
      const target = server.dial(endpoint);
      if (!target.reachable) this.#say(`${endpointText(endpoint)} is left out: ${target.reason}`);
      return target.reachable;
    });
  }

  async #renew(old: string): Promise<string> {
    let renewed = '';
    this.#eventAt = performance.now();
    this.#say(`${old} is renewed, as autoenrolment does it`);
    await withLab(this.#folder, {}, async (lab) => {
      const { new: successor, eventRecordId } = await lab.ask({ ask: 'renew', options: { thumbprint: old } });
      renewed = successor;
      this.#say(`its successor is ${successor}; event 1001 is record ${eventRecordId ?? 'none'}`);
      return 0;
    });
    return renewed;
  }

  #conclude(clients: readonly DemoClient[], elapsedMs: number, run: StoredRun | null): number {
    const eventAt = this.#eventAt ?? 0;
    const tried = sum(clients, (client) => client.tried);
    const failures = clients.flatMap(({ at, failures }) => failures.map((one) => ({ endpoint: at.endpoint, ...one })));
    const failed = sum(failures, ({ times }) => times);
    const right = clients.every(({ endsWell }) => endsWell);
    const outcome = run?.outcome ?? null;
    const document: Demo = {
      schema: 'certrebind/demo/1',
      result: outcome?.result ?? 'needs-attention',
      // What the clients saw decides, together with what the run reports. Speed never does.
      exitCode: right && failed === 0 ? (outcome?.exitCode ?? 5) : Math.max(5, outcome?.exitCode ?? 5),
      endpoints: clients.length,
      records: outcome?.counts.changed ?? 0,
      handshakes: {
        tried,
        failed,
        slow: sum(clients, ({ slow }) => slow),
        longestMs: Math.round(Math.max(0, ...clients.map(({ longestMs }) => longestMs))),
        perSecond: Math.round(tried / (elapsedMs / 1000)),
      },
      failures,
      eventToServedMs: Math.round(Math.max(0, ...clients.map(({ changedAt }) => (changedAt ?? eventAt) - eventAt))),
      swapMs: swapMs(run?.journal ?? []),
    };
    this.#shell.result(document, (_, look) =>
      paragraphs(
        [
          outcome === null
            ? 'The task left no finished run.'
            : ['', heading('What the run did', look), outcomeText(outcome, look)],
          [heading('What the clients saw', look), demoTable(clients, eventAt, look)],
          failures.length === 0 ? null : [heading('What failed', look), failureTable(failures, look)],
          verdict(document, right, look),
        ],
        look,
      ),
    );
    return document.exitCode;
  }

  /** Who stops the demo sees no figures of half of it. */
  #interrupted(): number {
    this.#say('the demo was interrupted');
    return 3;
  }

  #say(line: string): void {
    const offset = this.#eventAt === null ? '' : `+${Math.round(performance.now() - this.#eventAt)} ms`;
    this.#shell.say(`${offset.padStart(9)}  ${line}`);
  }
}

type DemoClient = ClientSummary & { readonly at: ServerEndpoint };

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function verdict(
  { handshakes, endpoints, records, eventToServedMs, swapMs, exitCode }: Demo,
  right: boolean,
  look: TerminalStyle,
): string {
  const text = [
    `${records} certificate bindings replaced in ${swapMs} ms; ${eventToServedMs} ms from the event to the last endpoint.`,
    `${count(handshakes.slow, 'handshake')} took longer than ${slowMs} ms; the longest took ${handshakes.longestMs} ms.`,
    `${handshakes.tried} handshakes at ${endpoints} endpoints, ${handshakes.failed} failed; ${right ? 'every endpoint serves what it should' : 'NOT every endpoint serves what it should'}.`,
  ].join('\n');
  return paint(text, exitCode === 0 ? 'good' : 'bad', look);
}

async function lastRun({ state }: Session): Promise<StoredRun | null> {
  const head = (await state.listRuns()).at(-1);
  return head === undefined ? null : state.readRun(head.run);
}

function swapMs(journal: readonly JournalLine[]): number {
  const first = journal.find(({ type }) => type === 'changing');
  const last = journal.findLast(({ type }) => type === 'changed');
  return first === undefined || last === undefined ? 0 : Date.parse(last.at) - Date.parse(first.at);
}

/** What the demo showed. */
export interface Demo {
  readonly schema: 'certrebind/demo/1';
  readonly result: RunResult;
  readonly exitCode: number;
  /** Endpoints that clients kept connecting to. */
  readonly endpoints: number;
  /** Certificate bindings that were replaced. */
  readonly records: number;
  readonly handshakes: {
    readonly tried: number;
    /** No answer within a minute, a refusal, a connection that ended, or a wrong certificate. */
    readonly failed: number;
    /** Those that took longer than a second, which is no failure. */
    readonly slow: number;
    readonly longestMs: number;
    readonly perSecond: number;
  };
  /** Where and why handshakes failed. */
  readonly failures: readonly DemoFailure[];
  /** From the event to the moment when the last endpoint served the new certificate. */
  readonly eventToServedMs: number;
  /** From the first change to the last, as the journal has it. */
  readonly swapMs: number;
}

interface DemoFailure {
  readonly endpoint: Endpoint;
  readonly reason: string;
  readonly times: number;
}

function demoTable(clients: readonly DemoClient[], eventAt: number, look: TerminalStyle): string {
  const { short } = namingOf({}, look);
  return renderTable(
    [
      { title: 'endpoint', flexible: true },
      { title: 'sites', flexible: true },
      { title: 'before' },
      { title: 'after' },
      { title: 'handshakes', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'ms', align: 'right' },
    ],
    clients.map(({ at, before, after, tried, failures, changedAt }) => {
      const failed = sum(failures, ({ times }) => times);
      return [
        endpointText(at.endpoint),
        at.sites,
        short(before),
        before === after ? 'as before' : { text: short(after), tone: 'good' as const },
        String(tried),
        failed === 0 ? '0' : { text: String(failed), tone: 'bad' as const },
        changedAt === null ? '-' : String(Math.round(changedAt - eventAt)),
      ];
    }),
    look,
  );
}

function failureTable(failures: readonly DemoFailure[], look: TerminalStyle): string {
  return renderTable(
    [
      { title: 'endpoint', flexible: true },
      { title: 'times', align: 'right' },
      { title: 'reason', flexible: true },
    ],
    failures.map(({ endpoint, times, reason }) => [endpointText(endpoint), String(times), reason]),
    look,
  );
}
