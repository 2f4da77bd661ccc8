import { setTimeout as pause } from 'node:timers/promises';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
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

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30d`, `12h`, `5m`, `10s`, each with a minus sign in front for the past. */
export function parseSpan(text: string, where: string): number {
  const [, number = '', unit = ''] = /^(-?\d{1,6})([smhd])$/.exec(text) ?? [];
  const scale = units[unit];
  if (scale !== undefined) return Number(number) * scale;
  throw wrongUse(
    where,
    `${JSON.stringify(text.slice(0, 40))} is not a time span. Use a number with s, m, h or d, for example 30d.`,
  );
}

const pauseMs = 100;

/** With `--wait`: until every task that was started has ended, queued ones too. */
export async function tasksEnded(lab: OpenLab): Promise<void> {
  for (;;) {
    const { tasks } = await stateOf(lab);
    if (tasks.every(({ running, queued }) => running.length + queued.length === 0)) return;
    await pause(pauseMs);
  }
}
