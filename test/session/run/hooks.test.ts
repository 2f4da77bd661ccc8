import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRefused } from '../../../src/documents/refused.ts';
import { met } from '../../builders/met.ts';
import { program, runHere, runMain } from '../../cli/run-here.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

/** The plain lab, where a program beside IIS keeps the certificate that the hook renews. */
describe('the line of a hook', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  beforeEach(async () => {
    lab = await temporaryLab();
  });
  afterEach(() => lab.remove());

  const call = async (...words: readonly string[]) => {
    const { exitCode, stdout } = await runHere([...words, '--lab', lab.folder, '--json']);
    return { exitCode, document: JSON.parse(stdout) };
  };
  const first = () => lab.certificates[0]?.thumbprint ?? '';
  /** A new certificate for the names of the first one, as a client leaves it. */
  const renewed = async (...more: readonly string[]) => {
    const file = join(lab.folder, '..', 'renewed.pem');
    const { document, exitCode } = await call('lab', 'renew', first(), '--to', file, ...more);
    assert.equal(exitCode, 0, JSON.stringify(document));
    return file;
  };
  const hook = (file: string, ...more: readonly string[]) =>
    call('import', file, '--replace', 'auto', '--yes', ...more);
  const findings = async (wanted: string) => {
    const { document } = await call('status');
    return document.findings.filter(({ code }: { code: string }) => code === wanted);
  };

  it('is right again and again, for certificates of six days that end before the first', async () => {
    for (const began of ['-3h', '-2h', '-1h']) {
      const { exitCode, document } = await hook(await renewed(`--valid-in=${began}`, '--expires-in', '6d'));
      assert.deepEqual(
        [exitCode, document.result, document.counts.changed],
        [0, 'imported', 9],
        JSON.stringify(document),
      );
    }
    const { exitCode, document } = await hook(join(lab.folder, '..', 'renewed.pem'));
    assert.deepEqual([exitCode, document.counts?.changed ?? 0], [0, 0], JSON.stringify(document));
  });

  it('is right again with a certificate in the store', async () => {
    for (const began of ['-3h', '-2h', '-1h']) {
      const words = ['--no-event', '--no-property', '--keep-old', '--expires-in', '6d', `--valid-in=${began}`];
      const { document } = await call('lab', 'renew', first(), ...words);
      const outcome = await call('rebind', '--old', 'auto', '--new', document.new, '--yes');
      assert.deepEqual([outcome.exitCode, outcome.document.counts.changed], [0, 9], JSON.stringify(outcome.document));
    }
  });

  it('waits with a certificate that is not valid yet', async () => {
    const { exitCode, document } = await hook(await renewed('--valid-in', '2h', '--expires-in', '400d'));
    assert.deepEqual([exitCode, document.result], [0, 'waiting'], JSON.stringify(document));
    assert.deepEqual(await findings('renewal-refused'), []);
    const { document: plan } = await call('plan');
    assert.deepEqual(
      [...new Set(plan.blocked.map(met).map(({ reason }: { reason: string }) => reason))],
      ['not-yet-valid'],
    );
  });

  it('with an authority that is not trusted changes nothing, and that is told until a certificate for its names is set', async () => {
    await call('lab', 'authority', 'staging');
    const file = await renewed('--issuer', 'staging', '--valid-in=-2h');
    const { exitCode, document } = await hook(file);
    assert.deepEqual([exitCode, document.result, document.counts.changed], [3, 'blocked', 0]);
    const [told, ...others] = await findings('renewal-refused');
    assert.match(told.message, /renewed\.pem.*trust-lost/);
    assert.deepEqual([told.severity, told.certificate, others], ['warning', first(), []]);
    const log = await readFile(join(lab.folder, 'lab.json'), 'utf8');
    assert.match(log, /"eventId": 140/);
    assert.match(log, /brought a new certificate|renewed\.pem/);

    const overruled = await hook(await renewed('--issuer', 'staging', '--valid-in=-1h'), '--allow', 'trust-lost');
    assert.deepEqual([overruled.exitCode, overruled.document.counts.changed], [0, 9]);
    assert.deepEqual(await findings('renewal-refused'), []);
    await call('lab', 'authority', 'staging2');
    const second = await hook(await renewed('--issuer', 'staging2', '--valid-in=-30m'), '--allow', 'trust-lost');
    assert.deepEqual([second.exitCode, second.document.counts.changed], [0, 9], JSON.stringify(second.document));
    const kept = await readFile(join(lab.folder, 'certrebind', 'refused.json'), 'utf8');
    assert.deepEqual(parseRefused(kept, '').refusals, []);
  });

  it('that names nothing is told, until the same file succeeds or a person hides it', async () => {
    const file = join(lab.folder, '..', 'renewed.pem');
    await rm(file, { force: true });
    assert.equal((await hook(join(lab.folder, '..', 'nothing.pfx'))).exitCode, 2);
    assert.equal((await hook(file)).exitCode, 2);
    assert.equal((await call('rebind', '--old', 'auto', '--new', 'ABCDEF', '--yes')).exitCode, 2);
    const told = async () =>
      (await findings('renewal-refused')).map(({ message }: { message: string }) =>
        /^(import|rebind) of \S*?(\w+\.\w+|ABCDEF) /.exec(message)?.slice(1).join(' '),
      );
    assert.deepEqual(await told(), ['import nothing.pfx', 'import renewed.pem', 'rebind ABCDEF']);
    assert.equal((await hook(await renewed('--valid-in=-2h'))).exitCode, 0);
    const words = ['--no-event', '--no-property', '--keep-old', '--valid-in=-1h'];
    const { document } = await call('lab', 'renew', first(), ...words);
    assert.equal((await call('rebind', '--old', 'auto', '--new', document.new, '--yes')).exitCode, 0);
    assert.deepEqual(await told(), ['import nothing.pfx', 'rebind ABCDEF']);
    assert.equal((await call('dismiss', 'renewal-refused', '--yes')).exitCode, 0);
    assert.deepEqual(await told(), []);
  });

  it('without --replace is none: a file that a person only imports and that is not there leaves nothing behind', async () => {
    assert.equal((await call('import', join(lab.folder, '..', 'nothing.pfx'))).exitCode, 2);
    assert.deepEqual(await findings('renewal-refused'), []);
    assert.doesNotMatch(await readFile(join(lab.folder, 'lab.json'), 'utf8'), /nothing\.pfx/);
  });

  it('that a person types and sees refused leaves nothing behind', async () => {
    const words = ['import', join(lab.folder, '..', 'nothing.pfx'), '--replace', 'auto', '--yes', '--lab', lab.folder];
    try {
      process.stdin.isTTY = true;
      assert.equal((await runMain(program, words, { PATH: process.env.PATH, TZ: 'UTC' })).exitCode, 2);
    } finally {
      process.stdin.isTTY = false;
    }
    assert.deepEqual(await findings('renewal-refused'), []);
  });

  it('that only shows what would change leaves nothing behind', async () => {
    assert.equal((await hook(join(lab.folder, 'nothing.pfx'), '--dry-run')).exitCode, 2);
    assert.deepEqual(await findings('renewal-refused'), []);
  });
});
