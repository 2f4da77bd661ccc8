import { capture } from './capture.ts';
import { config } from './config.ts';
import { explain } from './explain.ts';
import { history } from './history.ts';
import { plan } from './plan.ts';
import { verify } from './verify.ts';

/** The commands of both programs, in the order of `--help`. */
export const commands = [plan, verify, history, capture, explain, config];
