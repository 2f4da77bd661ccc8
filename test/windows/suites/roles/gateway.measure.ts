import { differences, holding, tlsHolder } from '../../../../src/kinds/holder.ts';
import { holdersInUse } from '../../../../src/kinds/place.ts';
import { gatewayService } from '../../../../src/kinds/rd-gateway/rd-gateway.ts';
import { withCertificate } from '../../../../src/kinds/tls/certificate-binding.ts';
import type { Change } from '../../../../src/server/server.ts';
import { type Measurement, oneOf, position, type Told } from '../measurement.ts';
import { importPfx, pfxFile, removePfx } from '../pfx.ts';
import { whileDown } from './while-down.ts';

/** Remote Desktop Gateway: what its setting says once its certificate bindings got another certificate, and what a change of the setting does to those. */
export const measurement: Measurement = {
  safe: 'vm',
  program: 'installed',
  seconds: 300,
  async collect({ server, handshake }): Promise<Told> {
    const before = await server.snapshot('brief');
    const found = holdersInUse(before).find(({ holder }) => holder.kind === 'rd-gateway');
    const { holder, endpoints: [place] = [] } = found ?? {};
    if (holder?.kind !== 'rd-gateway' || place === undefined)
      return none('this server has no Remote Desktop Gateway with a certificate');
    const file = pfxFile({ name: before.server.name.toLowerCase() });
    const refusal = await importPfx(server, file);
    if (refusal !== null) return none(refusal);
    const wanted = holding(holder, file.thumbprint, 'My');
    try {
      const bound = holder.value.records.map((record): Change => {
        return { do: 'put', expected: null, wanted: tlsHolder(withCertificate(record, file.thumbprint, 'My')) };
      });
      await server.change(bound);
      const listed = await namedByItself();
      const [report] = await server.change([{ do: 'put', expected: null, wanted }]);
      const now = report?.now?.state === 'holds' ? report.now.holder : null;
      const lost = now === null ? [] : differences(wanted, now);
      await server.change([{ do: 'control-service', service: gatewayService, order: 'stop' }]);
      const { reason, result } = (await handshake(place.endpoint)).handshake;
      return {
        'after the bindings': [listed],
        'after the methods': [report?.error?.message ?? '', ...lost],
        down: [result, reason ?? ''],
      };
    } finally {
      await server.change([
        { do: 'put', expected: null, wanted: holder },
        { do: 'control-service', service: gatewayService, order: 'stop' },
        { do: 'control-service', service: gatewayService, order: 'start' },
      ]);
      await removePfx(server, file.thumbprint);
    }

    async function namedByItself(): Promise<string> {
      const seen = holdersInUse(await server.snapshot('brief')).find((one) => one.holder.kind === 'rd-gateway')?.holder;
      const named = seen?.kind === 'rd-gateway' ? seen.value.listed : null;
      return named === file.thumbprint ? 'the new one' : named === holder?.value.thumbprint ? 'the old one' : 'another';
    }
  },
  rows: {
    'gateway-record-is-hash': oneOf(
      'after the bindings',
      'what CertHash names once the certificate bindings alone have another certificate',
      { 'the new one': 'record', 'the old one': 'own-value' },
    ),
    'gateway-system-denied': position(
      'after the methods',
      'what its methods answer',
      ([error = '']) => {
        return error === '' ? 'allowed' : /denied|0x80070005|\b5$/i.test(error) ? 'denied' : 'other';
      },
      {
        allowed: [''],
        denied: ['Access is denied. (0x80070005)'],
        other: ['SetCertificate of Remote Desktop Gateway returned 87'],
      },
    ),
    'gateway-rewrites-record': position(
      'after the methods',
      'what differs at its certificate bindings after its methods',
      ([error, ...lost]) => {
        return error !== '' ? 'other' : lost.length === 0 ? 'kept' : 'rewritten';
      },
      { kept: [''], rewritten: ['', 'application-id'], other: ['Access is denied.'] },
    ),
    'gateway-down-status': whileDown(
      'what a client that asks for a connection is answered while the service does not run',
      'Remote Desktop Gateway',
      'the connection was closed in its answer',
    ),
  },
};

function none(why: string): Told {
  return Object.fromEntries(
    ['after the bindings', 'after the methods', 'down'].map((part) => [part, { refused: why }]),
  );
}
