import { differences, holding, standingHolders, tlsHolder } from '../../../../src/kinds/holder.ts';
import { gatewayService } from '../../../../src/kinds/rd-gateway/rd-gateway.ts';
import { withCertificate } from '../../../../src/kinds/tls/certificate-binding.ts';
import type { Change } from '../../../../src/server/server.ts';
import type { Measurement, Told } from '../measurement.ts';
import { importPfx, pfxFile } from '../pfx.ts';

/** Remote Desktop Gateway: what its setting says once its certificate bindings got another certificate, and what a change of the setting does to those. */
export const measurement: Measurement = {
  safe: 'vm',
  program: 'installed',
  seconds: 300,
  async collect({ server, handshake }): Promise<Told> {
    const before = await server.snapshot('brief');
    const found = standingHolders(before).find(({ holder }) => holder.kind === 'rd-gateway');
    const { holder, places: [place] = [] } = found ?? {};
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
        { do: 'delete-key', thumbprint: file.thumbprint, store: 'My' },
        { do: 'delete-certificate', thumbprint: file.thumbprint, store: 'My' },
      ]);
    }

    async function namedByItself(): Promise<string> {
      const seen = standingHolders(await server.snapshot('brief')).find(
        (one) => one.holder.kind === 'rd-gateway',
      )?.holder;
      const named = seen?.kind === 'rd-gateway' ? seen.value.listed : null;
      return named === file.thumbprint ? 'the new one' : named === holder?.value.thumbprint ? 'the old one' : 'another';
    }
  },
  rows: {
    'gateway-record-is-hash': {
      how: 'what CertHash names once the certificate bindings alone have another certificate',
      from: ['after the bindings'],
      decide: (said) =>
        ({ 'the new one': 'record', 'the old one': 'own-value' })[said('after the bindings')[0] ?? ''] ?? 'other',
      examples: {
        record: { 'after the bindings': ['the new one'] },
        'own-value': { 'after the bindings': ['the old one'] },
        other: { 'after the bindings': ['another'] },
      },
    },
    'gateway-system-denied': {
      how: 'what its methods answer',
      from: ['after the methods'],
      decide(said) {
        const [error = ''] = said('after the methods');
        return error === '' ? 'allowed' : /denied|0x80070005|\b5$/i.test(error) ? 'denied' : 'other';
      },
      examples: {
        allowed: { 'after the methods': [''] },
        denied: { 'after the methods': ['Access is denied. (0x80070005)'] },
        other: { 'after the methods': ['SetCertificate of Remote Desktop Gateway returned 87'] },
      },
    },
    'gateway-rewrites-record': {
      how: 'what differs at its certificate bindings after its methods',
      from: ['after the methods'],
      decide(said) {
        const [error, ...lost] = said('after the methods');
        return error !== '' ? 'other' : lost.length === 0 ? 'kept' : 'rewritten';
      },
      examples: {
        kept: { 'after the methods': [''] },
        rewritten: { 'after the methods': ['', 'application-id'] },
        other: { 'after the methods': ['Access is denied.'] },
      },
    },
    'gateway-down-status': {
      how: 'what a client that asks for a connection is answered while the service does not run',
      from: ['down'],
      decide(said) {
        const [result, reason = ''] = said('down');
        return result === 'served' ? 'other' : (/ (404|503)\b/.exec(reason)?.[1] ?? 'reset');
      },
      examples: {
        404: { down: ['unreachable', 'Remote Desktop Gateway answers HTTP/1.1 404 Not Found'] },
        503: { down: ['unreachable', 'Remote Desktop Gateway answers HTTP/1.1 503 Service Unavailable'] },
        reset: { down: ['unreachable', 'the connection was closed in its answer'] },
        other: { down: ['served', ''] },
      },
    },
  },
};

function none(why: string): Told {
  return Object.fromEntries(
    ['after the bindings', 'after the methods', 'down'].map((part) => [part, { refused: why }]),
  );
}
