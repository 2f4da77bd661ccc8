import type { CommandEntry } from './shell/command.ts';

/** The commands of both programs, in the order of `--help`. */
export const commands: readonly CommandEntry[] = [
  {
    usage: 'enable',
    summary: 'Rebind from now on: register the tasks that a renewal starts',
    load: async () => (await import('./enable.ts')).enable,
  },
  {
    usage: 'disable',
    summary: 'Stop rebinding: remove exactly what enable registered',
    load: async () => (await import('./disable.ts')).disable,
  },
  {
    usage: 'status',
    summary: 'Whether certificate rebind is on, what is pending, and what became of the last run',
    load: async () => (await import('./status.ts')).status,
  },
  {
    usage: 'plan',
    summary: 'Show what would be changed and why, and what would not and why; changes nothing',
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    usage: 'apply <plan>',
    summary: 'Carry out exactly the plan in a file, if everything is still as it says',
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    usage: 'rebind',
    summary: 'Swap one certificate for another, prove it, put back what got worse',
    load: async () => (await import('./rebind.ts')).rebind,
  },
  {
    usage: 'import <file>',
    summary: 'Bring the certificate of a PFX file into a store, and rebind what the old one holds',
    load: async () => (await import('./import.ts')).importFile,
  },
  {
    usage: 'reconcile',
    summary: 'Take every renewed certificate that is not in use yet: from events, renewal properties, configuration',
    load: async () => (await import('./reconcile.ts')).reconcile,
  },
  {
    usage: 'verify',
    summary: 'Compare what every endpoint serves with the certificate that is set for it',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    usage: 'doctor',
    summary: 'Explain every difference between IIS, HTTP.SYS and the wire; repair one kind of them with --fix',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    usage: 'usage [certificate]',
    summary: 'Who uses each certificate, and whose of them CertRebind would move',
    load: async () => (await import('./usage.ts')).usage,
  },
  {
    usage: 'history [run]',
    summary: 'List past runs, or show one',
    load: async () => (await import('./history.ts')).history,
  },
  {
    usage: 'undo [run]',
    summary: 'Put back what a run changed; without a name, the last run that changed something and was no undo',
    load: async () => (await import('./undo.ts')).undo,
  },
  {
    usage: 'ledger',
    summary: 'What is remembered of renewals: forget one',
    load: async () => (await import('./ledger.ts')).ledger,
  },
  {
    usage: 'notify',
    summary: 'Tell people what runs did: test the channels of the configuration',
    load: async () => (await import('./notify.ts')).notify,
  },
  {
    usage: 'secret',
    summary: 'Passwords and addresses that the configuration refers to',
    load: async () => (await import('./secret.ts')).secret,
  },
  {
    usage: 'trigger',
    summary: 'Actions of your own when something happens to a certificate',
    load: async () => (await import('./trigger.ts')).trigger,
  },
  {
    usage: 'capture <file>',
    summary: 'Write all facts about a server into a file, to be read anywhere with --replay',
    load: async () => (await import('./capture.ts')).capture,
  },
  {
    usage: 'support <file>',
    summary: 'Write everything that helps the developers, without names, into one file that you can send them',
    load: async () => (await import('./support.ts')).support,
  },
  {
    usage: 'report',
    summary: 'Write one page for people: what ends when, what is served where, what runs did, what to do',
    load: async () => (await import('./report.ts')).report,
  },
  {
    usage: 'rehearse',
    summary:
      'Play a renewal on a throw-away endpoint, measure how this Windows behaves, and take everything away again',
    load: async () => (await import('./rehearse.ts')).rehearse,
  },
  {
    usage: 'explain [code]',
    summary: 'What a code of a plan, an outcome, an error or an exit means, and what to do',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    usage: 'config',
    summary: 'Show, check, set and describe the configuration',
    load: async () => (await import('./config.ts')).config,
  },
  {
    usage: 'completion [shell]',
    summary: 'Print the script that lets your shell complete these words',
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    usage: 'dsc',
    summary: 'The verbs of Desired State Configuration (DSC v3)',
    load: async () => (await import('./dsc.ts')).dsc,
  },
  {
    usage: 'install',
    summary: 'Put this program in its place for good, where only administrators can change it',
    load: async () => (await import('./install.ts')).install,
  },
  {
    usage: 'uninstall',
    summary: 'Remove the tasks and what install put in place; what is remembered stays',
    load: async () => (await import('./uninstall.ts')).uninstall,
  },
  {
    usage: 'on-event',
    summary: 'Started by the scheduled task: take the renewal of an event, and whatever else is pending',
    load: async () => (await import('./started-by-tasks.ts')).onEventByHand,
  },
  {
    usage: 'trigger-run <id>',
    summary: 'Started by the task of a trigger: run its action for an event',
    load: async () => (await import('./started-by-tasks.ts')).triggerRunByHand,
  },
];
