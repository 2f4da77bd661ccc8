import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validateRehearsal } from '../../src/documents/generated/validate-rehearsal.js';
import type { Rehearsal } from '../../src/documents/rehearsal.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { defaultSwitches, type Switches, type SwitchName, switchTable } from '../../src/lab/kernel/switches.ts';
import { type RehearsalFiles, rehearsalFiles } from '../../src/rehearse/files.ts';
import { run } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { openWorld, type World } from './lab-world.ts';

describe('rehearse, on a served lab', () => {
  let world: World;
  before(async () => {
    world = await openWorld((folder) => ['--lab', folder]);
  });
  after(() => world.close());

  it('goes from the event to the undo by real starts and handshakes, finds out, and leaves nothing', async () => {
    await world.lab(['switch', 'rebind-options', 'flags-lost']);
    await world.lab(['switch', 'removed-certificate', 'refused']);
    await world.lab(['switch', 'missing-value', 'empty']);
    await world.lab(['switch', 'queued-values', 'latest']);
    const before = await world.snapshot();
    const { exitCode, document } = await world.json(['rehearse', '--yes']);
    const rehearsal: Rehearsal = document;
    assert.ok(validateRehearsal(rehearsal), JSON.stringify(validateRehearsal.errors));
    assert.equal(exitCode, 0, JSON.stringify(rehearsal.stages));
    assert.deepEqual(
      rehearsal.stages.map(({ stage, result }) => `${stage} ${result}`),
      ['event done', 'task done', 'replace done', 'verify done', 'undo done', 'clean-up done'],
    );
    const measured = new Map<string, string | null>(rehearsal.facts.map((fact) => [fact.name, fact.measured]));
    assert.equal(measured.get('rebind-options'), 'flags-lost');
    assert.equal(measured.get('wire-follows-renewal'), 'never');
    assert.equal(measured.get('removed-certificate'), 'refused');
    assert.equal(measured.get('missing-value'), 'empty');
    assert.equal(measured.get('queued-values'), 'latest');

    const after = await world.snapshot();
    for (const part of ['sites', 'holders', 'certificates']) assert.deepEqual(after[part], before[part], part);
    const { document: undo } = await world.json(['undo']);
    assert.match(undo.error.message, /No run has changed anything/, 'an undo never means a rehearsal');
    const kept = join(world.folder, 'certrebind', 'rehearsals');
    assert.deepEqual(await readdir(kept), [`${rehearsal.rehearsal}.json`]);
    assert.deepEqual(JSON.parse(await readFile(join(kept, `${rehearsal.rehearsal}.json`), 'utf8')), rehearsal);
  });

  it('notes no start for anybody but a rehearsal that is under way', async () => {
    const words = ['rehearse-start', '20260101-000000000-abcd', '--record', '1'];
    const { exitCode, stderr } = await run(words, { env: { CERTREBIND_LAB: world.folder } });
    assert.equal(exitCode, 2);
    assert.match(stderr, /no such rehearsal is active/);
  });
});

