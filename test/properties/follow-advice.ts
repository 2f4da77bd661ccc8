import type { Action, Finding, Status } from '../../src/documents/status.ts';
import type { KeyText } from '../../src/kinds/record-key.ts';
import { heldBy } from '../../src/lab/kernel/holders/kinds.ts';
import type { LabState } from '../../src/lab/kernel/lab-state.ts';
import { parsedCertificate } from '../../src/lab/kernel/parsed-certificates.ts';
import type { Endpoint } from '../../src/model/certificates/handshake.ts';
import { coversHost } from '../../src/model/certificates/host-name.ts';
import { createKernel } from '../support/kernel-server.ts';
import { type Desk, statusOn, type } from './typing.ts';

/** How following one thing that `status` offers ended. */
export const kinds = [
  'straight',
  /** Over after a line that only looks had named another. */
  'after-view',
  /** A run did it by itself, as it said. */
  'by-itself',
  /** What a person does outside of CertRebind came first, or is all that is left. */
  'outside',
  'circular',
  'circular-after-outside',
  /** Nothing to type, although something would end it; or a line that only looks, and what it shows names none. */
  'dead',
  'not-done',
  'longer',
  'worse',
  'false-not-renewed',
] as const;
export type Kind = (typeof kinds)[number];
export const wrongKinds: readonly Kind[] = kinds.slice(kinds.indexOf('circular'));

export interface Followed {
  readonly kind: Kind;
  readonly code: string;
  readonly title: string;
  /** What was typed or done, in order, each with what it left to say. */
  readonly steps: readonly string[];
}

const most = 6;

/** How a client is that gets this: nothing, what it does not accept, a certificate for other names, what it wants. */
type Rank = 0 | 1 | 2 | 3;

export interface Client {
  readonly address: string;
  readonly port: number;
  readonly serverName: string | null;
  readonly service?: Endpoint['startTls'];
}

/** What each of these gets by the rules of the lab's kernel. */
export function ranksOf(desk: Desk, clients: readonly Client[]): readonly Rank[] {
  const { state } = desk.kernel;
  const kernel = createKernel(state, { now: () => new Date(desk.now()) });
  return clients.map(({ address, port, serverName, service }): Rank => {
    const { result } = kernel.apply({
      kind: 'connect',
      address,
      port,
      serverName,
      ...(service === undefined ? {} : { service }),
    });
    if (result.kind !== 'connection' || result.connection.outcome !== 'served') return 0;
    const { thumbprint } = result.connection;
    const der = [...state.certificates, ...state.wire.loaded].find((one) => one.thumbprint === thumbprint)?.der;
    if (der === undefined) return 1;
    const certificate = parsedCertificate(der, state);
    const { notBefore, notAfter } = certificate;
    const now = desk.now();
    if (desk.revoked.has(thumbprint) || Date.parse(notAfter) <= now || Date.parse(notBefore) > now) return 1;
    return serverName !== null && !coversHost(certificate, serverName) ? 2 : 3;
  });
}

/** What a person reads of one thing to do: its lines, and whether work outside comes first. */
interface Offer {
  readonly action: Action;
  readonly lines: readonly string[];
  readonly text: string;
}

const looks =
  /^certrebind (?:status|plan|history|verify|doctor(?! .*--fix)|usage|forecast|explain|report|config show)\b/;
const isLook = (line: string) => looks.test(line) && !/--apply/.test(line);
/** What stands at the end of a text for those who want more. */
const general = /^certrebind (?:status\b|explain\b|doctor$|\S*--help|history$)/;
const flags = /^--(?:now|json|yes|full|force|hourly|dry-run|reapply)$/;

