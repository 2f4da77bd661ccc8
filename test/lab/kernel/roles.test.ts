import assert from 'node:assert/strict';
import { addLogSource, removeLogSource } from '../../../src/lab/kernel/event-log.ts';
import { removeRegistryKey, writeRegistry } from '../../../src/lab/kernel/roles.ts';
import { labState } from '../../builders/lab.ts';

describe('what programs write into the registry of a lab', () => {
  const state = labState().build();

  it('adds to a key, and is no change where it is so already', () => {
    const written = writeRegistry(state, 'A\\B', { name: 'x', size: 1 });
    assert.deepEqual(written.registry, { 'A\\B': { name: 'x', size: 1 } });
    assert.equal(writeRegistry(written, 'A\\B', { size: 1 }), written);
    assert.deepEqual(writeRegistry(written, 'A\\B', { size: 2 }).registry, { 'A\\B': { name: 'x', size: 2 } });
  });

  it('goes with its key alone', () => {
    const two = writeRegistry(writeRegistry(state, 'A', { n: 1 }), 'B', { n: 2 });
    assert.deepEqual(removeRegistryKey(two, 'A')?.registry, { B: { n: 2 } });
    assert.equal(removeRegistryKey(state, 'A'), null);
  });

  it('knows the sources of the Application log, in a lab made earlier by their entries', () => {
    const entry = { recordId: 1, eventId: 1, level: 'error', timeCreated: '', text: '', data: {} } as const;
    const earlier = { ...state, applicationLog: { ...state.applicationLog, entries: [{ ...entry, source: 'Old' }] } };
    assert.deepEqual(addLogSource(earlier, 'New').applicationLog.sources, ['Old', 'New']);
    assert.equal(addLogSource(earlier, 'Old'), earlier);
    const removed = removeLogSource(earlier, 'Old');
    assert.deepEqual(removed?.applicationLog.sources, []);
    assert.equal(removed?.applicationLog.entries.length, 1);
    assert.equal(removeLogSource(earlier, 'Other'), null);
  });
});
