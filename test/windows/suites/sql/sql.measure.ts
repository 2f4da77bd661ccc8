import type { Holder } from '../../../../src/kinds/holder.ts';
import { keyAccess, keyAccessKey } from '../../../../src/kinds/key-access/key-access.ts';
import { holdersInUse } from '../../../../src/kinds/place.ts';
import type { Thumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import type { Change } from '../../../../src/server/server.ts';
import { exactly, type Measurement, type Part, position, type Told } from '../measurement.ts';
import { importPfx, pfxFile, removePfx } from '../pfx.ts';

/** An instance of SQL Server, started with a certificate whose key its service may not read, and with the same when it may. */
export const measurement: Measurement = {
  safe: 'vm',
  program: 'installed',
  seconds: 600,
  async collect({ server, handshake }): Promise<Told> {
    const before = await server.snapshot('brief');
    const found = holdersInUse(before).find(({ holder }) => holder.kind === 'sql');
    const { holder, service, endpoints = [] } = found ?? {};
    const [place] = endpoints;
    if (holder?.kind !== 'sql' || service == null || place === undefined)
      return none('this server has no instance of SQL Server that is met over TCP');
    const { name, dependents, runsAs } = service;
    const sid = runsAs?.serviceSid ?? '';
    if (sid === '') return none(`the account of the service ${name} is not known`);

    const file = pfxFile({ name: before.server.name.toLowerCase() });
    const { thumbprint } = file;
    const refusal = await importPfx(server, file);
    if (refusal !== null) return none(refusal);
    try {
      return { unreadable: await startedWhere(false), readable: await startedWhere(true) };
    } finally {
      await startedWith(holder.value.thumbprint);
      await removePfx(server, thumbprint);
    }

    async function startedWhere(reads: boolean): Promise<Part> {
      const rights = (await server.certificates([thumbprint]))[0]?.keyRights;
      if (rights === undefined || !('sddl' in rights)) return { refused: 'the rights of its key were not read' };
      const value = { ...keyAccess(thumbprint, rights.sddl), asked: [{ sid, reads }] };
      const wanted = { kind: 'keyAccess', key: keyAccessKey(thumbprint), value } as const;
      const [given] = await server.change([{ do: 'put', expected: null, wanted }]);
      return given?.error === null ? startedWith(thumbprint) : { refused: given?.error?.message ?? 'no report' };
    }

    async function startedWith(wanted: Thumbprint | null): Promise<Part> {
      const value = { ...holder?.value, thumbprint: wanted };
      const services = [...dependents, name];
      const reports = await server.change([
        { do: 'put', expected: null, wanted: { ...holder, value } as Holder<'sql'> },
        ...services.map((one): Change => ({ do: 'control-service', service: one, order: 'stop' })),
        ...services.toReversed().map((one): Change => ({ do: 'control-service', service: one, order: 'start' })),
      ]);
      const error = reports.find((report) => report.error !== null)?.error?.message ?? 'none';
      const served = place === undefined ? null : (await handshake(place.endpoint)).handshake.thumbprint;
      const now = holdersInUse(await server.snapshot('brief')).find((one) => one.holder.key === holder?.key);
      return [error, served === null ? 'nothing' : served === wanted ? 'it' : 'another', now?.service?.state ?? 'gone'];
    }
  },
  rows: {
    'sql-start-refused': position(
      'unreadable',
      'an instance started with a certificate whose key its service may not read: error, what clients get, and its service',
      ([, serves, state]) => {
        if (serves === 'it') return 'other';
        return { stopped: 'stops', started: 'self-generated' }[state ?? ''] ?? 'other';
      },
      {
        stops: ['the service did not start', 'nothing', 'stopped'],
        'self-generated': ['none', 'another', 'started'],
        other: ['none', 'it', 'started'],
      },
    ),
    'sql-certificate': exactly(
      'readable',
      'the same when the service may read the key, a key of CNG: error, what clients get, and its service',
      ['none', 'it', 'started'],
      ['none', 'another', 'started'],
    ),
  },
};

function none(why: string): Told {
  return { unreadable: { refused: why }, readable: { refused: why } };
}
