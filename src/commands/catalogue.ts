import { apply } from './apply.ts';
import { capture } from './capture.ts';
import { completion } from './completion.ts';
import { config } from './config.ts';
import { disable } from './disable.ts';
import { doctor } from './doctor.ts';
import { dsc } from './dsc.ts';
import { enable } from './enable.ts';
import { explain } from './explain.ts';
import { history } from './history.ts';
import { install } from './install.ts';
import { plan } from './plan.ts';
import { rebind } from './rebind.ts';
import { reconcile } from './reconcile.ts';
import { rehearse } from './rehearse.ts';
import { startedByTasks } from './started-by-tasks.ts';
import { status } from './status.ts';
import { trigger } from './trigger.ts';
import { undo } from './undo.ts';
import { uninstall } from './uninstall.ts';
import { usage } from './usage.ts';
import { verify } from './verify.ts';

/** The commands of both programs, in the order of `--help`. */
export const commands = [
  enable,
  disable,
  status,
  plan,
  apply,
  rebind,
  reconcile,
  verify,
  doctor,
  usage,
  history,
  undo,
  trigger,
  capture,
  rehearse,
  explain,
  config,
  completion,
  dsc,
  install,
  uninstall,
  ...startedByTasks,
];
