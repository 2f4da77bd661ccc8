import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorCodes, stepErrorCodes } from '../../../src/base/codes/error-codes.ts';
import { findingCodes, findingEntry } from '../../../src/base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../../src/base/codes/plan-codes.ts';
import { groupBy } from '../../../src/base/group.ts';
import { states } from '../../../src/documents/runs/step-states.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { factsIn, situations } from '../../engine/findings/situations.ts';

const tables = [blockCodes, skipCodes, noteCodes, errorCodes, stepErrorCodes, findingCodes];

describe('the tables of codes', () => {
  it('have an error in one group alone: of two the later would silently count', () => {
    const source = readFileSync(new URL('../../../src/base/codes/error-codes.ts', import.meta.url), 'utf8');
    const [groups = ''] = source.split('function ending');
    assert.equal(groups.match(/^ {4}'?[a-z-]+'?: /gm)?.length, errorCodes.length);
  });

  it('say the same of a code, whatever table it stands in', () => {
    const said = [
      ...tables.flatMap((table) => table.map(({ code, text }) => ({ code: code as string, text }))),
      ...Object.entries(states).map(([code, { text }]) => ({ code, text })),
    ];
    const shared = [...groupBy(said, ({ code }) => code)].filter(([, entries]) => entries.length > 1);
    assert.ok(shared.length > 10, `${shared.length}`);
    for (const [code, entries] of shared) assert.equal(new Set(entries.map(({ text }) => text)).size, 1, code);
  });

  it('say what to do alike, but where the change is made already or nothing would make it later', () => {
    const entries = tables.flatMap((table) => table.map(({ code, hint }) => ({ code: code as string, hint })));
    const different = [...groupBy(entries, ({ code }) => code)].filter(
      ([, same]) => new Set(same.map(({ hint }) => hint)).size > 1,
    );
    assert.deepEqual(
      different.map(([code]) => code),
      ['names-lost', 'names-fewer', 'outside-window', 'set-back'],
    );
  });

  it('say of each finding at a place what that place is then, but of what clients do not notice', () => {
    const found = situations.flatMap((situation) => lookAt(factsIn(situation)).findings);
    const silent = found.filter(
      ({ code, severity, keys }) => keys.length > 0 && severity !== 'info' && isWithoutPlace(code),
    );
    assert.deepEqual([...new Set(silent.map(({ code }) => code))].sort(), ['orphaned-record']);
  });
});

function isWithoutPlace(code: string): boolean {
  const { place } = findingEntry(code) ?? assert.fail(code);
  return place === null || place === 'program';
}