(findEngine() === null ? describe.skip : describe)('rehearse, through PowerShell', () => {
  let world: World;
  before(async () => {
    world = await openWorld((folder) => ['--server', 'windows', '--lab', folder]);
  });
  after(() => world.close());

  async function rehearsed(): Promise<Rehearsal> {
    const { exitCode, document } = await world.json(['rehearse', '--yes']);
    const rehearsal: Rehearsal = document;
    assert.deepEqual([exitCode, rehearsal.clean], [0, true], JSON.stringify(rehearsal));
    return rehearsal;
  }

  /** All at once: a start of the program for each would take longer than the rehearsal. */
  async function moveSwitches(positions: Partial<Switches>): Promise<void> {
    const lab = await openLab(world.folder);
    const requests = switchTable.flatMap(({ name }) => {
      const position = positions[name];
      return position === undefined ? [] : [{ kind: 'set-switch', name, position } as const];
    });
    await lab.send({ kind: 'batch', requests });
    await lab.close();
  }

  /** Of what was measured, the facts behind these switches. */
  function findings({ facts }: Rehearsal, names: readonly SwitchName[]) {
    return names.map((name) => {
      const fact = switchTable.find((each) => each.name === name)?.fact;
      return [name, facts.find((each) => each.name === fact)?.measured ?? null];
    });
  }

  it('goes from the event to the undo, finds a new lab as it is, and names the tasks that the event starts as well', async () => {
    await run(['enable', '--no-proof', '--lab', world.folder]);
    const rehearsal = await rehearsed();
    await run(['disable', '--lab', world.folder]);
    assert.deepEqual(
      rehearsal.stages.map(({ stage, result }) => `${stage} ${result}`),
      ['event done', 'task done', 'replace done', 'verify done', 'undo done', 'clean-up done'],
    );
    assert.deepEqual(
      rehearsal.limits.map(({ name, carried, refused }) => [name, carried, refused]),
      [
        ['stdin-line', 4_194_304, null],
        ['json', 4_194_304, null],
      ],
    );
    assert.deepEqual(rehearsal.alsoStarted, ['\\Microsoft\\Windows\\CertificateServicesClient\\CertRebind']);
    const expected = {
      ...defaultSwitches,
      'netsh-update-on-2016': 'present',
      'restart-on-exit-code': null,
      // These are known before a rehearsal begins, or a matter of reading alone.
      'task-starts': null,
      'schedule-service': null,
      'execution-policy': null,
      'script-control': null,
      'powershell-starts': null,
      'ftp-site-state': null,
      'ftp-certificate-before-host': null,
      'renewed-key-access': null,
      'wmsvc-value': null,
      'key-storage': null,
      'key-deletion': null,
      'winrm-record': null,
      'winrm-hostname': null,
      'sql-start-refused': null,
      'gateway-system-denied': null,
      'gateway-record-is-hash': null,
      'gateway-record-blocks': null,
      'gateway-rewrites-record': null,
      'gateway-self-restart': null,
      'gateway-down-status': null,
      'sstp-default-mode': null,
      'sstp-second-restart': null,
      'sstp-init-service': null,
      'sstp-deletes-orphans': null,
      'sstp-down-status': null,
      'sstp-ports-full': null,
      'ldaps-ack-only': null,
      'ldaps-system-right': null,
      'exchange-attribute': null,
      'remote-session': null,
      'listen-list': null,
      http3: null,
      'ipv6-any-record': null,
      'web-administration': null,
      'renewal-issuer': null,
      'root-store': null,
      'volume-root': null,
      'domain-letters': null,
      'agent-rights': null,
    };
    assert.equal(rehearsal.facts.find(({ name }) => name === 'adapter-on-stdin')?.measured, 'file');
    assert.deepEqual(
      Object.fromEntries(
        findings(
          rehearsal,
          switchTable.map(({ name }) => name),
        ),
      ),
      expected,
    );
  });

  it('finds nearly everything the other way round', async () => {
    const others = {
      'rebind-options': 'all-lost',
      'rebind-absent-record': 'creates',
      'add-on-existing': 'refuses',
      'remove-absent-record': 'fails',
      'netsh-update-options': 'lost',
      'netsh-central-store-text': 'hostname-star',
      'display-language': 'german',
      'wire-follows-renewal': 'address-records',
      'removed-certificate': 'refused',
      'archived-certificate': 'cannot-be-bound',
      'endpoint-precedence': 'address-any-name-central',
      'wildcard-names': 'literal',
      'sni-layout': 'name',
      'certificate-hash-case': 'upper',
      'store-name-case': 'upper',
      'event-shape': 'reordered',
      'services-write-events': 'denied',
      'missing-value': 'empty',
      'queued-values': 'latest',
      'existing-task-text': 'code-only',
    } as const satisfies Partial<Switches>;
    const names = switchTable.map(({ name }) => name).filter((name) => Object.hasOwn(others, name));
    await moveSwitches(others);
    assert.deepEqual(Object.fromEntries(findings(await rehearsed(), names)), others);
  });
});

describe('what the task of a rehearsal starts', () => {
  for (const [how, prepare, exitCode] of [
    ['ends well when it is released', async () => {}, 0],
    [
      'ends as one that failed when the rehearsal wants it to',
      (files: RehearsalFiles, id: string) => files.failStarts(id),
      1,
    ],
  ] as const) {
    it(how, async () => {
      const { folder, remove } = await temporaryLab();
      try {
        const id = '20260101-000000000-abcd';
        const files = rehearsalFiles(join(folder, 'certrebind'));
        await files.begin(id);
        await prepare(files, id);
        await files.release(id);
        const ended = await run(['rehearse-start', id, '--record', '7'], { env: { CERTREBIND_LAB: folder } });
        assert.equal(ended.exitCode, exitCode, ended.stderr);
        assert.deepEqual(
          (await files.readStarts(id)).map(({ words }) => words),
          [['--record', '7']],
        );
      } finally {
        await remove();
      }
    });
  }
});

describe('rehearse, where nothing can be changed', () => {
  it('refuses a capture', async () => {
    const world = await openWorld((folder) => ['--lab', folder]);
    try {
      const file = join(world.folder, 'capture.json');
      await world.json(['capture', file]);
      const { exitCode } = await run(['rehearse', '--yes', '--json', '--replay', file]);
      assert.equal(exitCode, 7);
    } finally {
      await world.close();
    }
  });
});
