import assert from 'node:assert/strict';
import { doctorText } from '../../../src/commands/doctor/text.ts';
import { finding } from '../../../src/documents/finding.ts';
import { scopeOf } from '../../../src/documents/scope.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { snapshot } from '../../builders/snapshot.ts';

function linesOf(...found: Parameters<typeof finding>): readonly string[] {
  const document = {
    schema: 'certrebind/doctor/1' as const,
    ...scopeOf(snapshot(), []),
    findings: [finding(...found)],
  };
  return doctorText(document, plain).split('\n\n')[0]?.split('\n') ?? [];
}

describe('what doctor prints of a finding', () => {
  it('is the command alone where its hint says no more', () => {
    const command = 'certrebind enable';
    assert.deepEqual(linesOf('task-missing', 'It is not there.', { commands: [command] }), [
      'warning task-missing',
      '  It is not there.',
      '  Type: certrebind enable',
    ]);
    assert.deepEqual(linesOf('renewal-blocked', 'A guard.', { commands: ['certrebind plan'] }).slice(2), [
      '  Type: certrebind plan',
    ]);
    assert.deepEqual(linesOf('renewal-blocked', 'A guard.', { commands: ['certrebind history'] }).slice(2), [
      '  The plan shows the guard, where it applies, and what to do.',
      '  Type: certrebind history',
    ]);
    assert.deepEqual(linesOf('task-missing', 'It is not there.').slice(2), ['  Enable CertRebind.']);
  });
});
