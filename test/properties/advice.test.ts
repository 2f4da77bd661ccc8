import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Finding } from '../../src/documents/status.ts';
import { type AdviceFigures, figuresFile } from './advice-figures.ts';
import { type Followed, followAll, type Kind, kinds, wrongKinds } from './follow-advice.ts';
import type { Deed } from './history.ts';
import { type Situation, situations, worldOfSituation } from './situations.ts';
import { type Desk, removeFolders, statusOn, typeWords } from './typing.ts';

/** Of the first cases of the seed, how often what is offered may still be wrong. It only goes down. */
const ceilings: Partial<Record<Kind, number>> = {};
const usual = { cases: 20, seed: 57 };

const plain: Situation = { deeds: [], successors: 'recorded', isFull: false, isNewer: false, hasHolders: false };
const run: Deed = { do: 'reconcile', killedAfter: null, blind: null };
const renewed: Deed = { do: 'announce', at: 0, to: 1, by: 'event' };

const excluded: Deed = { do: 'exclude', what: 'record', at: 0 };
const propertyAlone: Deed = { do: 'announce', at: 0, to: 1, by: 'property' };
const wait = (days: number): Deed => ({ do: 'wait', days });
const strike = (how: 'loses' | 'refuses'): Deed => ({ do: 'strike', at: 0, how });

/** Each kind with the shortest history that shows it. */
const shortest: readonly (readonly [title: string, deeds: readonly Deed[], parts?: Partial<Situation>])[] = [
  ['a place that is excluded is renewed by a line, though its certificate ends soon', [excluded, wait(206)]],
  ['a place that is excluded gets the renewal that its certificate has', [excluded, renewed, wait(206)]],
  ['a newer certificate of the same names reaches the excluded place too', [excluded, wait(206)], { isNewer: true }],
  [
    'what was rolled back is tried again while the window is closed',
    [renewed, strike('refuses'), run, { do: 'window', is: 'closed' }],
  ],
  [
    'a place that a run left without certificate gets its renewal, though the old one has expired',
    [renewed, strike('loses'), run, wait(230)],
  ],
  [
    'a renewal and a newer one of the same names are one change',
    [propertyAlone],
    { successors: 'same-names', isNewer: true },
  ],
  ['of two successors one is chosen by a line that names both', [propertyAlone, { ...renewed, to: 2 }]],
  [
    'a certificate without key, whose successor is valid later, has no line that only waits',
    [
      { ...renewed, to: 7 },
      { do: 'key', at: 0, key: 'missing' },
    ],
  ],
  [
    'a certificate that is gone, whose successor is valid later, has no line that only waits',
    [
      { ...renewed, to: 7 },
      { do: 'certificate', at: 0, is: 'removed' },
    ],
  ],
  ['a successor that has expired itself is not waited for', [{ ...renewed, to: 5 }, wait(20)]],
  ['what a run has nothing left to restore of is applied by one line', [renewed, strike('loses'), run, run]],
  [
    'a pair that only the closed window keeps waiting is set at once by its line',
    [run, { do: 'set-record', at: 0, to: 5 }, { do: 'window', is: 'closed' }, wait(230)],
    { isNewer: true, hasHolders: true },
  ],
  [
    'a certificate without key is found again by the line that comes first, and set by the second',
    [
      { ...renewed, at: 1, to: 3, by: 'property' },
      { do: 'key', at: 3, key: 'missing' },
    ],
  ],
  [
    'a place that answers for any host and has lost its certificate gets a whole line',
    [
      { do: 'delete-record', at: 0 },
      { do: 'set-record', at: 2, to: 5 },
    ],
  ],
  ['a certificate for other names is replaced by one for its own', [{ do: 'set-record', at: 2, to: 4 }]],
  [
    'a certificate for other names is replaced by a newer one that covers them, which only names tell',
    [{ do: 'set-record', at: 2, to: 4 }, wait(206)],
    { isFull: true, hasHolders: true },
  ],
  [
    'a certificate for other names says that the renewal which follows it covers them',
    [{ do: 'set-record', at: 8, to: 4 }],
    { successors: 'same-names', isNewer: true },
  ],
  [
    'a service that is excluded beside a renewal that is not clear has lines',
    [
      wait(212),
      { do: 'exclude', what: 'certificate', at: 0 },
      { ...renewed, at: 1, to: 4 },
      { ...renewed, at: 1, to: 3 },
    ],
    { hasHolders: true, isFull: true },
  ],
  [
    'a revoked certificate whose renewal is not valid yet is replaced by another one',
    [{ ...propertyAlone, at: 1, to: 7 } as Deed, { do: 'revoke', at: 0 }],
  ],
  [
    'a renewal that was taken back, and has expired since, is not offered',
    [{ ...renewed, to: 5, by: 'property' }, run, wait(200)],
    { hasHolders: true },
  ],
  [
    'a revoked certificate is not set where the old one has gone',
    [
      { do: 'revoke', at: 2 },
      { do: 'certificate', at: 0, is: 'removed' },
      { ...renewed, at: 2, to: 2 },
    ],
  ],
  [
    'an undo that cannot be done any more is given up by one line',
    [
      { ...renewed, at: 2, to: 1 },
      run,
      { do: 'certificate', at: 0, is: 'removed' },
      { do: 'undo', run: 0, force: true, killedAfter: null },
    ],
  ],
  [
    'a repair of an excluded place begins with the end of the exclusion',
    [renewed, run, { do: 'exclude', what: 'record', at: 0 }, { do: 'delete-record', at: 0 }],
  ],
  [
    'a service that waits for its window is renewed after others of the same names were',
    [{ do: 'window', is: 'closed' }, wait(212)],
    { successors: 'same-names', hasHolders: true },
  ],
  [
    'what is said to be applied again at a moment is applied then',
    [renewed, run, { do: 'set-back', at: 0, by: 'person' }],
  ],
];

