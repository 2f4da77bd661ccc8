import type { CommandGroup } from '../shell/command.ts';

/** The commands of both programs, in the order of `--help`. */
export const commandGroups: readonly CommandGroup[] = [
  {
    title: 'Every day',
    commands: [
      {
        usage: 'status',
        summary: 'Show whether CertRebind is enabled, what is pending, and the last run',
        load: async () => (await import('./status/command.ts')).status,
      },
      {
        usage: 'plan',
        summary: 'Show what would change and why, and what would not. Changes nothing',
        load: async () => (await import('./rebind/plan.ts')).plan,
      },
      {
        usage: 'rebind',
        summary: 'Replace one certificate with another, test it, roll back what got worse',
        load: async () => (await import('./rebind/rebind.ts')).rebind,
      },
      {
        usage: 'import <file>',
        summary: 'Import a PFX or PEM file, and use its certificate wherever the old one is used',
        load: async () => (await import('./rebind/import.ts')).importFile,
      },
      {
        usage: 'reconcile',
        summary: 'Apply all pending renewals',
        load: async () => (await import('./rebind/reconcile.ts')).reconcile,
      },
      {
        usage: 'undo [run]',
        summary: 'Roll back a run. Without a name: the last run that changed something',
        load: async () => (await import('./rebind/undo.ts')).undo,
      },
      {
        usage: 'retire',
        summary: 'Archive replaced certificates that nothing needs any more',
        load: async () => (await import('./rebind/retire.ts')).retire,
      },
      {
        usage: 'dismiss <what> [holder]',
        summary: 'Hide a warning at a place, or give up a renewal that was rolled back',
        load: async () => (await import('./dismiss/command.ts')).dismiss,
      },
    ],
  },
  {
    title: 'Look',
    commands: [
      {
        usage: 'usage [certificate]',
        summary: 'Show what uses each certificate, and what CertRebind would change',
        load: async () => (await import('./usage/command.ts')).usage,
      },
      {
        usage: 'verify',
        summary: 'Compare the certificate that each endpoint serves with the one that is set',
        load: async () => (await import('./verify/command.ts')).verify,
      },
      {
        usage: 'doctor',
        summary: 'Find problems in IIS, HTTP.SYS, certificates and tasks. Repair one kind with --fix',
        load: async () => (await import('./doctor/command.ts')).doctor,
      },
      {
        usage: 'history [run]',
        summary: 'List past runs, or show one',
        load: async () => (await import('./history/command.ts')).history,
      },
      {
        usage: 'forecast',
        summary: 'Count the renewals to come, what each costs, and what ends the work of a person',
        load: async () => (await import('./forecast/command.ts')).forecast,
      },
      {
        usage: 'explain [code]',
        summary: 'Explain a code: what it means and what to do',
        load: async () => (await import('./explain/command.ts')).explain,
      },
      {
        usage: 'report',
        summary: 'Write an HTML page: certificates, their end dates, endpoints, runs, what to do',
        load: async () => (await import('./report/command.ts')).report,
      },
      {
        usage: 'capture <file>',
        summary: 'Save a server to a file, to use on any computer with --replay',
        load: async () => (await import('./capture/command.ts')).capture,
      },
    ],
  },
  {
    title: 'Set up',
    commands: [
      {
        usage: 'install',
        summary: 'Install or upgrade CertRebind in a folder that only administrators can change',
        load: async () => (await import('./setup/install.ts')).install,
      },
      {
        usage: 'enable',
        summary: 'Enable CertRebind: register the scheduled tasks that a renewal starts',
        load: async () => (await import('./setup/enable.ts')).enable,
      },
      {
        usage: 'disable',
        summary: 'Disable CertRebind: remove the scheduled tasks',
        load: async () => (await import('./setup/disable.ts')).disable,
      },
      {
        usage: 'uninstall',
        summary: 'Remove the tasks and the installed files. History and configuration are kept',
        load: async () => (await import('./setup/uninstall.ts')).uninstall,
      },
      {
        usage: 'rehearse',
        summary: 'Rehearse a renewal on a temporary endpoint, and remove everything again',
        load: async () => (await import('./rehearse/command.ts')).rehearse,
      },
      {
        usage: 'config',
        summary: 'Show, check and change the configuration',
        load: async () => (await import('./setup/config.ts')).config,
      },
      {
        usage: 'secret',
        summary: 'Manage passwords and addresses that the configuration refers to',
        load: async () => (await import('./notify/secret.ts')).secret,
      },
      {
        usage: 'notify',
        summary: 'Set up mail, and test mail and webhook',
        load: async () => (await import('./notify/notify.ts')).notify,
      },
      {
        usage: 'watch',
        summary: 'Take new certificates from folders and shares',
        load: async () => (await import('./watch/command.ts')).watch,
      },
      {
        usage: 'trigger',
        summary: 'Run your own program when something happens to a certificate',
        load: async () => (await import('./trigger/command.ts')).trigger,
      },
    ],
  },
  {
    title: 'For scripts and tasks',
    commands: [
      {
        usage: 'apply <plan>',
        summary: 'Apply a plan file, if it still fits the server',
        load: async () => (await import('./rebind/apply.ts')).apply,
      },
      {
        usage: 'dsc',
        summary: 'The operations of Desired State Configuration (DSC v3)',
        load: async () => (await import('./dsc/command.ts')).dsc,
      },
      {
        usage: 'completion [shell]',
        summary: 'Print the completion script for your shell',
        load: async () => (await import('./completion.ts')).completion,
      },
      {
        usage: 'on-event',
        summary: 'For the scheduled task: apply the renewal of an event, and all other pending ones',
        load: async () => (await import('./started-by-tasks.ts')).onEventByHand,
      },
      {
        usage: 'trigger-run <id>',
        summary: 'For the task of a trigger: run its program for an event',
        load: async () => (await import('./started-by-tasks.ts')).triggerRunByHand,
      },
    ],
  },
];
