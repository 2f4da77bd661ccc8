import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindingCode } from '../../src/base/codes/finding-codes.ts';
import { rebindTaskName, taskFolder } from '../../src/documents/scheduled-tasks.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { withOptions } from '../cli/run-program.ts';
import { stateOfLab, tellLab } from '../support/tell-lab.ts';
import { sampleHolders } from '../support/temporary-lab.ts';
import type { World } from './lab-world.ts';
import { nativeTask } from './native-task.ts';

/** What is wrong, made in a lab; and what a person does there who is told to do it outside a command line. */
export interface Scene {
  readonly code: FindingCode;
  readonly what: string;
  /** Options of `lab create`; a small server where absent. */
  readonly creating?: readonly string[];
  /** Where the tasks of CertRebind are part of what is wrong. */
  readonly enabled?: false;
  readonly make: (at: Place) => Promise<unknown>;
  /** A line that is in the advice, where that has more than one. */
  readonly types?: RegExp;
  readonly person?: (at: Place) => Promise<unknown>;
  /** What only the person knows who types. */
  readonly fills?: (at: Place) => Readonly<Record<string, string>>;
}

/** A server, with its first certificate. */
export interface Place {
  readonly world: World;
  readonly old: string;
  /** Values that the scene keeps for later. */
  readonly kept: Map<string, string>;
}

const shop = 'shop.example.com:443';
const any = '0.0.0.0:8443';
const appId = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';
const lab = ({ world }: Place, line: string) => world.lab(line.split(' '));
const type = async ({ world }: Place, line: string) => {
  const ended = await world.certrebind(withOptions(line.split(' '), '--yes'));
  if (ended.exitCode === null || ended.exitCode === 2) throw new Error(`${line}: ${ended.stderr}`);
};
const bind = ({ world }: Place, key: string, thumbprint: string) =>
  world.lab([
    'netsh',
    `http update sslcert ${/^\d/.test(key) ? 'ipport' : 'hostnameport'}=${key} certhash=${thumbprint} appid=${appId} certstorename=MY`,
  ]);
const unbind = ({ world }: Place, key: string) =>
  world.lab(['netsh', `http delete sslcert ${/^\d/.test(key) ? 'ipport' : 'hostnameport'}=${key}`]);
const silently = '--no-event --no-property';
const renew = async (at: Place, options = '--no-event', old = at.old): Promise<string> =>
  (await lab(at, `renew ${old} ${options}`.trim())).new;
const send = ({ world }: Place, request: LabRequest) => tellLab(world.folder, request);
const home = ({ world }: Place, ...names: readonly string[]) => join(world.folder, 'certrebind', ...names);
const rolledBack = async (at: Place) => {
  at.kept.set('new', await renew(at));
  await lab(at, `fault connect refuse --nth 2 --times all --key ${shop}`);
  await type(at, 'reconcile');
  await lab(at, 'fault --clear');
};
const expired = async (at: Place) => {
  const short = await renew(at, `${silently} --keep-old --expires-in -1d`);
  for (const key of [shop, 'www.example.com:443', any]) await bind(at, key, short);
  await send(at, { kind: 'remove-certificate', thumbprint: at.old, store: 'My' });
  at.kept.set('old', short);
};
const withoutIntermediates = async (at: Place, name: string) => {
  for (const { authority, thumbprint, store } of (await lab(at, 'authority')).authorities)
    if (store === 'CA' && authority === name) await send(at, { kind: 'remove-certificate', thumbprint, store });
};
const brought = (options: string) => async (at: Place) =>
  at.kept.set('new', await renew(at, options, at.kept.get('old') ?? at.old));
const newest = ({ kept }: Place) => ({ '<thumbprint>': kept.get('new') ?? '' });
const watched = async (at: Place, file: string, text: string) => {
  const folder = join(at.world.folder, 'watched');
  at.kept.set('folder', folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, file), text);
  return folder;
};