describe('what status offers', () => {
  afterEach(removeFolders);

  it('typed line by line, ends what it is about, or leaves work outside that is named once', async () => {
    const { CERTREBIND_CASES: wanted, CERTREBIND_SEED: from = usual.seed, UPDATE_FIGURES: isKept } = process.env;
    const [cases, seed] = [Number(wanted ?? usual.cases), Number(from)];
    const found: { readonly situation: Situation; readonly followed: Followed }[] = [];
    for (const situation of fc.sample(situations, { numRuns: cases, seed })) {
      for (const followed of await followAll(await worldOfSituation(situation))) found.push({ situation, followed });
      removeFolders();
    }
    const ofKind = (kind: Kind) => found.filter(({ followed }) => followed.kind === kind);
    const counts = Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind).length]));
    console.log(`    ${JSON.stringify(counts)}`);
    if (isKept !== undefined) {
      const { before }: AdviceFigures = JSON.parse(readFileSync(figuresFile, 'utf8'));
      writeFileSync(figuresFile, `${JSON.stringify({ before, now: { cases, seed, counts } }, null, 2)}\n`);
    }
    if (cases !== usual.cases || seed !== usual.seed) return;
    for (const kind of wrongKinds) {
      const texts = ofKind(kind).map((one) => JSON.stringify(one));
      assert.ok(texts.length <= (ceilings[kind] ?? 0), [`${kind}:`, ...texts].join('\n'));
    }
  })
    // As many as somebody asks for take their time.
    .timeout(process.env.CERTREBIND_CASES === undefined ? 300_000 : 0);

  it('is the same on every view, with the same severity, in the same order', async () => {
    for (const situation of fc.sample(situations, { numRuns: 12, seed: usual.seed })) {
      const { desk } = await worldOfSituation(situation);
      await compareViews(desk, JSON.stringify(situation));
      removeFolders();
    }
  });

  describe('in the shortest histories where it led nowhere once', () => {
    for (const [title, deeds, parts] of shortest)
      it(title, async () => {
        const world = await worldOfSituation({ ...plain, deeds, ...parts });
        const wrong = (await followAll(world)).filter(({ kind }) => wrongKinds.includes(kind));
        assert.deepEqual(wrong, []);
      });
  });
});

/** A dialled view knows what clients get now, and not what the last run saw. */
const ofLastRun: readonly string[] = ['still-old', 'still-served'];

async function compareViews(desk: Desk, when: string): Promise<void> {
  const { findings, actions } = await statusOn(desk);
  const doctor: { readonly findings: readonly Finding[] } = JSON.parse(await printed(desk, 'doctor', '--json'));
  const told = (some: readonly Finding[]) => some.filter(({ code }) => !ofLastRun.includes(code)).map(asTold);
  const ids = new Set(told(findings).map(([id]) => id));
  const dialled = told(doctor.findings).filter(([id]) => ids.has(id));
  assert.deepEqual(dialled, told(findings), `doctor, ${when}`);
  const lines = actions.flatMap(({ commands }) => commands.map(shortly));
  const page = join(desk.home, 'page.html');
  await typeWords(desk, ['report', '--html', page]);
  const texts = { full: await printed(desk, 'status', '--full'), page: withoutTags(readFileSync(page, 'utf8')) };
  for (const [view, text] of Object.entries(texts))
    for (const line of lines) assert.ok(shortly(text).includes(line), `${view} lacks ${line}, ${when}`);
  const [first] = actions[0]?.commands ?? [];
  if (first !== undefined)
    assert.ok(
      shortly(await printed(desk, 'status', '--brief')).includes(shortly(first)),
      `--brief lacks ${first}, ${when}`,
    );
}

function asTold({ code, keys, severity, message, commands }: Finding) {
  return [`${code} ${keys.join(' ')} ${keys.length === 0 ? message : ''}`, severity, message, commands] as const;
}

async function printed(desk: Desk, ...words: readonly string[]): Promise<string> {
  return (await typeWords(desk, words)).stdout;
}

/** People read the beginning of a thumbprint. */
function shortly(text: string): string {
  return text.replace(/\b([0-9A-F]{8})[0-9A-F]{32}\b/g, '$1').replace(/\s+/g, ' ');
}

function withoutTags(html: string): string {
  const entities: Readonly<Record<string, string>> = { quot: '"', lt: '<', gt: '>', amp: '&', '#39': "'" };
  return html.replace(/<[^>]*>/g, '').replace(/&(quot|lt|gt|amp|#39);/g, (_, name) => entities[name] ?? '');
}
