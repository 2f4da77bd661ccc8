import type { ExitCode } from '../base/codes/exit-codes.ts';

/** The exit codes that a command can end with, and what each means there. */
export type Exits = Readonly<Partial<Record<ExitCode, string>>>;

const input: Exits = { 2: 'The command line or an input is not valid. Nothing was changed.' };
const locked: Exits = { 6: 'Another run of CertRebind is active. Run the command again later, or add --wait.' };
const server: Exits = {
  ...input,
  7: 'CertRebind cannot work on this server. The message names what to install or allow.',
};

const shown: Exits = { 0: 'The answer was printed.', ...server };
const saved: Exits = { 0: 'The file was written.', ...server };
const remembered: Exits = { 0: 'The setting is in force, changed or not.', ...server };

const run: Exits = {
  0: 'Everything in the plan uses the new certificate, nothing was to be done, or the change waits for its time or its window.',
  ...server,
  ...locked,
  3: 'A guard blocked a change, or you answered no. Everything else was done.',
  4: 'A step failed and was rolled back, and the rollback was checked.',
  5: 'A person has to act. The outcome shows the state of each endpoint.',
  8: 'The server changed while you were asked. Nothing was changed. Run the command again.',
};

const setUp: Exits = {
  ...server,
  ...locked,
  5: 'The proof failed, and something that it created could not be removed. The message names it.',
};

/** The one table of exit codes by command. Besides these, every command can end with 1. */
export const commandExits: Readonly<Record<string, Exits>> = {
  enable: {
    ...setUp,
    0: 'The tasks are registered, and Task Scheduler can start them.',
    3: 'The rebind task of IIS Manager is active, or a later version is installed. Nothing was changed.',
  },
  disable: { ...server, ...locked, 0: 'The tasks of CertRebind are not registered.' },
  status: { ...shown, 9: 'With --check: there are errors or warnings.' },
  plan: { ...shown, 0: 'The plan was printed, whether there is something to do or not.' },
  apply: {
    ...run,
    2: 'The plan file is not valid, was edited, or is for another server. Nothing was changed.',
    3: 'A guard blocked a change, the change window is closed, or you answered no. Everything else was done.',
    8: 'The plan no longer fits the server. Nothing was changed.',
  },
  rebind: run,
  import: {
    ...run,
    0: 'The certificate was imported, and with --replace everything uses it.',
    2: 'The file, its password or the certificate to replace is not valid. Nothing was changed.',
  },
  reconcile: run,
  verify: {
    ...shown,
    0: 'Every endpoint serves what it should, as far as it was dialled.',
    9: 'An endpoint does not, or there is another error or warning about what clients get.',
  },
  doctor: {
    ...run,
    0: 'No errors and no warnings, or --fix repaired everything.',
    3: 'With --fix: you answered no, or a part cannot be repaired.',
    9: 'There are errors or warnings.',
  },
  usage: { ...shown, 9: 'With --renewed: a place uses an older certificate, or clients get an error there.' },
  history: shown,
  undo: { ...run, 0: 'Every change of the run was rolled back.', 3: 'You answered no, or a step was skipped.' },
  dismiss: { ...server, ...locked, 0: 'It is dismissed, or shown again.', 3: 'You answered no.' },
  retire: {
    ...server,
    ...locked,
    0: 'What nothing needs any more is archived, or deleted. The rest stays.',
    3: 'You answered no, or it cannot be judged now what is needed. Nothing was changed.',
    4: 'Windows refused to archive or delete a certificate, or its key.',
  },
  'notify mail': { ...remembered, 0: 'The setting is in force.' },
  'notify test': { ...shown, 0: 'Every channel accepted the message.', 4: 'A channel did not accept it.' },
  'secret set': { ...remembered, 0: 'The secret is stored.' },
  'secret list': shown,
  'secret remove': { ...remembered, 0: 'The secret is removed.' },
  'watch add': { ...remembered, 0: 'The folder is watched.' },
  'watch list': shown,
  'watch now': {
    ...run,
    3: 'A guard blocked a change, a certificate was not taken, or a folder could not be read. Everything else was done.',
  },
  'watch remove': { ...remembered, 0: 'The folder is not watched any more.' },
  'trigger add': { ...remembered, ...locked, 0: 'The trigger and its task are registered.' },
  'trigger list': shown,
  'trigger remove': { ...remembered, ...locked, 0: 'The trigger and its task are removed.' },
  capture: {
    ...saved,
    2: 'The file already exists (with --for-support), or an input is not valid. Nothing was written.',
  },
  report: saved,
  rehearse: {
    ...server,
    ...locked,
    0: 'The renewal was replaced, verified and rolled back, and everything was removed again.',
    3: 'You answered no. Nothing was changed.',
    4: 'A part of the rehearsal failed. Everything was removed again.',
    5: 'Something could not be removed. The message names it.',
  },
  explain: { ...input, 0: 'The code was explained.' },
  'config show': shown,
  'config check': { ...shown, 0: 'The file is valid.', 2: 'The file is not valid.' },
  'config set': { ...remembered, 2: 'The setting or the file is not valid. The configuration was not changed.' },
  'config add': { ...remembered, 2: 'The list or the text is not valid. The configuration was not changed.' },
  'config remove': { ...remembered, 2: 'The list does not have the text. The configuration was not changed.' },
  'config unset': { ...remembered, 2: 'The configuration does not have it. It was not changed.' },
  'config schema': { ...input, 0: 'The schema was printed.' },
  completion: { ...input, 0: 'The script was printed.' },
  'dsc get': shown,
  'dsc set': { ...setUp, 0: 'The server is in the wanted state.', 3: 'The rebind task of IIS Manager is active.' },
  'dsc test': { ...shown, 0: 'The answer says whether the server is in the wanted state.' },
  'dsc export': shown,
  'dsc schema': { ...input, 0: 'The schema was printed.' },
  'dsc manifest': { ...input, 0: 'The manifest was printed.' },
  install: {
    ...setUp,
    0: 'This version is installed.',
    3: 'A later version is installed. Nothing was changed.',
  },
  uninstall: {
    ...server,
    ...locked,
    0: 'The tasks and the installed files are removed.',
    3: 'An interrupted run needs its history, or you answered no. Nothing was removed.',
    5: 'It is not known whether a task of IIS Manager has to be enabled again. The message names it.',
  },
  'on-event': { ...run, 2: 'The task passed no valid event. Register it again with certrebind enable.' },
  'trigger-run': {
    ...run,
    0: 'The program ended with 0, or the event does not match the trigger.',
    5: 'The program of the trigger failed, or was not started. Its exit code is in the history of the trigger.',
    9: 'A command of CertRebind that the trigger ran has errors or warnings.',
  },
};

/** `Exit codes: 0, 2, 7, 9.` for the end of `--help`; `null` for a command that is not in the table. */
export function exitsLine(command: string): string | null {
  const exits = commandExits[command];
  if (exits === undefined) return null;
  return `Exit codes: ${Object.keys(exits).join(', ')}. For their meaning: certrebind explain <code>`;
}
