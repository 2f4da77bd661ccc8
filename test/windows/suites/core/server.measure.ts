import { type RehearsalAct, rehearsalMark } from '../../../../src/documents/rehearsal.ts';
import type { Cost } from '../../../../src/documents/runs/outcome.ts';
import { formatRecordKey } from '../../../../src/kinds/record-key.ts';
import type { Certificate } from '../../../../src/model/certificates/certificate.ts';
import type { Thumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import type { LifecycleEvent } from '../../../../src/model/windows/lifecycle-event.ts';
import {
  exactly,
  fact,
  isSaid,
  type Measurement,
  NotMeasured,
  oneOf,
  type Part,
  position,
  type Told,
} from '../measurement.ts';
import { keyNow } from '../pfx.ts';
import type { Stage } from '../stage.ts';
import { assertAct, type Bench, callMethod, demand, holds, removeRecords, setRecord } from './bench.ts';
import { plainRecord } from './on-records.ts';

const copyName = `${rehearsalMark} copy`;

/** Through the program's own port: how this server is, and what it does with certificates and bindings of ours. */
export const measurement: Measurement = {
  safe: 'mark',
  program: 'installed',
  seconds: 180,
  async collect(stage) {
    const { listenOnly, webAdministration, scheduleService, timeZone } = await stage.server.snapshot('brief');
    return {
      'listen list': [`${listenOnly.length}`],
      WebAdministration: [webAdministration],
      Schedule: [scheduleService],
      'time zone': timeZone === undefined ? { refused: 'the server did not tell it' } : [timeZone],
      engine: engineOf(stage.server.cost().engine),
      ...(await onBench(stage)),
    };
  },
  rows: {
    'listen-list': oneOf('listen list', 'ListenOnlyList of HTTP.SYS', { '0': 'empty', '1': 'one-address' }),
    'scripting-tools': oneOf('WebAdministration', 'the module of the feature Web-Scripting-Tools', {
      present: 'installed',
      missing: 'missing',
    }),
    'host-time-zone': fact(
      'time zone',
      'the name by which Node knows the time zone of Windows',
      ([zone = '']) => isZone(zone),
      { so: ['Europe/Berlin'], not: ['W. Europe Standard Time'] },
    ),
    'policy-outranks-bypass': position(
      'engine',
      'how Windows PowerShell took the adapter script with -ExecutionPolicy Bypass, and what it said to it',
      ([way, text = '']) => {
        if (way === 'file') return 'not-set';
        return text.includes('signed') ? 'AllSigned' : text.includes('disabled') ? 'Restricted' : 'other';
      },
      {
        'not-set': ['file'],
        AllSigned: ['text', 'it is not digitally signed'],
        Restricted: ['text', 'running scripts is disabled on this system'],
        other: ['text', 'something else'],
      },
    ),
    'schedule-service': oneOf('Schedule', 'the service Schedule', { started: 'runs', stopped: 'stopped' }),
    'ipv6-any-record': oneOf(
      'any IPv6 address',
      'records of 0.0.0.0 and of [::] with different certificates, and a dial of ::1',
      {
        new: 'answers',
        old: 'ignored',
      },
    ),
    'key-file-rights': position(
      'rights of a key',
      'where the key of a new certificate lies, by the file whose rights were read',
      ([kind, text = '']) => {
        if (kind === 'file') return /[\\/]MachineKeys[\\/]/.test(text) ? 'legacy' : 'software';
        return text.includes('Platform') ? 'platform' : 'other';
      },
      {
        software: ['file', 'C:\\ProgramData\\Microsoft\\Crypto\\Keys\\ab_cd'],
        legacy: ['file', 'C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\ab_cd'],
        platform: ['why', 'it is a key of Microsoft Platform Crypto Provider'],
        other: ['why', 'access denied'],
      },
    ),
    'self-signed-copy': fact(
      'copies in CA',
      'the store CA before and after New-SelfSignedCertificate',
      ([more]) => Number(more) > 0,
      { so: ['2'], not: ['0'] },
    ),
    'archived-setter': exactly(
      'archived',
      'Archived set, read again, and set back',
      ['true', 'false'],
      ['false', 'false'],
    ),
    'renewal-property-blob': fact(
      'renewal property',
      'the property after Switch-Certificate, out of the Blob of the registry',
      ([is]) => is === 'the new one',
      { so: ['the new one'], not: ['nothing'] },
    ),
    'renewal-order': exactly(
      'renewed twice',
      'one certificate replaced by two others: what the events tell, by their numbers, and what its property says then',
      ['first', 'second', 'second'],
      ['first', 'second', 'first'],
    ),
    'key-deletion': position(
      'deleted key',
      'the key of a certificate of Microsoft Software Key Storage Provider, deleted by the adapter: error, and whether it opens',
      ([error, key]) => {
        if (error === 'none') return key === 'usable' ? 'kept' : 'done';
        return key === 'usable' ? 'kept' : 'other';
      },
      { done: ['none', 'unusable'], kept: ['access denied', 'usable'], other: ['access denied', 'not there'] },
    ),
    'blank-address': fact(
      'blank address',
      'AddSslCertificate of a binding without an address',
      ([held]) => held === 'yes',
      { so: ['yes', 'none'], not: ['no', 'The parameter is incorrect.'] },
    ),
    'lifecycle-events': fact(
      'events',
      'the numbers in the lifecycle log after certificates were made and one replaced another',
      (said) => said.includes('1001') && said.includes('1006'),
      { so: ['1006', '1006', '1001'], not: ['1006'] },
    ),
  },
};

/** Without IIS' own module there is no site of ours, and what needs one is not told. */
async function onBench(stage: Stage): Promise<Told> {
  try {
    const bench = await stage.bench();
    return {
      ...(await certificates(stage, bench)),
      'blank address': await blankAddress(bench),
      'any IPv6 address': await anyIpv6(bench),
    };
  } catch (error) {
    if (error instanceof NotMeasured) return {};
    throw error;
  }
}

function engineOf(engine: Cost['engine']): Part {
  if (engine === undefined) return { refused: 'no PowerShell was started' };
  if (engine.way === 'file') return ['file'];
  const { because } = engine;
  return because.cause === 'not-installed' ? { refused: 'the program is not installed' } : ['text', because.said];
}

function isZone(name: string): boolean {
  return /^(?:UTC|Etc\/\S+)$/.test(name) || Intl.supportedValuesOf('timeZone').includes(name);
}

async function certificates(stage: Stage, bench: Bench): Promise<Told> {
  const { server } = stage;
  const { old, successor, hands } = bench;
  const own = async (thumbprint: Thumbprint) => (await server.certificates([thumbprint]))[0];
  const archived: string[] = [];
  const authorities = () => toldBy(() => hands.look({ look: 'intermediates' }));
  for (const wanted of [true, false]) {
    await server.change([{ do: 'archive-certificate', thumbprint: old, store: 'My', archived: wanted }]);
    archived.push(`${(await own(old))?.archived}`);
  }
  const before = await authorities();
  await server.change([
    {
      do: 'rehearse',
      act: { act: 'add-certificate', name: 'copy.certrebind.invalid', friendlyName: copyName },
    },
  ]);
  const after = await authorities();
  const copy = (await server.snapshot('brief')).certificates.find(({ friendlyName }) => friendlyName === copyName);
  const twice = [copy?.thumbprint, successor].flatMap((thumbprint) => thumbprint ?? []);
  const announced = await toldBy(async () => {
    for (const to of twice) await assertAct(bench, { act: 'announce', old, new: to });
    return [];
  });
  const ifAnnounced = (part: Part): Part => (isSaid(announced) ? part : announced);
  const renewedTo = (await own(old))?.renewedTo ?? null;
  const { events } = await server.events();
  const rights = (await own(successor))?.keyRights;
  return {
    archived,
    'copies in CA': !isSaid(before) ? before : !isSaid(after) ? after : [`${after.length - before.length}`],
    'renewed twice': ifAnnounced(
      twice.length === 2
        ? [...inOrder(events, old, twice), renewedTo === successor ? 'second' : 'first']
        : { refused: 'there is no second renewal' },
    ),
    events: ifAnnounced(events.map(({ eventId }) => `${eventId}`)),
    ...(copy === undefined ? {} : { 'deleted key': await deletedKey(stage, copy) }),
    'renewal property': ifAnnounced([renewedTo === successor ? 'the new one' : (renewedTo ?? 'nothing')]),
    'rights of a key':
      rights === undefined
        ? { refused: 'the rights were not read' }
        : 'sddl' in rights
          ? ['file', rights.file ?? '']
          : ['why', rights.why],
  };
}

/** What is not so because it could not be asked is no answer. */
async function toldBy(work: () => Promise<readonly string[]>): Promise<Part> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotMeasured) return { refused: error.message };
    throw error;
  }
}

