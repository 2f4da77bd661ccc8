import { type KeyText, toRecordKey } from '../../kinds/record-key.ts';
import { fieldsOf, findEntry, listEntries } from './http-sys.ts';
import type { LabState, RegistryEntry } from './lab-state.ts';
import { answer, type NetshAnswer, netshKey } from './netsh-command.ts';
import { checkBits, flagBits } from './netsh-options.ts';
import type { NetshText } from './netsh-text.ts';

/** `netsh http show sslcert`: one record, or all of them. */
export function show(state: LabState, words: readonly string[], text: NetshText): NetshAnswer {
  const title = [text.title, '-'.repeat(25), ''];
  const key = netshKey(words);
  if (words.length > 0 && key === null) return answer(state, 1, [text.badParameter]);
  const shown =
    key === null
      ? listEntries(state.httpSys)
      : [{ key, entry: findEntry(state.httpSys, key) }].flatMap(({ key, entry }) =>
          entry === null ? [] : [{ key, entry }],
        );
  if (shown.length === 0) return answer(state, 1, [...title, text.notFound]);
  return answer(state, 0, [...title, ...shown.flatMap(({ key, entry }) => [...block(state, key, entry, text), ''])]);
}

function block(state: LabState, key: KeyText, entry: RegistryEntry, text: NetshText): readonly string[] {
  const fields = fieldsOf(entry);
  const enabled = (on: boolean) => (on ? text.enabled : text.disabled);
  const identity =
    fields.thumbprint === null
      ? [row(text.appId, fields.appId)]
      : [
          row(text.hash, fields.thumbprint.toLowerCase()),
          row(text.appId, fields.appId),
          row(text.store, fields.store ?? text.none),
        ];
  return [
    keyRow(state, key, text),
    ...identity,
    row(text.revocation, enabled((fields.checkMode & checkBits.noRevocation) === 0)),
    row(text.cachedOnly, enabled((fields.checkMode & checkBits.cachedOnly) !== 0)),
    row(text.usage, enabled((fields.checkMode & checkBits.noUsage) === 0)),
    row(text.freshness, `${fields.freshnessSeconds}`),
    row(text.urlTimeout, `${fields.urlTimeoutMs}`),
    row(text.ctlIdentifier, fields.ctlIdentifier ?? text.none),
    row(text.ctlStore, fields.ctlStoreName ?? text.none),
    row(text.dsMapper, enabled((fields.flags & flagBits.dsMapper) !== 0)),
    row(text.negotiate, enabled((fields.flags & flagBits.negotiateClientCertificate) !== 0)),
    ...(state.osBuild >= 14393 ? [row(text.reject, enabled((fields.flags & flagBits.reject) !== 0))] : []),
    ...flagRows
      .filter(({ since }) => state.osBuild >= since)
      .map(({ label, bit }) => row(text[label], (fields.flags & bit) !== 0 ? text.set : text.notSet)),
    ...extendedProperties(state, text),
  ];
}

/** Newer systems show these for every record; it is not known what changes them. */
function extendedProperties({ osBuild }: LabState, text: NetshText): readonly string[] {
  if (osBuild < 20348) return [];
  const property = (id: number, ...rows: readonly string[]) => [
    ` ${text.extended}`,
    row(text.propertyId, `${id}`),
    ...rows,
  ];
  return [
    ...property(0, row(text.receiveWindow, '1048576')),
    ...property(1, row(text.maxPerFrame, '2796202'), row(text.maxPerMinute, '4294967295')),
    ...(osBuild < 26100 ? [] : [2, 3, 4].flatMap((id) => property(id))),
  ];
}

function keyRow({ switches }: LabState, key: KeyText, text: NetshText): string {
  const { table, port } = toRecordKey(key) ?? { table: 'ip', port: 0 };
  switch (table) {
    case 'ip':
      return row(text.ipPort, key);
    case 'sni':
      return row(text.hostnamePort, key);
    case 'ccs':
      return switches['netsh-central-store-text'] === 'own-label'
        ? row(text.centralStore, `${port}`)
        : row(text.hostnamePort, `*:${port}`);
  }
}

function row(label: string, value: string): string {
  return `    ${`${label} `.padEnd(29)}: ${value}`;
}

/** Rows of `show sslcert` that newer systems print as `Set` or `Not Set`, in their order. */
const flagRows: readonly { label: keyof NetshText; bit: number; since: number }[] = [
  { label: 'http2', bit: flagBits.disableHttp2, since: 14393 },
  { label: 'quic', bit: flagBits.disableQuic, since: 17763 },
  { label: 'tls12', bit: flagBits.disableTls12, since: 17763 },
  { label: 'tls13', bit: flagBits.disableTls13, since: 17763 },
  { label: 'ocsp', bit: flagBits.disableOcspStapling, since: 17763 },
  { label: 'tokenBinding', bit: flagBits.enableTokenBinding, since: 20348 },
  { label: 'logExtended', bit: flagBits.logExtendedEvents, since: 20348 },
  { label: 'legacyTls', bit: flagBits.disableLegacyTls, since: 17763 },
  { label: 'sessionTicket', bit: flagBits.enableSessionTicket, since: 20348 },
  { label: 'sessionId', bit: flagBits.disableSessionId, since: 26100 },
  { label: 'cacheHello', bit: flagBits.cacheClientHello, since: 26100 },
];
