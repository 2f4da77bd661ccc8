import { CertRebindError } from '../../base/errors.ts';
import type { LabReply } from '../kernel/answers.ts';
import { applyRequest } from '../kernel/apply-request.ts';
import type { LabState, TaskStart } from '../kernel/lab-state.ts';
import type { LabRequest } from '../kernel/requests.ts';
import type { LabAuthority } from './authority.ts';
import { type LabContents, ownAuthority, saveLab } from './folder.ts';

/** The state of a lab in the memory of the one process that owns it at the moment. */
export interface LabHost {
  contents(): LabContents;
  state(): LabState;
  /** The lab's own, or that of a name. @throws CertRebindError `bad-input` when it has none of that name */
  authority(name?: string): LabAuthority;
  /** With the intermediate that issues renewals: a different one if that is to be missing. */
  renewalAuthority(): LabAuthority;
  addAuthority(name: string, authority: LabAuthority): void;
  /** Carries a request out in memory; what tasks it starts goes to `onStart`. */
  perform(request: LabRequest): LabReply;
  addKey(thumbprint: string, key: string): void;
  rememberServer(enabledThrough: string): void;
  /** Returns when everything carried out so far is in the folder. Overlapping writes are combined into one. */
  save(): Promise<void>;
}

export interface LabHostOptions {
  readonly folder: string;
  readonly contents: LabContents;
  /** What the folder holds already; `null` for a new lab. */
  readonly saved: LabContents | null;
  /** `null`: there is nothing to start programs, so tasks stay as they are (a server that is off gets no events). */
  readonly onStart: ((start: TaskStart) => void) | null;
}

export function openHost(options: LabHostOptions): LabHost {
  let { contents, saved } = options;
  let writing: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function perform(request: LabRequest): LabReply {
    const { state, reply, started } = applyRequest(contents.state, request, new Date().toISOString());
    const idle = options.onStart === null && started.length > 0;
    contents = { ...contents, state: idle ? withTasksAsBefore(state, contents.state) : state };
    for (const start of started) options.onStart?.(start);
    return reply;
  }

  function authority(name = ownAuthority): LabAuthority {
    const found = contents.issuers.get(name);
    if (found !== undefined) return found;
    throw new CertRebindError('bad-input', {
      message: `This lab has no authority ${JSON.stringify(name)}; it has ${[...contents.issuers.keys()].join(', ')}.`,
      hint: 'Make one: certrebind lab authority <name>.',
      where: name,
    });
  }

  async function write(): Promise<void> {
    const goal = contents;
    await saveLab(options.folder, saved, goal);
    saved = goal;
  }

  function save(): Promise<void> {
    if (writing === null) {
      writing = write().finally(() => {
        writing = null;
      });
      return writing;
    }
    next ??= writing
      .catch(() => undefined)
      .then(() => {
        next = null;
        return save();
      });
    return next;
  }

  return {
    contents: () => contents,
    state: () => contents.state,
    authority,
    renewalAuthority: () => {
      const own = authority();
      const isMissing = contents.state.switches['renewal-issuer'] === 'missing';
      return isMissing ? { ...own, intermediate: own.renewing } : own;
    },
    addAuthority: (name, added) => {
      contents = { ...contents, issuers: new Map(contents.issuers).set(name, added) };
    },
    perform,
    addKey: (thumbprint, key) => {
      contents = { ...contents, keys: new Map(contents.keys).set(thumbprint, key) };
    },
    rememberServer: (enabledThrough) => {
      contents = { ...contents, enabledThrough };
    },
    save,
  };
}

function withTasksAsBefore(state: LabState, before: LabState): LabState {
  const known = new Map(before.tasks.map((task) => [task.path + task.name, task]));
  const tasks = state.tasks.map((task) => {
    const was = known.get(task.path + task.name);
    const { running, queued, nextInstance, lastRunAt, lastResult } = was ?? { ...task, running: [], queued: [] };
    return { ...task, running, queued, nextInstance, lastRunAt, lastResult };
  });
  return { ...state, tasks };
}
