import type { Command, CommandGroup } from '../shell/command.ts';

/** Each is loaded once its name stands on the command line. */
const load = {
  status: async () => (await import('./status/command.ts')).status,
  plan: async () => (await import('./rebind/plan.ts')).plan,
  rebind: async () => (await import('./rebind/rebind.ts')).rebind,
  import: async () => (await import('./rebind/import.ts')).importFile,
  reconcile: async () => (await import('./rebind/reconcile.ts')).reconcile,
  undo: async () => (await import('./rebind/undo.ts')).undo,
  retire: async () => (await import('./rebind/retire.ts')).retire,
  dismiss: async () => (await import('./dismiss/command.ts')).dismiss,
  usage: async () => (await import('./usage/command.ts')).usage,
  verify: async () => (await import('./verify/command.ts')).verify,
  doctor: async () => (await import('./doctor/command.ts')).doctor,
  history: async () => (await import('./history/command.ts')).history,
  explain: async () => (await import('./explain/command.ts')).explain,
  report: async () => (await import('./report/command.ts')).report,
  capture: async () => (await import('./capture/command.ts')).capture,
  install: async () => (await import('./setup/install.ts')).install,
  enable: async () => (await import('./setup/enable.ts')).enable,
  disable: async () => (await import('./setup/disable.ts')).disable,
  uninstall: async () => (await import('./setup/uninstall.ts')).uninstall,
  rehearse: async () => (await import('./rehearse/command.ts')).rehearse,
  config: async () => (await import('./setup/config.ts')).config,
  secret: async () => (await import('./notify/secret.ts')).secret,
  notify: async () => (await import('./notify/notify.ts')).notify,
  watch: async () => (await import('./watch/command.ts')).watch,
  trigger: async () => (await import('./trigger/command.ts')).trigger,
  apply: async () => (await import('./rebind/apply.ts')).apply,
  dsc: async () => (await import('./dsc/command.ts')).dsc,
  completion: async () => (await import('./completion.ts')).completion,
  'on-event': async () => (await import('./started-by-tasks.ts')).onEventByHand,
  'trigger-run': async () => (await import('./started-by-tasks.ts')).triggerRunByHand,
} as const satisfies Readonly<Record<string, () => Promise<Command>>>;

/** The commands of both programs, in the order of `--help`. */
export const commandGroups: readonly CommandGroup[] = [
  group('Every day', [
    ['status', 'Show whether CertRebind is enabled, what is pending, and the last run'],
    ['plan', 'Show what would change and why, and what would not. Changes nothing'],
    ['rebind', 'Replace one certificate with another, test it, roll back what got worse'],
    ['import', 'Import a PFX or PEM file, and use its certificate wherever the old one is used', '<file>'],
    ['reconcile', 'Apply all pending renewals'],
    ['undo', 'Roll back a run. Without a name: the last run that changed something', '[run]'],
    ['retire', 'Archive replaced certificates that nothing needs any more'],
    ['dismiss', 'Hide a warning at a place, or give up a renewal that was rolled back or mistyped', '<what> [place]'],
  ]),
  group('Look', [
    ['usage', 'Show what uses each certificate, and what CertRebind would change', '[certificate]'],
    ['verify', 'Compare the certificate that each endpoint serves with the one that is set'],
    ['doctor', 'Find problems in IIS, HTTP.SYS, certificates and tasks. Repair one kind with --fix'],
    ['history', 'List past runs, or show one', '[run]'],
    ['explain', 'Explain a code: what it means and what to do', '[code]'],
    ['report', 'Write an HTML page: certificates, their end dates, endpoints, runs, what to do'],
    ['capture', 'Save a server to a file, to use on any computer with --replay', '<file>'],
  ]),
  group('Set up', [
    ['install', 'Install or upgrade CertRebind in a folder that only administrators can change'],
    ['enable', 'Enable CertRebind: register the scheduled tasks that a renewal starts'],
    ['disable', 'Disable CertRebind: remove the scheduled tasks'],
    ['uninstall', 'Remove the tasks and the installed files. History and configuration are kept'],
    ['rehearse', 'Rehearse a renewal on a temporary endpoint, and remove everything again'],
    ['config', 'Show, check and change the configuration'],
    ['secret', 'Manage passwords and addresses that the configuration refers to'],
    ['notify', 'Set up mail, and test mail and webhook'],
    ['watch', 'Take new certificates from folders and shares'],
    ['trigger', 'Run your own program when something happens to a certificate'],
  ]),
  group('For scripts and tasks', [
    ['apply', 'Apply a plan file, if it still fits the server', '<plan>'],
    ['dsc', 'The operations of Desired State Configuration (DSC v3)'],
    ['completion', 'Print the completion script for your shell', '[shell]'],
    ['on-event', 'For the scheduled task: apply the renewal of an event, and all other pending ones'],
    ['trigger-run', 'For the task of a trigger: run its program for an event', '<id>'],
  ]),
];

/** @param rows each with what follows the name, for example `<plan>` */
function group(
  title: string,
  rows: readonly (readonly [keyof typeof load, summary: string, args?: string])[],
): CommandGroup {
  const commands = rows.map(([name, summary, args]) => ({
    usage: args === undefined ? name : `${name} ${args}`,
    summary,
    load: load[name],
  }));
  return { title, commands };
}