/** The lines of CertRebind in a text; those inside a sentence end where words begin that no line has. */
export function linesIn(text: string): readonly string[] {
  const found = [...text.matchAll(/certrebind ([a-z][a-z-]*)((?: (?!certrebind )[^\s]+)*)/g)].flatMap(
    ([, command = '', rest = '']) => {
      const words: string[] = [];
      let isValue = ['history', 'undo', 'dismiss', 'usage', 'explain', 'apply', 'import'].includes(command);
      for (const raw of rest.trim() === '' ? [] : rest.trim().split(' ')) {
        const word = raw.replace(/[.,;:)]+$/, '');
        const isOption = word.startsWith('--');
        const isWanted = words.at(-1)?.startsWith('--') === true && !flags.test(words.at(-1) ?? '');
        const isSub = ['config', 'trigger', 'watch', 'notify', 'secret'].includes(command) && words.length === 0;
        const isName =
          /^[0-9A-F]{40}$|^<[a-z ]+>$|^\S+:\d+$|^[a-z]+\/\S+$|^(?:auto|last|revoked)$|^run-\d|^\d{8}-|^[a-z]+\.[a-z]+$|^".*|^same-names$/i.test(
            word,
          );
        if (!(isOption || isSub || isName || (isValue && /-|^[A-Z0-9]{6,}/.test(word)) || isWanted)) break;
        words.push(word);
        isValue = isOption;
        if (raw !== word) break;
      }
      return [`certrebind ${[command, ...words].join(' ')}`];
    },
  );
  return [...new Set(found)].filter((line) => !general.test(line));
}

const isBlank = (line: string) => /<[a-z ]+>/.test(line);

function offerOf(action: Action): Offer {
  const own = action.commands.filter((line) => /^(?:certrebind|netsh|certutil -repairstore) /.test(line));
  const lines = [...new Set([...own, ...linesIn(action.hint)])].filter((line) => !/certrebind import/.test(line));
  return { action, lines, text: `${action.title}. ${action.hint}` };
}

function askedBy({ action: { code, hint } }: Offer): string {
  return `${code} ${hint}`;
}

/** What is open at these places, or of this kind where it is about none. */
function openAt({ actions }: Status, about: Action): readonly Action[] {
  return actions.filter((one) =>
    about.keys.length === 0 ? one.code === about.code : one.keys.some((key) => about.keys.includes(key)),
  );
}

export interface World {
  readonly desk: Desk;
  readonly clients: readonly Client[];
  /**
   * What a person does outside about a finding: brings the key again, or a certificate that nothing tells of into the store.
   * @returns its thumbprint
   */
  readonly renew: (desk: Desk, found: Finding | undefined) => string;
  /** What a person knows to type besides what is offered, for the shortest way. */
  readonly known: (desk: Desk) => readonly string[];
}

/** Follows everything that `status` offers, each on a copy of the server. */
export async function followAll(world: World): Promise<readonly Followed[]> {
  const status = await statusOn(world.desk);
  const followed: Followed[] = [];
  for (const action of status.actions) followed.push(await follow(world, status, action));
  for (const said of falselyNotRenewed(status, world.desk))
    followed.push({ kind: 'false-not-renewed', code: said.code, title: said.message, steps: [] });
  for (const found of status.findings)
    if (found.next !== 'person' && found.keys.length > 0 && !(await keepsPromise(world, found)))
      followed.push({
        kind: 'not-done',
        code: found.code,
        title: found.message,
        steps: [`(${found.next}, ${found.at ?? 'with the next hourly run'})`],
      });
  return followed;
}

/** Whether what is to be done by itself is done, where it may be put off to a later moment some times. */
async function keepsPromise({ desk: from }: World, { code, keys, at }: Finding): Promise<boolean> {
  const desk = from.fork();
  let moment = at;
  for (let waits = 0; waits < 4; waits++) {
    await waitFor(desk, moment);
    const { findings } = await statusOn(desk);
    const left = findings.find((one) => one.code === code && one.keys.some((key) => keys.includes(key)));
    if (left === undefined || left.next === 'person') return left === undefined;
    if (left.at !== null && Date.parse(left.at) <= desk.now()) return false;
    moment = left.at;
  }
  return false;
}

/** The hourly starts until that moment and the one after it; where it is days away, one a day on the way. */
async function waitFor(desk: Desk, at: string | null): Promise<void> {
  const hour = 3600_000;
  const until = at === null ? 0 : Date.parse(at);
  do {
    desk.later(until - desk.now() > 36 * hour ? 24 * hour : hour);
    await type(desk, 'certrebind reconcile --hourly');
  } while (desk.now() < until);
}

