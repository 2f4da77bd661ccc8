import { rehearsalAppId, rehearsalHost } from '../../../../src/documents/rehearsal.ts';
import { formatRecordKey } from '../../../../src/kinds/record-key.ts';
import type { NetshAbilities } from '../../../../src/kinds/snapshot.ts';
import {
  type CertificateBinding,
  lostOrChangedOptions,
  makeCertificateBinding,
  recordValues,
  writtenName,
} from '../../../../src/kinds/tls/certificate-binding.ts';
import { NotMeasured } from '../measurement.ts';
import {
  assertWire,
  type Bench,
  callMethod,
  demand,
  type Finding,
  holds,
  measure,
  perform,
  type RecordReport,
  removeRecords,
  served,
  setRecord,
} from './bench.ts';

/** How long a key may take to open before it counts as never opening. */
const longestForKeyMs = 20_000;
const pauseMs = 500;

/** What the methods of bindings and netsh do to records, and which record answers. The record is gone afterwards. */
export async function measureRecords(bench: Bench, netsh: NetshAbilities): Promise<readonly Finding[]> {
  return [
    ...(await measure(['late-keys'], () => lateKeys(bench))),
    ...(await measure(['rebind-options'], () => rebindOptions(bench))),
    ...netshFindings(netsh),
    ...(await measure(['netsh-update-options'], () => updateOptions(bench, netsh))),
    ...(await measure(['archived-bindable'], () => archivedBindable(bench))),
    ...(await measure(['sni-table-layout'], () => sniLayout(bench))),
    ...(await measure(['endpoint-precedence'], () => precedence(bench))),
    ...(await measure(['wildcard-records'], () => wildcard(bench))),
  ];
}

/** The certificate is bound again and again from soon after it was made until Windows takes it. */
async function lateKeys(bench: Bench): Promise<readonly Finding[]> {
  const { clock } = bench.context;
  const age = () => clock.now().getTime() - bench.oldMadeAt;
  const firstTriedAt = age();
  for (let tries = 1; ; tries += 1) {
    const { now, error } = await callMethod(bench, bench.byAddress, 'AddSslCertificate', bench.old);
    const passed = age();
    if (holds(now, bench.old)) {
      const how = `first tried ${firstTriedAt} ms after it was made, bound at attempt ${tries}, ${passed} ms after it was made`;
      return [{ name: 'late-keys', measured: tries === 1 ? 'at-once' : 'late', how }];
    }
    if (passed > longestForKeyMs) {
      throw new NotMeasured(`the certificate could not be bound within ${longestForKeyMs / 1000} s: ${error?.message}`);
    }
    await clock.sleep(pauseMs);
  }
}

async function rebindOptions(bench: Bench): Promise<readonly Finding[]> {
  const before = await setRecord(bench, richRecord(bench));
  const report = await callMethod(bench, bench.byAddress, 'RebindSslCertificate', bench.successor);
  const lost = lostBy('RebindSslCertificate', bench, before, report);
  const measured = lost.length === 0 ? 'kept' : lost.every(isFlag) ? 'flags-lost' : 'all-lost';
  return [{ name: 'rebind-options', measured, how: fieldsText(lost) }];
}

/** What a change to the successor lost of a record. @throws NotMeasured when it changed nothing */
function lostBy(
  what: string,
  bench: Bench,
  before: CertificateBinding,
  { now, error }: RecordReport,
): readonly string[] {
  if (now?.state === 'holds' && now.holder.value.thumbprint === bench.successor)
    return lostOrChangedOptions(before, now.holder.value);
  throw new NotMeasured(`${what} changed nothing: ${error?.message ?? 'no error'}`);
}

function netshFindings({ update, options }: NetshAbilities): readonly Finding[] {
  return [
    {
      name: 'netsh-options',
      measured: options?.join(' ') ?? null,
      how: options === null ? 'netsh did not list its parameters' : 'netsh http add sslcert help',
    },
    {
      name: 'netsh-update-presence',
      measured: update === null ? null : update ? 'present' : 'absent',
      how: update === null ? 'netsh did not list its commands' : 'the help of netsh http',
    },
  ];
}

async function updateOptions(bench: Bench, { update }: NetshAbilities): Promise<readonly Finding[]> {
  if (update !== true) throw new NotMeasured('netsh of this server has no update sslcert');
  const before = await setRecord(bench, richRecord(bench));
  const { key, appId } = before;
  const act = { act: 'netsh-update', key, thumbprint: bench.successor, appId } as const;
  const lost = lostBy('netsh http update sslcert', bench, before, await perform(bench, act));
  return [{ name: 'netsh-update-options', measured: lost.length === 0 ? 'kept' : 'lost', how: fieldsText(lost) }];
}

