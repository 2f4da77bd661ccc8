import { defineGroup } from '../../shell/command.ts';

/** What a lab can be told, in the order of `lab --help`. */
export const lab = defineGroup([
  {
    usage: 'create [dir]',
    summary: 'Make a lab: a simulated IIS server with real certificates, in a folder',
    load: async () => (await import('./create.ts')).create,
  },
  {
    usage: 'serve [dir]',
    summary: 'Run a lab: its TLS endpoints and its Task Scheduler, until Ctrl-C',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    usage: 'renew <thumbprint> [dir]',
    summary: 'Renew a certificate of a lab, as autoenrolment does: new certificate, renewal property, event 1001',
    load: async () => (await import('./renew.ts')).renew,
  },
  {
    usage: 'authority [name] [dir]',
    summary: 'Make an authority that a lab can issue from; alone, list them and what the server has of them',
    load: async () => (await import('./authority.ts')).authority,
  },
  {
    usage: 'trust <what> [dir]',
    summary:
      'Put the certificates of an authority, or of a file, into the stores Root and CA of a lab, or take them out',
    load: async () => (await import('./trust.ts')).trust,
  },
  {
    usage: 'revoke <thumbprint> [dir]',
    summary: 'Revoke a certificate of a lab, by a list of its issuer that the server then has',
    load: async () => (await import('./revoke.ts')).revoke,
  },
  {
    usage: 'event [what] [thumbprint] [dir]',
    summary: 'Write a certificate lifecycle event into the log of a lab, which starts the tasks that wait for it',
    load: async () => (await import('./event.ts')).event,
  },
  {
    usage: 'boot [dir]',
    summary: 'Let a lab start again: tasks that run at start-up are started',
    load: async () => (await import('./boot.ts')).boot,
  },
  {
    usage: 'tick [dir]',
    summary: 'Let time pass in a lab: tasks that run by the clock and were due are started',
    load: async () => (await import('./tick.ts')).tick,
  },
  {
    usage: 'status [dir]',
    summary: 'What a lab is at the moment, and where its addresses are reached',
    load: async () => (await import('./status.ts')).status,
  },
  {
    usage: 'switch [name] [position] [dir]',
    summary: 'Show or move the switches for what nobody has confirmed about Windows',
    load: async () => (await import('./switch.ts')).switchCommand,
  },
  {
    usage: 'fault [on] [effect] [dir]',
    summary: 'Arm a fault: what goes wrong at the next such request; alone, list what is armed',
    load: async () => (await import('./fault.ts')).fault,
  },
  {
    usage: 'netsh <line> [dir]',
    summary: 'Run netsh on a lab: look at, add and delete certificate bindings behind the back of IIS',
    load: async () => (await import('./netsh.ts')).netsh,
  },
  {
    usage: 'stop [dir]',
    summary: 'End lab serve from elsewhere; harmless when nothing serves the lab',
    load: async () => (await import('./stop.ts')).stop,
  },
  {
    usage: 'demo',
    summary: 'Show the whole chain on a lab of its own: renew, rebind, prove, while clients keep connecting',
    load: async () => (await import('./demo.ts')).demo,
  },
]);
