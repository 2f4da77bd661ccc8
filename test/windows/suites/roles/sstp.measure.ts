import { holding } from '../../../../src/kinds/holder.ts';
import { holdersInUse } from '../../../../src/kinds/place.ts';
import { remoteAccess } from '../../../../src/kinds/sstp/sstp.ts';
import type { Thumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import type { Change } from '../../../../src/server/server.ts';
import { type Measurement, type Part, position, type Told } from '../measurement.ts';
import { importPfx, pfxFile, removePfx } from '../pfx.ts';
import { whileDown } from './while-down.ts';

/** SSTP, whose certificate bindings got another certificate, after a start of one of its services, of both, and of both again. */
export const measurement: Measurement = {
  safe: 'vm',
  program: 'installed',
  seconds: 600,
  async collect({ server, handshake }): Promise<Told> {
    const before = await server.snapshot('brief');
    const found = holdersInUse(before).find(({ holder }) => holder.kind === 'sstp');
    const { holder, service, endpoints = [] } = found ?? {};
    const [place] = endpoints;
    if (holder?.kind !== 'sstp' || service == null || place === undefined)
      return none('this server has no SSTP that stores a certificate');
    if (holder.value.chosen) return none('an administrator chose the certificate of SSTP here');
    const all = [...service.dependents, service.name];
    const file = pfxFile({ name: before.server.name.toLowerCase() });
    const refusal = await importPfx(server, file);
    if (refusal !== null) return none(refusal);
    try {
      await server.change([{ do: 'put', expected: null, wanted: holding(holder, file.thumbprint, 'My') }]);
      const alone = await started([remoteAccess], file.thumbprint);
      const both = await started(all, file.thumbprint);
      const again = await started(all, file.thumbprint);
      await server.change(orders(all, 'stop'));
      const { reason, result } = (await handshake(place.endpoint)).handshake;
      return { alone, both, again, down: [result, reason ?? ''] };
    } finally {
      await server.change([{ do: 'put', expected: null, wanted: holder }]);
      await started(all, holder.value.thumbprint);
      await removePfx(server, file.thumbprint);
    }

    /** What its hash names after a start, and what a client gets that is answered. */
    async function started(services: readonly string[], wanted: Thumbprint | null): Promise<Part> {
      await server.change([...orders(services, 'stop'), ...orders(services.toReversed(), 'start')]);
      const served = place === undefined ? null : (await handshake(place.endpoint)).handshake.thumbprint;
      const now = holdersInUse(await server.snapshot('brief')).find((one) => one.holder.kind === 'sstp')?.holder;
      const stored = now?.kind === 'sstp' ? now.value.listed : null;
      const named = (thumbprint: Thumbprint | null) =>
        thumbprint === null ? 'nothing' : thumbprint === wanted ? 'it' : 'another';
      return [named(stored), named(served)];
    }
  },
  rows: {
    'sstp-modes': position(
      'both',
      'what the stored hash names after both services were started with another certificate at the bindings',
      (said) => (said[0] === 'it' ? 'stores-hash' : 'keeps-hash'),
      { 'stores-hash': ['it', 'it'], 'keeps-hash': ['another', 'it'] },
    ),
    'sstp-init-service': {
      how: 'the same after a start of RemoteAccess alone, and of both',
      from: ['alone', 'both'],
      decide: (said) =>
        said('alone')[0] === 'it' ? 'remote-access' : said('both')[0] === 'it' ? 'sstp-service' : 'other',
      examples: {
        'remote-access': { alone: ['it', 'it'], both: ['it', 'it'] },
        'sstp-service': { alone: ['another', 'it'], both: ['it', 'it'] },
        other: { alone: ['another', 'it'], both: ['another', 'it'] },
      },
    },
    'sstp-second-restart': {
      how: 'after which start since the hash names it a client that asks for a tunnel is answered',
      from: ['alone', 'both', 'again'],
      decide(said) {
        const since = ['alone', 'both', 'again'].map(said).filter(([stored]) => stored === 'it');
        const [first, second] = since.map(([, served]) => served);
        return first === 'it' ? 'not-needed' : second === 'it' ? 'needed' : 'other';
      },
      examples: {
        'not-needed': { alone: ['it', 'it'], both: ['it', 'it'], again: ['it', 'it'] },
        needed: { alone: ['another', 'it'], both: ['it', 'nothing'], again: ['it', 'it'] },
        other: { alone: ['another', 'it'], both: ['another', 'it'], again: ['another', 'it'] },
      },
    },
    'sstp-answer': whileDown(
      'what a client that asks for a tunnel is answered while the services do not run',
      'SSTP',
      'the connection was closed during the handshake',
    ),
  },
};

function orders(services: readonly string[], order: 'stop' | 'start'): readonly Change[] {
  return services.map((service): Change => ({ do: 'control-service', service, order }));
}

function none(why: string): Told {
  return Object.fromEntries(['alone', 'both', 'again', 'down'].map((part) => [part, { refused: why }]));
}
