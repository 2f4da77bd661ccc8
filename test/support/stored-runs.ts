import assert from 'node:assert/strict';
import type { State, StoredRun } from '../../src/engine/state/state.ts';
import type { CertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';

/** Every run of the history with all that is remembered of it, oldest first. */
export async function storedRuns(state: State): Promise<readonly StoredRun[]> {
  const runs: StoredRun[] = [];
  for (const { run } of await state.listRuns()) runs.push(await state.readRun(run));
  return runs;
}

/** The history, read run after run, tells how every record stands now that it speaks of. @param all those of which it must */
export async function assertHistory(
  state: State,
  records: ReadonlyMap<string, Pick<CertificateBinding, 'thumbprint'>>,
  when: string,
  all: readonly string[] = [],
): Promise<void> {
  const told = new Map<string, string>();
  for (const { outcome } of await storedRuns(state))
    for (const { key, now } of outcome?.steps ?? [])
      told.set(key, now.state === 'holds' ? `${now.thumbprint}` : now.state);
  for (const key of new Set([...told.keys(), ...all]))
    assert.equal(records.get(key)?.thumbprint ?? 'absent', told.get(key), `${when}: history of ${key}`);
}
