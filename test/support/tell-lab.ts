import { openLab } from '../../src/lab/host/channel.ts';
import type { LabState } from '../../src/lab/kernel/lab-state.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';

/** Does something to the Windows of a lab, whether the lab is served or not. @throws Error where it is refused */
export async function tellLab(folder: string, request: LabRequest): Promise<void> {
  const result = await resultOf(folder, request);
  const isRefused = result.kind === 'unmet' || (result.kind === 'netsh' && result.exitCode !== 0);
  if (result.kind === 'failed' || isRefused) throw new Error(JSON.stringify(result));
}

/** All that a lab has. */
export async function stateOfLab(folder: string): Promise<LabState> {
  const result = await resultOf(folder, { kind: 'read' });
  if (result.kind !== 'state') throw new Error(`${folder} has no state`);
  return result.state;
}

async function resultOf(folder: string, request: LabRequest) {
  const lab = await openLab(folder);
  const { result } = await lab.send(request).finally(() => lab.close());
  return result;
}
