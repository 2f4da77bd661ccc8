import { CertRebindError } from '../../base/errors.ts';
import type { OpenLab } from '../host/channel.ts';
import type { LabResult } from '../kernel/answers.ts';
import type { LabState } from '../kernel/lab-state.ts';
import type { LabRequest } from '../kernel/requests.ts';

/** @throws CertRebindError `bad-input` with the lab's own words when it refuses */
export async function performIn(lab: OpenLab, request: LabRequest): Promise<LabResult> {
  const { result } = await lab.send(request);
  if (result.kind !== 'failed') return result;
  throw new CertRebindError('bad-input', { message: result.message });
}

export async function stateOf(lab: OpenLab): Promise<LabState> {
  const result = await performIn(lab, { kind: 'read' });
  if (result.kind === 'state') return result.state;
  throw new CertRebindError('server-unreachable', { message: 'The lab did not tell its state.' });
}
