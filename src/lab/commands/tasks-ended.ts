import { setTimeout as pause } from 'node:timers/promises';
import type { OpenLab } from '../host/channel.ts';
import { stateOf } from './perform.ts';

const pauseMs = 100;

/** With `--wait`: until every task that was started has ended, queued ones too. */
export async function tasksEnded(lab: OpenLab): Promise<void> {
  for (;;) {
    const { tasks } = await stateOf(lab);
    if (tasks.every(({ running, queued }) => running.length + queued.length === 0)) return;
    await pause(pauseMs);
  }
}
