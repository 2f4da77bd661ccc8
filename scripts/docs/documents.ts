import type { Printed } from './printed.ts';

/** Every document but those of a lab. */
type OnServers = Exclude<keyof Printed, 'demo' | `lab${string}`>;

/** The commands that print each document. */
export const printedBy: Readonly<Record<OnServers, readonly string[]>> = {
  status: ['status', 'enable', 'disable'],
  plan: ['plan'],
  outcome: ['rebind', 'apply', 'reconcile', 'undo', 'doctor --fix', 'history <run>'],
  history: ['history'],
  verify: ['verify'],
  doctor: ['doctor'],
  usage: ['usage'],
  renewed: ['usage --renewed'],
  forecast: ['forecast'],
  triggers: ['trigger add', 'trigger list', 'trigger remove'],
  watches: ['watch add', 'watch list', 'watch now', 'watch remove'],
  'trigger-run': ['trigger-run'],
  configuration: ['config show', 'config check', 'config set'],
  'secrets-known': ['secret set', 'secret list', 'secret remove'],
  notified: ['notify test'],
  dismissed: ['dismiss'],
  retire: ['retire'],
  imported: ['import'],
  captured: ['capture'],
  'support-written': ['capture --for-support'],
  'report-written': ['report'],
  rehearsal: ['rehearse'],
  codes: ['explain'],
  completion: ['completion'],
  install: ['install'],
  uninstall: ['uninstall'],
  error: ['every command that ends with 1, 2, 6, 7 or 8'],
  progress: ['every command with --progress json, a line each, on stderr'],
};