/** Which of two renewals of a certificate the events tell of, by their numbers. */
function inOrder(
  events: readonly LifecycleEvent[],
  old: Thumbprint,
  [first]: readonly Thumbprint[],
): readonly string[] {
  return events
    .filter((event) => event.eventId === 1001 && event.old?.thumbprint === old)
    .toSorted((a, b) => a.recordId - b.recordId)
    .map((event) => (event.new?.thumbprint === first ? 'first' : 'second'));
}

async function deletedKey(stage: Stage, { thumbprint, store }: Certificate): Promise<Part> {
  const [report] = await stage.server.change([{ do: 'delete-key', thumbprint, store }]);
  return [report?.error?.message ?? 'none', await keyNow(stage, thumbprint)];
}

function site({ site: name, port }: Bench, information: string): Extract<RehearsalAct, { act: 'add-site' }> {
  return { act: 'add-site', name: `${name}-${port}`, bindings: [{ information, sslFlags: 0 }] };
}

async function blankAddress(bench: Bench): Promise<Part> {
  const { server } = bench.context;
  const information = `:${bench.port}:`;
  const made = site(bench, information);
  await demand(server, { do: 'rehearse', act: made });
  const key = formatRecordKey({ table: 'ip', address: '0.0.0.0', port: bench.port });
  const { now, error } = await callMethod(
    { ...bench, site: made.name },
    { information, key },
    'AddSslCertificate',
    bench.old,
  );
  await removeRecords(bench, [key]);
  await server.change([{ do: 'rehearse', act: { act: 'remove-site', name: made.name } }]);
  return [holds(now, bench.old) ? 'yes' : 'no', error?.message ?? 'none'];
}

async function anyIpv6(bench: Bench): Promise<Part> {
  const { server, handshake } = bench.context;
  const { port, old, successor } = bench;
  const made = site(bench, `*:${port}:`);
  const any = formatRecordKey({ table: 'ip', address: '0.0.0.0', port });
  const anyIpv6Key = formatRecordKey({ table: 'ip', address: '::', port });
  try {
    await setRecord(bench, plainRecord(bench, any, old));
    await setRecord(bench, plainRecord(bench, anyIpv6Key, successor));
    await demand(server, { do: 'rehearse', act: made });
    const { thumbprint, result, reason } = (await handshake({ address: '::1', port, serverName: null })).handshake;
    if (thumbprint === null) return { refused: `no handshake with ::1: ${reason ?? result}` };
    return [thumbprint === successor ? 'new' : thumbprint === old ? 'old' : 'another'];
  } finally {
    await removeRecords(bench, [any, anyIpv6Key]);
    await server.change([{ do: 'rehearse', act: { act: 'remove-site', name: made.name } }]);
  }
}