const stateOf = ({ world }: Place) => stateOfLab(world.folder);
const shiftClock = join(import.meta.dirname, '..', 'support', 'shift-clock.cjs');
const hourlyAfter = ({ world }: Place, hours: number) =>
  world.certrebind(['reconcile', '--hourly'], {
    env: { NODE_OPTIONS: `--require ${JSON.stringify(shiftClock)}`, SHIFT_CLOCK_MS: `${hours * 3600_000}` },
  });

/** At least one for every finding that a lab can make. */
export const scenes: readonly Scene[] = [
  {
    code: 'will-die-on-restart',
    what: 'a certificate was deleted, and another one has its names',
    make: async (at) => {
      await renew(at, silently);
      await send(at, { kind: 'remove-certificate', thumbprint: at.old, store: 'My' });
    },
  },
  {
    code: 'certificate-gone',
    what: 'the same after a restart',
    make: async (at) => {
      await renew(at, silently);
      await send(at, { kind: 'remove-certificate', thumbprint: at.old, store: 'My' });
      await lab(at, 'boot');
    },
  },
  { code: 'binding-without-record', what: 'nothing was known of it', make: (at) => unbind(at, shop) },
  {
    code: 'binding-without-record',
    what: 'a run has seen it',
    make: async (at) => {
      await renew(at);
      await type(at, 'reconcile');
      await unbind(at, shop);
    },
  },
  {
    code: 'binding-falls-back',
    what: 'the certificate binding of every address answers, and a run has seen its own',
    make: async (at) => {
      const renewed = await renew(at);
      await type(at, 'reconcile');
      await at.world.lab([
        'netsh',
        `http add sslcert ipport=0.0.0.0:443 certhash=${renewed} appid=${appId} certstorename=MY`,
      ]);
      await send(at, { kind: 'add-binding', site: 'Shop', information: '*:443:', sslFlags: 0 });
      await unbind(at, shop);
    },
  },
  {
    code: 'central-store-record-missing',
    what: 'somebody deleted it',
    creating: [],
    make: ({ world }) => world.lab(['netsh', 'http delete sslcert ccs=8445']),
  },
  {
    code: 'certificate-elsewhere',
    what: 'somebody moved it to the other store',
    make: async (at) => {
      const [certificate] = (await stateOf(at)).certificates;
      if (certificate === undefined) throw new Error('no certificate');
      await send(at, { kind: 'add-certificate', certificate: { ...certificate, store: 'WebHosting' } });
      await send(at, { kind: 'remove-certificate', thumbprint: at.old, store: 'My' });
    },
  },
  {
    code: 'private-key-missing',
    what: 'of a certificate in use',
    make: (at) => send(at, { kind: 'set-key', thumbprint: at.old, key: 'missing' }),
  },
  {
    code: 'private-key-unusable',
    what: 'of a certificate in use',
    make: (at) => send(at, { kind: 'set-key', thumbprint: at.old, key: 'unusable' }),
    person: (at) => send(at, { kind: 'set-key', thumbprint: at.old, key: 'usable' }),
  },
  {
    code: 'certificate-revoked',
    what: 'by its issuer',
    make: (at) => lab(at, `revoke ${at.old}`),
    person: brought(`${silently} --keep-old`),
  },
  { code: 'certificate-expired', what: 'and a new one comes without a word', make: expired, person: brought(silently) },
  {
    code: 'certificate-ends-soon',
    what: 'and a new one comes without a word',
    make: (at) => type(at, 'config set deadline.days 70'),
    person: brought(silently),
  },
  {
    code: 'certificate-ends-soon',
    what: 'and names are looked at',
    make: async (at) => {
      await type(at, 'config set successors same-names');
      await type(at, 'config set deadline.days 70');
    },
    person: brought(silently),
  },
  { code: 'renewal-unrecorded', what: 'far from its end', make: (at) => renew(at, silently) },
  { code: 'renewal-pending', what: 'no event came', make: (at) => renew(at) },
  { code: 'renewal-rolled-back', what: 'clients could not connect', make: rolledBack },
  {
    code: 'renewal-rolled-back',
    what: 'a person undid it, and nothing else is asked',
    make: async (at) => {
      await renew(at);
      await type(at, 'reconcile');
      await type(at, 'undo');
    },
  },
  {
    code: 'not-undone',
    what: 'Windows refused at one place',
    make: async (at) => {
      await renew(at);
      await type(at, 'reconcile');
      await lab(at, `fault binding-method fail --times all --key ${shop}`);
      await lab(at, `fault netsh fail --times all --key ${shop}`);
      await type(at, 'undo');
      await lab(at, 'fault --clear');
    },
  },
  {
    code: 'renewal-rolled-back',
    what: 'its intermediate is missing',
    make: async (at) => {
      await lab(at, 'authority other');
      await lab(at, 'trust other');
      at.kept.set('new', await renew(at, '--no-event --issuer other'));
      await withoutIntermediates(at, 'other');
      await type(at, 'reconcile');
    },
    fills: () => ({ '<file>': 'other' }),
  },
  {
    code: 'left-without-certificate',
    what: 'a replacement deleted the binding, and it could not be made again',
    make: async (at) => {
      await renew(at);
      await lab(at, 'fault binding-method delete-without-add --nth 3');
      await lab(at, 'fault netsh fail --verb add --times all');
      await type(at, 'reconcile');
      await lab(at, 'fault --clear');
    },
  },
  {
    code: 'old-certificate-back',
    what: 'a tool set it again',
    make: async (at) => {
      await renew(at);
      await type(at, 'reconcile');
      await bind(at, shop, at.old);
    },
  },
  {
    code: 'old-certificate-back',
    what: 'a tool set it again after CertRebind had applied the renewal again',
    make: async (at) => {
      await renew(at);
      for (const _ of ['once', 'twice']) {
        await type(at, 'reconcile');
        await bind(at, shop, at.old);
      }
    },
  },
  {
    code: 'state-older',
    what: 'the state folder is that of a backup',
    make: async (at) => {
      await lab(at, 'tick --by 1h --wait');
      const path = home(at, 'ledger.json');
      const { listing, ...ledger } = JSON.parse(await readFile(path, 'utf8'));
      const listedAt = new Date(Date.parse(listing.listedAt) - 3_600_000).toISOString();
      await writeFile(path, JSON.stringify({ ...ledger, listing: { ...listing, listedAt } }));
    },
    types: /certrebind reconcile/,
  },
  {
    code: 'change-by-hand',
    what: 'another program has the old one',
    make: async (at) => {
      await at.world.lab([
        'netsh',
        `http add sslcert ipport=0.0.0.0:10443 certhash=${at.old} appid={5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10} certstorename=MY`,
      ]);
      await renew(at);
      await type(at, 'reconcile');
    },
  },
  ...(['ftp', 'rdp', 'winrm', 'wmsvc', 'ldaps'] as const).map(
    (kind): Scene => ({
      code: 'change-by-hand',
      what: `${kind} is only reported`,
      creating: ['--holders'],
      make: async (at) => {
        for (const key of sampleHolders.filter((one) => !one.startsWith(kind)))
          await at.world.certrebind(['config', 'add', 'exclude.holders', key]);
        await type(at, 'config add exclude.records 0.0.0.0:10443');
        await renew(at);
        await type(at, 'reconcile');
      },
    }),
  ),
  {
    code: 'names-lost',
    what: 'at a binding for any host, which was allowed',
    make: async (at) => {
      await send(at, { kind: 'remove-site', name: 'Shop' });
      await unbind(at, shop);
      await unbind(at, 'www.example.com:443');
      const next = await renew(at, '--no-event --names shop.example.com');
      await type(at, `rebind --old ${at.old} --new ${next} --allow names-lost`);
    },
    types: /certrebind dismiss names-lost/,
  },
  {
    code: 'renewal-blocked',
    what: 'the new one lacks a host',
    make: (at) => renew(at, '--no-event --names shop.example.com'),
    person: brought(`${silently} --names shop.example.com,www.example.com --keep-old`),
    types: /certrebind rebind --old \w+ --new <thumbprint>/,
    fills: newest,
  },
  {
    code: 'renewal-pending',
    what: 'its key is missing',
    make: async (at) => at.kept.set('new', await renew(at, '--no-event --no-key')),
    person: (at) => send(at, { kind: 'set-key', thumbprint: at.kept.get('new') ?? '', key: 'usable' }),
  },
  {
    code: 'renewal-blocked',
    what: 'only an event that any account wrote names it',
    make: (at) => renew(at, '--no-property --written-by S-1-5-20 --wait'),
  },
  {
    code: 'renewal-waiting',
    what: 'for the window',
    make: async (at) => {
      const hour = (new Date().getUTCHours() + 6) % 24;
      const text = (one: number) => `${String(one % 24).padStart(2, '0')}:00`;
      const file = join(at.world.folder, 'window.json');
      await writeFile(file, JSON.stringify({ window: { from: text(hour), to: text(hour + 3), timeZone: 'UTC' } }));
      await type(at, `config set ${file}`);
      await renew(at);
    },
  },
  {
    code: 'renewal-unclear',
    what: 'another authority issued it',
    make: async (at) => {
      await type(at, 'config set successors same-names');
      await lab(at, 'authority other');
      await lab(at, 'trust other');
      await renew(at, `${silently} --issuer other`);
    },
  },
  {
    code: 'replaced-earlier',
    what: 'the new one ends before it',
    make: async (at) => {
      await type(at, 'config set successors same-names');
      await renew(at, `${silently} --expires-in 40d`);
    },
  },
  {
    code: 'web-administration-missing',
    what: 'before a renewal',
    make: (at) => lab(at, 'switch web-administration missing'),
  },
  {
    code: 'renewed-after-warning',
    what: 'by the days that a person set',
    make: (at) => type(at, 'config set deadline.days 90'),
  },
  {
    code: 'name-not-covered',
    what: 'by the certificate that somebody set',
    make: async (at) => {
      const other = await renew(at, `${silently} --keep-old --names www.example.com`);
      await bind(at, shop, other);
      at.kept.set('other', other);
    },
    person: (at) => renew(at, '--no-event --names shop.example.com,www.example.com', at.kept.get('other')),
  },
  {
    code: 'orphaned-record',
    what: 'of a site that is gone',
    make: ({ world, old }) =>
      world.lab([
        'netsh',
        `http add sslcert hostnameport=gone.example.com:443 certhash=${old} appid=${appId} certstorename=MY`,
      ]),
  },
  {
    code: 'wire-differs',
    what: 'something in between serves another one',
    make: async (at) => {
      const other = await renew(at, `${silently} --keep-old --names other.example.com`);
      await lab(at, `fault connect serve --thumbprint ${other} --times all --key ${shop}`);
    },
    person: (at) => lab(at, 'fault --clear'),
  },
  {
    code: 'endpoint-unreachable',
    what: 'it refuses handshakes',
    make: (at) => lab(at, `fault connect refuse --times all --key ${shop}`),
    person: (at) => lab(at, 'fault --clear'),
  },
  {
    code: 'still-old',
    what: 'after its renewal',
    make: async (at) => {
      await renew(at);
      await lab(at, `fault connect serve-previous --times all --key ${shop}`);
      await type(at, 'reconcile');
    },
    person: (at) => lab(at, 'fault --clear'),
  },
  {
    code: 'intermediate-not-sent',
    what: 'it is in no store',
    make: async (at) => {
      await withoutIntermediates(at, 'lab');
      await lab(at, 'boot');
    },
    person: (at) => lab(at, 'trust lab'),
  },
  { code: 'scheduler-stopped', what: 'somebody stopped it', make: (at) => lab(at, 'switch schedule-service stopped') },
  { code: 'task-missing', what: 'nothing is enabled', enabled: false, make: async () => undefined },
  {
    code: 'task-missing',
    what: 'somebody deleted one',
    make: (at) => send(at, { kind: 'unregister-task', path: taskFolder, name: rebindTaskName }),
  },
  {
    code: 'task-disabled',
    what: 'somebody disabled it',
    make: (at) => send(at, { kind: 'set-task-enabled', path: taskFolder, name: rebindTaskName, enabled: false }),
  },
  {
    code: 'task-changed',
    what: 'somebody made it start something else',
    make: async (at) => {
      const { tasks } = await at.world.snapshot();
      const { path, name, xml } = tasks.find((task: { name: string }) => task.name === rebindTaskName);
      const changed = xml.replace(/<Command>[^<]*/, '<Command>C:\\other.exe');
      await send(at, { kind: 'register-task', path, name, xml: changed, force: true });
    },
  },
  {
    code: 'two-mechanisms',
    what: 'the task of IIS Manager is active',
    make: ({ world }) => nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: true }),
  },
  {
    code: 'orphaned-trigger',
    what: 'its file is gone',
    make: async (at) => {
      await type(at, 'trigger add mail --on installed -- /bin/true');
      await rm(home(at, 'triggers'), { recursive: true });
    },
  },
  {
    code: 'log-disabled',
    what: 'somebody disabled it',
    make: (at) => send(at, { kind: 'enable-log', enabled: false }),
  },
  {
    code: 'log-reset',
    what: 'somebody cleared it',
    make: async (at) => {
      await lab(at, `event installed ${at.old} --wait`);
      await type(at, 'reconcile');
      await lab(at, 'event --clear');
    },
  },
  {
    code: 'damaged-file',
    what: 'the ledger',
    make: async (at) => {
      await type(at, 'reconcile');
      await writeFile(home(at, 'ledger.json'), '{"schema": "certrebind/le');
    },
  },
  {
    code: 'damaged-file',
    what: 'the configuration',
    make: (at) => writeFile(home(at, 'config.json'), '{"successors": '),
    person: (at) => rm(home(at, 'config.json')),
  },
  {
    code: 'unsafe-path',
    what: 'anybody can write to the state folder',
    make: (at) => chmod(home(at), 0o777),
  },
  {
    code: 'part-unknown',
    what: 'tasks are not read while their service does not run',
    make: ({ world }) => world.lab(['switch', 'schedule-service', 'stopped']),
  },
  {
    code: 'renewal-blocked',
    what: 'the new one was revoked, and another one is issued',
    make: async (at) => lab(at, `revoke ${await renew(at)}`),
    person: brought(`${silently} --keep-old`),
    fills: newest,
  },
  {
    code: 'unfinished-run',
    what: 'the server died in it',
    make: async (at) => {
      await renew(at);
      await lab(at, 'fault binding-method die --nth 2');
      await at.world.certrebind(['reconcile']);
      await lab(at, 'fault --clear');
    },
  },
  {
    code: 'source-unreachable',
    what: 'the folder is gone',
    make: async (at) => {
      const folder = await watched(at, 'x.txt', '');
      await type(at, `watch add ${folder}`);
      await rm(folder, { recursive: true });
      await type(at, 'reconcile');
    },
    person: (at) => watched(at, 'x.txt', ''),
  },
  {
    code: 'source-incomplete',
    what: 'a file that stays half written',
    make: async (at) => {
      const folder = await watched(at, 'shop.pem', '-----BEGIN CERTIFICATE-----\nMIIB');
      await type(at, `watch add ${folder}`);
      for (const _ of ['one', 'two', 'three', 'four']) await type(at, 'reconcile');
    },
    person: (at) => rm(join(at.kept.get('folder') ?? '', 'shop.pem')),
  },
  {
    code: 'renewal-refused',
    what: 'the new one is not trusted',
    make: async (at) => {
      await lab(at, 'authority other');
      const file = join(at.world.folder, 'shop.pem');
      await lab(at, `renew ${at.old} --issuer other --to ${file}`);
      await type(at, `import ${file} --replace auto`);
    },
    person: async (at) => {
      const file = join(at.world.folder, 'next.pem');
      await lab(at, `renew ${at.old} --to ${file}`);
      await type(at, `import ${file} --replace auto`);
    },
  },
  {
    code: 'proof-missing',
    what: 'the tasks were registered without a test',
    enabled: false,
    make: (at) => type(at, 'enable --no-proof'),
  },
  {
    code: 'wire-ahead',
    what: 'Windows follows a renewal property',
    make: async (at) => {
      await lab(at, 'switch wire-follows-renewal at-once');
      await renew(at);
    },
  },
  {
    code: 'shadowed-names',
    what: 'by a binding of one address',
    make: async (at) => {
      const other = await renew(at, `${silently} --keep-old --names other.example.com`);
      await send(at, {
        kind: 'add-site',
        name: 'Other',
        bindings: [
          { information: '192.0.2.1:443:', sslFlags: 0 },
          { information: '192.0.2.1:443:shop.example.com', sslFlags: 1 },
        ],
      });
      await at.world.lab([
        'netsh',
        `http add sslcert ipport=192.0.2.1:443 certhash=${other} appid=${appId} certstorename=MY`,
      ]);
    },
    person: async (at) => {
      await send(at, { kind: 'remove-site', name: 'Other' });
      await unbind({ ...at }, '192.0.2.1:443');
    },
  },
  {
    code: 'unreadable',
    what: 'a binding without a port',
    make: (at) => send(at, { kind: 'add-site', name: 'Odd', bindings: [{ information: 'nonsense', sslFlags: 0 }] }),
    person: (at) => send(at, { kind: 'remove-site', name: 'Odd' }),
  },
  {
    code: 'window-too-rare',
    what: 'for a certificate of few days',
    make: async (at) => {
      const file = join(at.world.folder, 'window.json');
      await writeFile(file, JSON.stringify({ window: { days: ['Saturday'], from: '02:00', to: '06:00' } }));
      await type(at, `config set ${file}`);
      const short = await renew(at, `${silently} --keep-old --expires-in 40d`);
      await bind(at, shop, short);
    },
    person: (at) => type(at, 'config unset window'),
  },
  {
    code: 'not-restored',
    what: 'clients could not connect, and Windows refused the rollback',
    make: async (at) => {
      await renew(at);
      await lab(at, `fault connect refuse --nth 2 --times all --key ${shop}`);
      await lab(at, `fault binding-method fail --nth 2 --times all --key ${shop}`);
      await lab(at, `fault netsh fail --times all --key ${shop}`);
      await type(at, 'reconcile');
      await lab(at, 'fault --clear');
    },
  },
  {
    code: 'listener-certificate-expired',
    what: 'of Remote Desktop, and nothing renewed it',
    creating: ['--holders'],
    make: async (at) => {
      const other = await renew(at, `${silently} --keep-old --names rdp.example.com --expires-in -1d`);
      await send(at, { kind: 'set-rdp', listener: 'RDP-Tcp', hash: other });
      at.kept.set('old', other);
    },
    person: brought('--no-event'),
  },
  {
    code: 'listener-certificate-gone',
    what: 'of Remote Desktop',
    creating: ['--holders'],
    make: async (at) => {
      const other = await renew(at, `${silently} --keep-old --names rdp.example.com`);
      await send(at, { kind: 'set-rdp', listener: 'RDP-Tcp', hash: other });
      await send(at, { kind: 'remove-certificate', thumbprint: other, store: 'My' });
    },
    fills: ({ old }) => ({ '<thumbprint>': old }),
  },
  {
    code: 'ftps-certificate-gone',
    what: 'of an FTP site',
    creating: ['--holders'],
    make: (at) => send(at, { kind: 'set-ftp', site: 'Files', hash: 'A'.repeat(40) }),
    fills: ({ old }) => ({ '<thumbprint>': old }),
  },
  {
    code: 'certificate-revoked',
    what: 'the new one, which one place does not have since somebody set it back',
    make: async (at) => {
      // Issued before the one that a person brings, which may come within the same second.
      at.kept.set('old', await renew(at, '--no-event --valid-in=-1h'));
      await type(at, 'reconcile');
      await bind(at, shop, at.old);
      await lab(at, `revoke ${at.kept.get('old')}`);
    },
    person: brought(`${silently} --keep-old`),
    types: /certrebind rebind --old \w+ --new auto --reason revoked/,
  },
  {
    code: 'certificate-expired',
    what: 'and its renewal is for other names',
    make: async (at) => {
      await expired(at);
      at.kept.set('next', await renew(at, '--no-event --names other.example.com', at.kept.get('old')));
    },
    person: brought(`${silently} --keep-old --names shop.example.com,www.example.com`),
    types: /certrebind rebind --old \w+ --new <thumbprint>/,
    fills: newest,
  },
  {
    code: 'service-stopped',
    what: 'the server died while a run restarted it',
    creating: ['--holders'],
    make: async (at) => {
      for (const key of sampleHolders.filter((one) => !one.startsWith('sql')))
        await at.world.certrebind(['config', 'add', 'exclude.holders', key]);
      await type(at, 'config add exclude.records 0.0.0.0:10443');
      await type(at, 'config set holders.sql.policy replace holders.sql.restart window');
      await type(at, 'config set window.from 22:00 window.to 04:00');
      await renew(at);
      await lab(at, 'fault control-service die --after');
      await at.world.certrebind(['reconcile', '--now', '--yes']);
      await lab(at, 'fault --clear');
    },
  },
  {
    code: 'still-served',
    what: 'Windows follows a renewal property, also after an undo',
    make: async (at) => {
      await lab(at, 'switch wire-follows-renewal at-once');
      at.kept.set('new', await renew(at));
      await type(at, 'reconcile');
      await type(at, 'undo');
    },
    person: (at) => send(at, { kind: 'remove-certificate', thumbprint: at.kept.get('new') ?? '', store: 'My' }),
  },
  {
    code: 'ftps-certificate-expired',
    what: 'and a new one comes',
    creating: ['--holders'],
    make: async (at) => {
      const other = await renew(at, `${silently} --keep-old --names ftp.example.com --expires-in -1d`);
      await send(at, { kind: 'set-ftp', site: 'Files', hash: other });
      at.kept.set('old', other);
    },
    person: brought('--no-event'),
  },
  {
    code: 'service-key',
    what: 'SQL Server got a certificate whose key it cannot read',
    creating: ['--holders'],
    make: async (at) => {
      await lab(at, 'switch renewed-key-access lost');
      for (const key of sampleHolders.filter((one) => !one.startsWith('sql')))
        await at.world.certrebind(['config', 'add', 'exclude.holders', key]);
      await type(at, 'config add exclude.records 0.0.0.0:10443');
      const next = await renew(at);
      await type(at, 'reconcile');
      const { roles } = await stateOf(at);
      if (roles === undefined) throw new Error('no roles');
      const text = JSON.stringify(roles).replaceAll(at.old, next).replaceAll(at.old.toLowerCase(), next.toLowerCase());
      await send(at, { kind: 'set-roles', roles: JSON.parse(text) });
      at.kept.set('new', next);
    },
    person: (at) =>
      send(at, {
        kind: 'set-key-access',
        thumbprint: at.kept.get('new') ?? '',
        sid: 'S-1-5-80-3880718306-3832830129-1677859214-2598158968-1052248003',
        access: 'read',
      }),
  },
  {
    code: 'legacy-ssl-metadata',
    what: 'of an earlier IIS',
    make: async (at) => {
      const { applicationHost } = await stateOf(at);
      at.kept.set('before', applicationHost);
      const metadata = '<customMetadata><key path="LM/W3SVC"><property id="5506" /></key></customMetadata>';
      const end = '</system.applicationHost>';
      await send(at, { kind: 'set-configuration', applicationHost: applicationHost.replace(end, metadata + end) });
    },
    person: (at) => send(at, { kind: 'set-configuration', applicationHost: at.kept.get('before') ?? '' }),
  },
  {
    code: 'trusted-account',
    what: 'somebody named one in the registry',
    make: (at) => lab(at, 'switch agent-rights trusted'),
    person: (at) => lab(at, 'switch agent-rights none'),
  },
  {
    code: 'renewal-unnoticed',
    what: 'a public authority issued it',
    make: (at) => lab(at, 'switch root-store fetched'),
  },
  {
    code: 'proof-failed',
    what: 'Task Scheduler refused the test',
    enabled: false,
    make: async (at) => {
      await lab(at, 'fault register-task fail');
      await type(at, 'enable');
    },
  },
  {
    code: 'enable-unfinished',
    what: 'the server died in it',
    make: async (at) => {
      const path = home(at, 'setup.json');
      const unfinished = { command: 'enable', at: new Date().toISOString(), replaceNative: false };
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), unfinished }));
    },
  },
  {
    code: 'could-not-work',
    what: 'the task met a configuration that cannot be read',
    make: async (at) => {
      await writeFile(home(at, 'config.json'), '{"successors": ');
      await lab(at, 'tick --by 1h --wait');
      await rm(home(at, 'config.json'));
    },
  },
  {
    code: 'messages-not-accepted',
    what: 'nobody listens there',
    make: async (at) => {
      await type(at, 'notify mail 127.0.0.1 --from a@example.com --to b@example.com');
      await type(at, 'config set notify.mail.port 9 notify.mail.security none');
      await send(at, { kind: 'set-key', thumbprint: at.old, key: 'unusable' });
      for (const hours of [0, 2, 8, 32]) await hourlyAfter(at, hours);
      await send(at, { kind: 'set-key', thumbprint: at.old, key: 'usable' });
    },
    person: (at) => type(at, 'config unset notify.mail'),
  },
  {
    code: 'source-not-taken',
    what: 'nobody trusts its issuer',
    make: async (at) => {
      await lab(at, 'authority other');
      const folder = await watched(at, 'x.txt', '');
      await lab(at, `renew ${at.old} --issuer other --to ${join(folder, 'shop.pem')}`);
      await type(at, `watch add ${folder}`);
      await type(at, 'reconcile');
    },
    person: (at) => lab(at, 'trust other'),
  },
  {
    code: 'source-went-back',
    what: 'somebody put an older file there',
    make: async (at) => {
      const folder = await watched(at, 'x.txt', '');
      for (const [name, since] of [
        ['first', '-1h'],
        ['second', '0h'],
      ])
        await lab(at, `renew ${at.old} --valid-in=${since} --to ${join(at.world.folder, `${name}.pem`)}`);
      await type(at, `watch add ${folder}`);
      for (const name of ['second', 'first']) {
        await copyFile(join(at.world.folder, `${name}.pem`), join(folder, 'shop.pem'));
        await type(at, 'reconcile');
      }
    },
    person: (at) => copyFile(join(at.world.folder, 'second.pem'), join(at.kept.get('folder') ?? '', 'shop.pem')),
  },
];

/** Why there is no scene. */
export const notWalked: Partial<Readonly<Record<FindingCode, string>>> = {
  'policy-bypassed': 'needs a PowerShell',
  'file-not-run': 'needs a PowerShell',
  'run-under-way': 'for information, and ends by itself',
  'exclusion-shared': 'for information: what a person set holds more than it names',
  'key-left-behind': 'for information, and a file that a person deletes',
  'retired-deletable': 'needs weeks: test/stories/retire.test.ts',
  'clock-jumped': 'for information, and ends with the day',
  'renewal-late': 'for information, and needs two renewals in the past',
  'source-stale': 'for information, and needs two thirds of a life',
  'version-drift': 'needs a program that is installed: test/security/install.test.ts',
  'wire-not-seen': 'for information, where nothing is dialled',
};
