import { rehearsalMark } from '../../../../src/documents/rehearsal.ts';
import type { Holder, MovableKind, NonTlsKind } from '../../../../src/kinds/holder.ts';
import { recordsOf } from '../../../../src/kinds/holder.ts';
import type { KindRules } from '../../../../src/kinds/kind-rules.ts';
import { rules, type Values } from '../../../../src/kinds/kinds.ts';
import { holdersInUse } from '../../../../src/kinds/place.ts';
import { isReportedUse, type ReportedUse } from '../../../../src/kinds/reported/reported.ts';
import type { Snapshot } from '../../../../src/kinds/snapshot.ts';
import { type Thumbprint, toThumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import type { Server } from '../../../../src/server/server.ts';
import { newRunId } from '../../../../src/session/run/run.ts';
import {
  asBelieved,
  fact,
  type Measurement,
  oneOf,
  otherwise,
  type Part,
  position,
  type Told,
} from '../measurement.ts';
import { importPfx, keyNow, pfxFile } from '../pfx.ts';
import type { Stage } from '../stage.ts';

const namesSet = [`it's " True`, 'a[1] " True', `a[1] ' True`, '$x & y " True', `$x & y ' True`];

/** Listeners and services beside IIS, each changed by the program's own adapter to a certificate of ours, read, dialled, and put back. */
export const measurement: Measurement = {
  safe: 'vm',
  program: 'installed',
  seconds: 300,
  async collect(stage) {
    const before = await stage.server.snapshot('brief');
    return {
      ...(await stage.ask('holders/listeners')),
      ...(await stage.ask('holders/ftp-names')),
      ...reading(before),
      ...(await winrm(stage, before)),
      ...(await ftp(stage, before)),
      ...(await rdp(stage, before)),
    };
  },
  rows: {
    'ftp-site-state': position(
      'state of an FTP site',
      'the state of a site that has FTP bindings only, as IIS tells it',
      (said) => (said[0] === 'unknown' ? 'fails' : 'told'),
      { fails: ['unknown'], told: ['started'] },
    ),
    'ftp-site-store': fact(
      'ftp change',
      'the certificate of an FTP site, set and read again',
      ([error, holds]) => error === 'none' && holds === 'new',
      { so: ['none', 'new', 'new'], not: ['refused', 'old', 'old'] },
    ),
    'ftp-takes-effect': fact(
      'ftp change',
      'a dial right after the certificate of an FTP site was set, nothing restarted',
      (said) => said[2] === 'new',
      { so: ['none', 'new', 'new'], not: ['none', 'new', 'old'] },
    ),
    'ftp-implicit-port': fact(
      'ftp ports',
      'TLS at once at port 990, and behind AUTH TLS at another',
      (said) => said.length > 1 && said.every((result) => result.endsWith(' served')),
      { so: ['990 served', '21 served'], not: ['990 unreachable', '21 served'] },
    ),
    'ftp-certificate-before-host': position(
      'ftp before HOST',
      'an FTP site with a host name and the defaults have different certificates; a dial without HOST',
      (said) => said[0] ?? 'other',
      { defaults: ['defaults'], site: ['site'], other: [] },
    ),
    'ftp-xpath': {
      how: 'the certificate of FTP sites whose names have quotes, brackets and $, set by an XPath in either kind of quotes; and a name with double quotes',
      from: ['names of FTP sites', 'double quotes in a name'],
      decide(said) {
        const names = said('names of FTP sites');
        const areSet = names.length === 5 && names.every((line) => line.endsWith(' True'));
        return areSet && said('double quotes in a name')[0]?.startsWith('0x') === true ? asBelieved : otherwise;
      },
      examples: {
        [asBelieved]: { 'names of FTP sites': namesSet, 'double quotes in a name': ['0x80070057 x: invalid'] },
        [otherwise]: { 'names of FTP sites': namesSet, 'double quotes in a name': ['done'] },
      },
    },
    'rdp-store': fact(
      'rdp change',
      'the certificate of the listener, set out of My and read again',
      ([error, holds]) => error === 'none' && holds === 'new',
      { so: ['none', 'new'], not: ['refused', 'old'] },
    ),
    'rdp-chosen-by': fact(
      'rdp in WMI',
      'SSLCertificateSHA1HashType of a listener with a certificate that was chosen',
      ([, type]) => type === '3',
      { so: ['AB', '3'], not: ['AB', '1'] },
    ),
    'rdp-negotiation': fact(
      'rdp dial',
      'a connection request for TLS and CredSSP, then TLS',
      ([result]) => result === 'served',
      { so: ['served'], not: ['unreachable'] },
    ),
    'listener-hashes': {
      how: 'the hash of the listener in the registry and in WMI',
      from: ['rdp in WMI', 'rdp in the registry'],
      decide(said) {
        const [ofWmi = ''] = said('rdp in WMI');
        const [type, ofRegistry] = said('rdp in the registry');
        return type === 'Byte[]' && ofRegistry === ofWmi.toUpperCase() ? asBelieved : otherwise;
      },
      examples: {
        [asBelieved]: { 'rdp in WMI': ['ab', '3'], 'rdp in the registry': ['Byte[]', 'AB'] },
        [otherwise]: { 'rdp in WMI': ['ab', '3'], 'rdp in the registry': ['String', 'AB'] },
      },
    },
    'winrm-listener': fact(
      'winrm',
      'the listener as the program reads it',
      ([inMy, port]) => inMy === 'yes' && Number(port) > 0,
      { so: ['yes', '5986', 'no'], not: ['no', '5986', 'no'] },
    ),
    'winrm-session': position(
      'winrm',
      'whether a host of remote sessions is among the processes above the one that asks',
      (said) => ({ no: 'none', yes: 'winrm', unknown: 'unknown' })[said[2] ?? ''] ?? 'other',
      { none: ['yes', '5986', 'no'], winrm: ['yes', '5986', 'yes'], unknown: ['yes', '5986', 'unknown'] },
    ),
    'winrm-change': fact(
      'winrm change',
      'Set-WSManInstance with another certificate: error, what the listener holds, whether port and host name stayed',
      ([error, holds, stayed]) => error === 'none' && holds === 'new' && stayed === 'yes',
      { so: ['none', 'new', 'yes'], not: ['none', 'new', 'no'] },
    ),
    'winrm-record': oneOf(
      'winrm record',
      'the certificate binding at the port of the listener, right after the change',
      { new: 'rewritten-at-once', old: 'not-rewritten' },
    ),
    'winrm-hostname': oneOf(
      'winrm host name',
      'a certificate whose common name is another, and that names the host of the listener',
      { taken: 'any-name', refused: 'common-name-only' },
    ),
    'pfx-import': fact(
      'imported',
      'a PFX file of OpenSSL, imported by the adapter: error, and whether the key opens',
      ([error, key]) => error === 'none' && key === 'usable',
      { so: ['none', 'usable'], not: ['The specified network password is not correct.', 'not there'] },
    ),
    'wmsvc-setting': fact(
      'wmsvc',
      'value and record of the Web Management Service, and the application id',
      ([port, listed, record, appId]) =>
        Number(port) > 0 && listed === record && /^\{[0-9a-f-]{36}\}$/i.test(appId ?? ''),
      {
        so: ['8172', 'AB', 'AB', '{00000000-0000-0000-0000-000000000000}'],
        not: ['8172', 'AB', 'CD', '{00000000-0000-0000-0000-000000000000}'],
      },
    ),
    'smb-quic-mapping': fact(
      'smb-quic',
      'whether a certificate of My is the one of a mapping',
      ([isInMy]) => isInMy === 'yes',
      { so: ['yes'], not: ['no'] },
    ),
    'reported-nps': fact(
      'reported nps',
      'the hash of a policy in ias.xml',
      ([hash = '']) => /^[0-9A-F]{40}$/.test(hash),
      { so: ['AB'.repeat(20)], not: ['0'] },
    ),
  },
};

function reading({ holders, sites, certificates }: Snapshot): Told {
  const ftpSite = sites.find(({ bindings }) => bindings.every(({ protocol }) => protocol === 'ftp'));
  const winrm = holders.find((holder) => holder.kind === 'winrm');
  const wmsvc = holders.find((holder) => holder.kind === 'wmsvc')?.value;
  const inMy = (wanted: Thumbprint | null) =>
    certificates.some(({ thumbprint, store }) => thumbprint === wanted && store === 'My') ? 'yes' : 'no';
  return {
    'state of an FTP site': ftpSite === undefined ? none('a site with FTP bindings only') : [ftpSite.state],
    winrm:
      winrm === undefined
        ? none('a WinRM listener for HTTPS')
        : [inMy(winrm.value.thumbprint), `${winrm.value.port}`, winrm.carriesRun ?? 'no'],
    wmsvc:
      wmsvc === undefined
        ? none('the Web Management Service')
        : [`${wmsvc.port}`, `${wmsvc.listed}`, `${wmsvc.record?.thumbprint}`, `${wmsvc.record?.appId}`],
    'smb-quic': reported(holders, 'smb-quic', ({ hash }) => inMy(toThumbprint(hash))),
    'reported nps': reported(holders, 'nps', ({ hash }) => hash ?? undefined),
  };
}

function reported(
  holders: Snapshot['holders'],
  kind: string,
  tell: (use: ReportedUse['value']) => string | undefined,
): Part {
  const said = holders.flatMap((holder) =>
    isReportedUse(holder) && holder.kind === kind ? [tell(holder.value)] : [],
  )[0];
  return said === undefined ? none(`a certificate of the kind ${kind}`) : [said];
}

function none(what: string): Part {
  return { refused: `this server does not have ${what}` };
}

async function winrm({ server, ask }: Stage, before: Snapshot): Promise<Told> {
  const held = heldBy(before, 'winrm');
  if (held === undefined) return {};
  const { hostname, port } = held.value;
  const change = await withCertificate(server, held, hostname ?? 'localhost', async (wanted, error) => {
    const now = await server.snapshot('brief');
    const found = heldBy(now, 'winrm')?.value;
    const record = recordsOf(now).find(({ key }) => key === `0.0.0.0:${port}`);
    return {
      'winrm change': [
        error ?? 'none',
        which(found?.thumbprint, wanted),
        found?.port === port && found.hostname === hostname ? 'yes' : 'no',
      ],
      'winrm record':
        record === undefined ? none(`a certificate binding 0.0.0.0:${port}`) : [which(record.thumbprint, wanted)],
    } satisfies Told;
  });
  return { ...change, ...(hostname === null ? {} : await otherCommonName({ server, ask }, held, hostname)) };
}

/** A certificate that names the host as another name only, in a PFX file. */
async function otherCommonName(
  { server, ask }: Pick<Stage, 'server' | 'ask'>,
  held: Held<'winrm'>,
  hostname: string,
): Promise<Told> {
  const file = pfxFile({ name: 'another.certrebind.invalid', host: hostname });
  const refusal = await importPfx(server, file);
  const key = await keyNow({ server, ask }, file.thumbprint);
  const error = await put(server, held, file.thumbprint);
  await server.change([{ do: 'put', expected: null, wanted: held }]);
  await ask('holders/remove', [file.thumbprint]);
  return {
    imported: [refusal ?? 'none', key],
    'winrm host name': error === null ? ['taken'] : ['refused', error],
  };
}

async function rdp({ server, handshake }: Stage, before: Snapshot): Promise<Told> {
  const held = heldBy(before, 'rdp');
  if (held === undefined) return {};
  const place = holdersInUse(before).find(({ holder }) => holder.kind === 'rdp')?.endpoints[0];
  const dialled =
    place === undefined ? none('an endpoint of Remote Desktop') : [(await handshake(place.endpoint)).handshake.result];
  const changed = await withCertificate(server, held, 'localhost', async (wanted, error) => ({
    'rdp change': [error ?? 'none', which(heldBy(await server.snapshot('brief'), 'rdp')?.value.thumbprint, wanted)],
  }));
  return { ...changed, 'rdp dial': dialled };
}

async function ftp({ server, handshake }: Stage, before: Snapshot): Promise<Told> {
  const places = holdersInUse(before).flatMap(({ endpoints: all, holder }) =>
    holder.kind === 'ftp' ? all.map((place) => ({ ...place, holder })) : [],
  );
  const ports = await Promise.all(
    places
      .filter(({ host }) => host === '')
      .map(async ({ endpoint }) => `${endpoint.port} ${(await handshake(endpoint)).handshake.result}`),
  );
  const open = places.find(({ host, holder }) => host === '' && holder.value.site !== null);
  const named = places.find(({ host, holder }) => host !== '' && holder.value.site !== null);
  const serves = async (at: typeof open) =>
    at === undefined ? null : (await handshake(at.endpoint)).handshake.thumbprint;
  const changed =
    open === undefined
      ? {}
      : await withCertificate(server, open.holder, 'localhost', async (wanted, error) => ({
          'ftp change': [
            error ?? 'none',
            which(heldBy(await server.snapshot('brief'), 'ftp', open.holder.key)?.value.thumbprint, wanted),
            which(await serves(open), wanted),
          ],
        }));
  const beforeHost =
    named === undefined
      ? {}
      : await withCertificate(server, named.holder, 'localhost', async (wanted) => ({
          'ftp before HOST': [(await serves(named)) === wanted ? 'site' : 'defaults'],
        }));
  return {
    ...changed,
    ...beforeHost,
    'ftp ports': ports.length > 1 ? ports : none('FTP at two ports, one of them 990'),
  };
}

type Held<K extends MovableKind> = Holder<K>;

function heldBy<K extends MovableKind>(seen: Snapshot, kind: K, key?: string): Held<K> | undefined {
  const all = holdersInUse(seen).map(({ holder }) => holder);
  const found = all.find((holder) => holder.kind === kind && (key === undefined || holder.key === key));
  return found as Held<K> | undefined;
}

function which(thumbprint: string | null | undefined, wanted: Thumbprint): string {
  return thumbprint === wanted ? 'new' : 'old';
}

/** Sets a new certificate of ours, looks, and sets the former one again. */
async function withCertificate<K extends MovableKind>(
  server: Server,
  held: Held<K>,
  name: string,
  look: (wanted: Thumbprint, error: string | null) => Promise<Told>,
): Promise<Told> {
  const friendlyName = `${rehearsalMark} ${held.kind} ${newRunId(new Date())}`;
  await server.change([{ do: 'rehearse', act: { act: 'add-certificate', name, friendlyName } }]);
  const wanted = await ownCertificate(server, friendlyName);
  try {
    return await look(wanted, await put(server, held, wanted));
  } finally {
    await server.change([{ do: 'put', expected: null, wanted: held as Holder<NonTlsKind> }]);
  }
}

async function put<K extends MovableKind>(
  server: Server,
  held: Held<K>,
  thumbprint: Thumbprint,
): Promise<string | null> {
  const rulesOfKind: KindRules<Values[K]> = rules[held.kind];
  const wanted = { ...held, value: rulesOfKind.withCertificate(held.value, thumbprint, 'My') };
  const [report] = await server.change([{ do: 'put', expected: null, wanted: wanted as Holder<NonTlsKind> }]);
  return report === undefined ? 'no report' : (report.error?.message ?? null);
}

async function ownCertificate(server: Server, friendlyName: string): Promise<Thumbprint> {
  const { certificates } = await server.snapshot('brief');
  const found = certificates.find((certificate) => certificate.friendlyName === friendlyName);
  if (found === undefined) throw new Error(`${friendlyName} was made and is not in the store My`);
  return found.thumbprint;
}
