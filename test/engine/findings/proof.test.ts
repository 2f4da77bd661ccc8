import assert from 'node:assert/strict';
import type { ProofAnswer } from '../../../src/documents/proof.ts';
import { proofTask, rebindTask, reconcileTask } from '../../../src/documents/scheduled-tasks.ts';
import type { PassedProof } from '../../../src/documents/setup.ts';
import { isVerified, verifiedProgram, whyNotVerified } from '../../../src/engine/findings/proof.ts';
import { parseTask } from '../../../src/model/windows/task.ts';

const command = 'C:\\Program Files\\CertRebind\\1.0.0\\certrebind.exe';
const sha256 = 'a'.repeat(64);
const nonce = '0123456789abcdef';

const answer: ProofAnswer = {
  schema: 'certrebind/proof-answer/1',
  nonce,
  at: '2026-06-01T12:00:00.000Z',
  version: '1.0.0',
  sha256,
  account: 'system',
  engine: null,
  read: { sites: 1, records: 2, certificates: 3, tasks: 4 },
  error: null,
};

describe('task of a proof', () => {
  const proof = parseTask(proofTask({ command }, nonce).xml);

  for (const [name, xml] of [
    ['rebind', rebindTask({ command })],
    ['reconcile', reconcileTask({ command }, 17)],
  ] as const) {
    it(`has the principal, the command and the settings of the ${name} task`, () => {
      const real = parseTask(xml);
      assert.deepEqual([proof.user, proof.runLevel], [real.user, real.runLevel]);
      assert.equal(proof.actions[0]?.command, real.actions[0]?.command);
      assert.deepEqual({ ...proof.settings, startWhenAvailable: null }, { ...real.settings, startWhenAvailable: null });
      assert.deepEqual(
        verifiedProgram({ xml: proofTask({ command }, nonce).xml }, sha256),
        verifiedProgram({ xml }, sha256),
      );
    });
  }

  it('proves nothing of a task that starts nothing', () => {
    const xml = rebindTask({ command }).replace(/<Exec>.*<\/Exec>/s, '');
    assert.equal(verifiedProgram({ xml }, sha256).program, '');
  });

  it('has no trigger, and its only words are prove and the nonce', () => {
    assert.deepEqual(proof.triggers, []);
    assert.equal(proof.actions[0]?.arguments, `prove ${nonce}`);
  });
});

describe('an earlier proof', () => {
  const wanted = verifiedProgram({ xml: rebindTask({ command }) }, sha256);
  const { account, engine, at, read, version } = answer;

  it('is one of this command, as SYSTEM with all rights', () =>
    assert.deepEqual(verifiedProgram({ xml: rebindTask({ command }) }, sha256), {
      program: command,
      principal: 'S-1-5-18 HighestAvailable',
      sha256,
    }));

  const proof: PassedProof = { ...wanted, account, engine, at, read, version };

  const table: readonly (readonly [string, PassedProof | null, boolean])[] = [
    ['of the same command, principal and hash', proof, true],
    ['of the same command in other letter case', { ...proof, program: command.toUpperCase() }, true],
    ['of an earlier version with the same hash', { ...proof, version: '0.9.0' }, true],
    ['of another command', { ...proof, program: 'C:\\Other\\certrebind.exe' }, false],
    ['of another principal', { ...proof, principal: 'S-1-5-19 HighestAvailable' }, false],
    ['of another hash', { ...proof, sha256: 'b'.repeat(64) }, false],
    ['that never was', null, false],
  ];
  for (const [what, earlier, counts] of table) {
    it(`${counts ? 'counts' : 'does not count'}: one ${what}`, () => assert.equal(isVerified(earlier, wanted), counts));
  }
});

describe('an answer', () => {
  const asked = { nonce, version: '1.0.0', sha256 };
  const broken = { code: 'powershell-failed', message: 'PowerShell did not answer.', hint: null };
  const table: readonly (readonly [string, Partial<ProofAnswer>, RegExp | null])[] = [
    ['of this program as SYSTEM that read the server', {}, null],
    ['of another proof', { nonce: 'f'.repeat(16) }, /another test/],
    ['of another program', { sha256: 'b'.repeat(64) }, /Another program answered: version 1\.0\.0/],
    ['of another version', { version: '0.9.0' }, /Version 0\.9\.0 answered instead of 1\.0\.0/],
    ['as an administrator', { account: 'administrator' }, /not run as SYSTEM\. Its account is an administrator/],
    ['as another user', { account: 'other' }, /neither SYSTEM nor an administrator/],
    ['as nobody knows whom', { account: 'unknown' }, /Its account is not known/],
    ['that could not read the server', { read: null, error: broken }, /cannot work here: PowerShell did not answer\./],
  ];
  for (const [what, parts, why] of table) {
    it(`${why === null ? 'proves' : 'proves nothing'}: one ${what}`, () => {
      const said = whyNotVerified({ ...answer, ...parts }, asked);
      if (why === null) assert.equal(said, null);
      else assert.match(said ?? '', why);
    });
  }
});
