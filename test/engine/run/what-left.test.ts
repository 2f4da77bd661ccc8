import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import { parseJournalLine } from '../../../src/documents/runs/journal-document.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { Step } from '../../../src/documents/runs/plan.ts';
import { sealPlan } from '../../../src/documents/runs/seal-plan.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import type { Holder } from '../../../src/kinds/holder.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { labState } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { https } from '../../builders/snapshot.ts';
import { outcomeOf } from '../plan/outcomes.ts';
import { given, reconcile, startTime, stepAt, undo, type World, worldOf } from './world.ts';

/** A run of an earlier version, whose second step changed a place that no run changes any more. */
const places = [
  {
    left: 'smb-quic',
    key: 'smb-quic/files.example.com',
    value: { name: 'files.example.com', options: { Flags: '1' }, store: 'My' },
    says: /^CertRebind no longer changes SMB over QUIC\./,
    command: (old: string) =>
      `Set-SmbServerCertificateMapping -Name 'files.example.com' -Thumbprint ${old} -StoreName My`,
  },
  {
    left: 'file',
    key: 'file/nginx',
    value: { name: 'nginx', path: "C:\\it's\\site.pem", host: '', store: '', pair: 'whole', service: 'told' },
    says: /^CertRebind no longer replaces certificate files\./,
    command: (old: string) =>
      `Copy-Item -LiteralPath 'C:\\it''s\\site.pem.certrebind-${old}' -Destination 'C:\\it''s\\site.pem'`,
  },
] as const;

for (const { left, key, value, says, command } of places)
  describe(`a run of an earlier version that changed ${key}`, () => {
    const lab = labState()
      .certificate('old')
      .certificate('new', { notAfter: '2028-01-01T00:00:00.000Z' })
      .site('Shop', [https('*:443:shop.example.com', 1)])
      .record('shop.example.com:443', 'old');
    const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];
    const holding = (thumbprint: string) => ({ kind: left, key, value: { ...value, thumbprint } }) as unknown as Holder;
    let world: World;
    let opened: JournalLine;
    beforeEach(async () => {
      world = worldOf(lab);
      const renewal = given(lab, 'old', 'new');
      const { digest: _, ...made } = planRebind({
        snapshot: await world.context.server.snapshot(),
        renewals: [renewal],
        configuration: defaultConfiguration,
      });
      const step: Step = {
        id: 2,
        key: key as KeyText,
        before: holding(old),
        wanted: holding(successor),
        renewal,
        consumers: [{ kind: left, detail: key.slice(left.length + 1) }],
        verify: [
          {
            address: '0.0.0.0',
            port: 443,
            serverName: 'files.example.com',
            ...(left === 'file' ? {} : { startTls: 'smb' }),
          },
        ],
        notes: [],
      };
      const plan = sealPlan({ ...made, steps: [...made.steps, step] });
      const line = { schema: 'certrebind/journal/2', type: 'opened', run: 'run-000', command: 'rebind', baseline: [] };
      opened = parseJournalLine(JSON.stringify({ ...line, at: startTime, plan }), 'journal');
      assert(opened.type === 'opened');
      assert.equal(opened.plan.steps.length, 2);
    });

    async function leave(...lines: readonly JournalLine[]) {
      const journal = await world.state.openRun('run-000');
      await journal.append(opened, ...lines);
      return journal;
    }

    it('is undone, and says of that place what to do by hand', async () => {
      assert(opened.type === 'opened');
      await (await leave()).close({ ...outcomeOf(opened.plan, []), run: 'run-000' });
      await world.context.server.change(
        opened.plan.steps.slice(0, 1).map((step) => ({ do: 'put', expected: null, wanted: step.wanted as Holder })),
      );
      const outcome = await undo(world, 'run-000');
      assert.deepEqual(
        outcome.steps.map((step) => `${step.key} ${step.state}`),
        ['shop.example.com:443 verified'],
      );
      const [skipped, ...others] = outcome.skipped;
      assert.deepEqual(others, []);
      assert.deepEqual([skipped?.key, met(skipped).reason, met(skipped).command], [key, 'report-only', command(old)]);
      assert.match(met(skipped).detail, says);
      assert.match(met(skipped).detail, new RegExp(`Before the run it used ${old}`));
    });

    it('and was killed there is finished, and says the same', async () => {
      await (await leave({ at: startTime, type: 'changing', steps: [2] })).abandon();
      const next = await reconcile(world);
      assert.match(
        next.notes.map(({ text }) => text).join(),
        /had been interrupted\. CertRebind finished it: needs-attention/,
      );
      const recovered = (await world.state.readOutcome('run-000')) ?? assert.fail();
      const step = stepAt(recovered, key);
      assert.equal(step.state, 'silent');
      assert.match(step.error?.message ?? '', new RegExp(says.source.slice(1)));
      assert.ok(step.error?.message.includes(`To set it again: ${command(old)}`));
      assert.deepEqual((await reconcile(world)).notes, []);
    });

    it('and could not roll it back says so until the place is excluded', async () => {
      assert(opened.type === 'opened');
      const unknown = { state: 'unknown', why: 'it hung' } as const;
      const ended = await leave(
        { at: startTime, type: 'changing', steps: [2] },
        { at: startTime, type: 'rolling-back', step: 2, error: null },
        { at: startTime, type: 'rolled-back', step: 2, now: unknown, words: null },
      );
      await ended.close({ ...outcomeOf(opened.plan, ['as-before', 'rollback-failed']), run: 'run-000' });
      const pendingRollbacks = [{ run: 'run-000', step: 2, key: key as KeyText, at: startTime }];
      await world.state.writeLedger({ ...emptyLedger, pendingRollbacks });
      const [note] = (await reconcile(world)).notes.filter(({ code }) => code === 'restore-failed');
      const then = `${command(old)}; then certrebind config add exclude.holders ${key}`;
      assert.ok(note?.text.includes(then), note?.text);
      const exclude = { ...defaultConfiguration.exclude, holders: [key] };
      const after = await reconcile(world, {}, { ...defaultConfiguration, exclude });
      assert.deepEqual(after.notes, []);
      assert.deepEqual((await world.state.readLedger()).pendingRollbacks, []);
    });
  });