async function archivedBindable(bench: Bench): Promise<readonly Finding[]> {
  const { server } = bench.context;
  await setRecord(bench, plainRecord(bench));
  const archive = (archived: boolean) =>
    demand(server, { do: 'archive-certificate', thumbprint: bench.successor, store: 'My', archived });
  await archive(true);
  try {
    const { now, error } = await callMethod(bench, bench.byAddress, 'RebindSslCertificate', bench.successor);
    const name = 'archived-bindable';
    if (holds(now, bench.successor))
      return [{ name, measured: 'can-be-bound', how: 'an archived certificate was bound' }];
    return [{ name, measured: 'cannot-be-bound', how: error?.message ?? 'no error' }];
  } finally {
    await archive(false);
  }
}

async function sniLayout(bench: Bench): Promise<readonly Finding[]> {
  const { now, error } = await callMethod(bench, bench.byName, 'AddSslCertificate', bench.old);
  if (now?.state !== 'holds') throw new NotMeasured(`no record by name was made: ${error?.message ?? 'no error'}`);
  const { raw } = now.holder.value;
  const byGuid = raw[writtenName(raw, recordValues.hostnamePort)] !== undefined;
  const how = `the entry ${byGuid ? 'has a' : 'has no'} value HostnamePort; its values: ${Object.keys(raw).join(', ')}`;
  return [{ name: 'sni-table-layout', measured: byGuid ? 'guid' : 'name', how }];
}

/**
 * The record by name holds the successor, the other one the old certificate, so that the served certificate shows which
 * answered.
 */
async function precedence(bench: Bench): Promise<readonly Finding[]> {
  const { byAddress, byName, port } = bench;
  const any = formatRecordKey({ table: 'ip', address: '0.0.0.0', port });
  try {
    await removeRecords(bench, [byAddress.key]);
    await setRecord(bench, plainRecord(bench, byName.key, bench.successor));
    await assertWire(bench, rehearsalHost, bench.successor);
    await setRecord(bench, plainRecord(bench, byAddress.key));
    const addressOrName = await served(bench, rehearsalHost);
    await removeRecords(bench, [byAddress.key]);
    await setRecord(bench, plainRecord(bench, any));
    const nameOrAny = await served(bench, rehearsalHost);
    const measured =
      addressOrName.thumbprint === bench.successor
        ? 'name-address-central-any'
        : nameOrAny.thumbprint === bench.successor
          ? 'address-name-central-any'
          : nameOrAny.thumbprint === bench.old
            ? 'address-any-name-central'
            : null;
    const how = `beside the exact address ${answered(bench, addressOrName.thumbprint)}, beside any address ${answered(bench, nameOrAny.thumbprint)}; the central store was left out`;
    return [{ name: 'endpoint-precedence', measured, how }];
  } finally {
    await removeRecords(bench, [any, byName.key]);
  }
}

async function wildcard(bench: Bench): Promise<readonly Finding[]> {
  const { byAddress, byName, port } = bench;
  const parent = rehearsalHost.split('.').slice(1).join('.');
  const key = formatRecordKey({ table: 'sni', host: `*.${parent}`, port });
  await removeRecords(bench, [byAddress.key]);
  await setRecord(bench, plainRecord(bench, byName.key));
  await assertWire(bench, rehearsalHost, bench.old);
  await removeRecords(bench, [byName.key]);
  try {
    await setRecord(bench, plainRecord(bench, key));
    const wire = await served(bench, rehearsalHost);
    const matches = wire.thumbprint === bench.old;
    const how = matches ? 'the record of *. was served' : `no handshake: ${wire.reason ?? wire.result}`;
    return [{ name: 'wildcard-records', measured: matches ? 'match' : 'literal', how }];
  } finally {
    await removeRecords(bench, [key]);
  }
}

export function plainRecord(bench: Bench, key = bench.byAddress.key, thumbprint = bench.old) {
  return makeCertificateBinding({ key, thumbprint, appId: rehearsalAppId });
}

/** As many options as every netsh can write: client certificates, mapper, cached revocation, both times. */
export function richRecord(bench: Bench) {
  return makeCertificateBinding({
    key: bench.byAddress.key,
    thumbprint: bench.old,
    appId: rehearsalAppId,
    flags: 0x3,
    certCheckMode: 0x6,
    revocationFreshnessSeconds: 3600,
    urlRetrievalTimeoutMs: 5000,
  });
}

function answered(bench: Bench, thumbprint: string | null): string {
  return thumbprint === null
    ? 'nothing answered'
    : `the ${thumbprint === bench.successor ? 'name' : 'address'} answered`;
}

function fieldsText(lost: readonly string[]): string {
  const set = 'client certificates, mapper, check mode, both times and application id';
  return lost.length === 0 ? `every field stayed: ${set}` : `lost or changed: ${lost.join(', ')}; set were ${set}`;
}

function isFlag(name: string): boolean {
  return name.startsWith('flag ');
}