async function follow(world: World, first: Status, action: Action): Promise<Followed> {
  const desk = world.desk.fork();
  const before = ranksOf(desk, world.clients);
  const steps: string[] = [];
  const tried = new Set<string>();
  const asked = new Set<string>(offerOf(action).lines.length === 0 ? [] : [askedBy(offerOf(action))]);
  let status = first;
  let current = offerOf(action);
  let queue = [...current.lines];
  let changes = 0;
  let lines = 0;
  let typed = 0;
  let isSeen = false;
  let isOutside = false;
  let isAlone = false;
  let brought: string | null = null;
  const ended = (kind: Kind): Followed => ({ kind, code: action.code, title: action.title, steps });
  const circular = () => {
    // No lab has the file that this imports.
    if (current.action.commands.some((line) => line.startsWith('certutil -addstore '))) return ended('outside');
    return ended(isOutside ? 'circular-after-outside' : 'circular');
  };

  for (let step = 0; step < 20; step++) {
    const needsOutside = /^First |\bFirst have\b|^Import that certificate\b/.test(current.action.hint) && !isOutside;
    if (needsOutside || queue.length === 0) {
      // A line that was not typed yet may stand with something else that is open at these places.
      if (!needsOutside && typed > 0 && (asked.has(askedBy(current)) || current.lines.length > 0))
        return isSeen && changes === 0 ? ended('dead') : circular();
      asked.add(askedBy(current));
      const finding = status.findings[current.action.findings[0] ?? -1];
      const promise = status.findings
        .filter((_, at) => current.action.findings.includes(at))
        .find((one) => one.next !== 'person');
      if (!needsOutside && promise !== undefined && !isAlone) {
        isAlone = true;
        steps.push(`(waits, ${promise.next} ${promise.at ?? 'next hour'})`);
        await waitFor(desk, promise.at);
        status = await statusOn(desk);
        if (openAt(status, action).length === 0) return ended('by-itself');
        return ended('not-done');
      }
      if (isOutside) return circular();
      const isLeftToWindows = current.action.commands.length > 0;
      if (!needsOutside && !isLeftToWindows && endsIt(current.action, status, desk)) return ended('dead');
      if (!isAboutCertificate(current.action)) return ended('outside');
      isOutside = true;
      steps.push('(a new certificate is put into the store)');
      // What is missing may be told by another finding about these places.
      const there = status.findings.filter(({ keys }) => keys.some((key) => current.action.keys.includes(key)));
      brought = world.renew(desk, there.find(({ renewal }) => renewal !== null) ?? finding);
      // Where a line was shown besides, it comes next; without one, a person looks again.
      if (queue.length === 0) {
        status = await statusOn(desk);
        const [left] = openAt(status, action);
        if (left === undefined) return ended('outside');
        current = offerOf(left);
        queue = [...current.lines];
      }
      continue;
    }
    const next = queue.shift() ?? '';
    const line = brought === null ? next : next.replace(/<(?:thumbprint|new)>/g, brought);
    if (isBlank(line)) {
      steps.push(`${line} (not whole)`);
      if (queue.length > 0) continue;
      return ended('dead');
    }
    if (typed >= most) return circular();
    const at = `${line} ${desk.text()}`;
    if (tried.has(at)) {
      if (queue.length > 0) continue;
      return circular();
    }
    tried.add(at);
    typed++;
    const state = desk.text();
    const { exitCode, stdout, stderr } = await type(desk, line);
    steps.push(`${line} → ${exitCode}`);
    const now = ranksOf(desk, world.clients);
    if (now.some((rank, place) => rank < (before[place] ?? 0))) {
      steps.push(`clients ${before.join('')} → ${now.join('')}`);
      if (!/clients|no longer|lose|takes/i.test(current.text)) return ended('worse');
    }
    if (isLook(line)) {
      isSeen = true;
      const shown = linesIn(stdout).filter((one) => one !== line && !isBlank(one));
      queue = [...shown.filter((one) => !queue.includes(one)), ...queue];
      if (queue.length === 0) return ended(isOutside ? 'circular-after-outside' : 'dead');
      continue;
    }
    if (desk.text() !== state) changes++;
    lines++;
    status = await statusOn(desk);
    const [left] = openAt(status, action);
    if (left === undefined) {
      if (lines > 1 && !isOutside && (await isLonger(world, action, desk, lines))) return ended('longer');
      return ended(isOutside ? 'outside' : isSeen ? 'after-view' : 'straight');
    }
    current = offerOf(left);
    const told =
      desk.text() === state
        ? linesIn(stdout + stderr).filter((one) => !isBlank(one) && !one.startsWith('certrebind import'))
        : [];
    queue = [...new Set([...current.lines, ...told, ...queue])].filter((one) => !tried.has(`${one} ${desk.text()}`));
  }
  return circular();
}

