import { defineGroup } from '../shell/command.ts';
import { boot } from './boot.ts';
import { create } from './create.ts';
import { demo } from './demo.ts';
import { event } from './event.ts';
import { fault } from './fault.ts';
import { netsh } from './netsh.ts';
import { renew } from './renew.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { switchCommand } from './switch.ts';
import { tick } from './tick.ts';

export const labCommands = defineGroup({
  name: 'lab',
  summary: 'Make, run and disturb a lab server',
  commands: [create, serve, renew, event, boot, tick, status, switchCommand, fault, netsh, stop, demo],
});