/** Whether what is wrong is ended by another certificate. */
function isAboutCertificate({ code }: Action): boolean {
  return /certificate-|private-key|name-not-covered|renewal-blocked|names-lost|left-without|shadowed|binding-without/.test(
    code,
  );
}

/** Whether a renewal is known and usable that could be set at one of these places. */
function endsIt({ keys }: Action, status: Status, { kernel: { state }, now }: Desk): boolean {
  const isUsable = (thumbprint: string | null) => {
    const found = state.certificates.find((one) => one.thumbprint === thumbprint);
    if (found === undefined || found.key !== 'usable') return false;
    const { notBefore, notAfter } = parsedCertificate(found.der, state);
    return Date.parse(notBefore) <= now() && Date.parse(notAfter) > now();
  };
  const entries = status.ledger.entries.flatMap(({ renewal }) => [renewal.new]);
  const there = new Set(keys);
  return status.places.some(
    (one) => there.has(one.key) && (isUsable(one.successor) || (one.state === 'down' && entries.some(isUsable))),
  );
}

const notRenewed = /nothing has renewed it|First have it (?:renewed|issued)/;

function falselyNotRenewed(status: Status, desk: Desk) {
  const { state } = desk.kernel;
  const known = [
    ...status.pending.map((renewal) => renewal),
    ...[...status.held, ...status.ledger.entries].map(({ renewal }) => renewal),
  ];
  const isThere = (thumbprint: string) => {
    const found = state.certificates.find((one) => one.thumbprint === thumbprint);
    return (
      found !== undefined &&
      found.key === 'usable' &&
      Date.parse(parsedCertificate(found.der, state).notAfter) > desk.now() &&
      !desk.revoked.has(thumbprint)
    );
  };
  return status.findings.filter(
    ({ certificate, message, hint, severity }) =>
      severity !== 'info' &&
      notRenewed.test(`${message} ${hint}`) &&
      known.some(({ old, new: successor }) => old === certificate && isThere(successor)),
  );
}

/** Whether fewer lines bring these places to the same certificates. */
async function isLonger(world: World, action: Action, done: Desk, lines: number): Promise<boolean> {
  const wanted = heldAt(done.kernel.state, action.keys);
  const reaches = async (from: Desk, left: number): Promise<boolean> => {
    const status = await statusOn(from);
    const lines = [...new Set([...status.actions.flatMap((one) => offerOf(one).lines), ...world.known(from)])].filter(
      (line) => !isLook(line) && !isBlank(line) && !/^certrebind (?:dismiss|undo)/.test(line),
    );
    for (const line of lines) {
      const desk = from.fork();
      await type(desk, line);
      if (heldAt(desk.kernel.state, action.keys) === wanted && openAt(await statusOn(desk), action).length === 0)
        return true;
      if (left > 1 && (await reaches(desk, left - 1))) return true;
    }
    return false;
  };
  return reaches(world.desk, Math.min(2, lines - 1));
}

function heldAt(state: LabState, keys: readonly KeyText[]): string {
  return JSON.stringify(keys.map((key) => heldBy(state, key)));
}
