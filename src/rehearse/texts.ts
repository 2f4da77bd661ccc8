import type { RehearsalLook } from '../documents/rehearsal.ts';
import { formatRecordKey } from '../holders/record-key.ts';
import { centralStoreForm, netshLanguage } from '../holders/tls/netsh-text.ts';
import { servicesMayWrite } from '../windows/channel-access.ts';
import { type Bench, type Finding, measure, NotMeasured, removeRecords, setRecord } from './bench.ts';
import { plainRecord } from './records.ts';

/** How Windows writes what it shows of a record, and who may write to the lifecycle log. */
export async function measureTexts(bench: Bench): Promise<readonly Finding[]> {
  return [
    ...(await measure(['certificate-hash-case', 'store-name-case'], () => letterCase(bench))),
    ...(await measure(['netsh-localised'], () => language(bench))),
    ...(await measure(['central-store-record'], () => centralStore(bench))),
    ...(await measure(['event-writers'], () => eventWriters(bench))),
  ];
}

async function letterCase(bench: Bench): Promise<readonly Finding[]> {
  const { thumbprint, store } = await setRecord(bench, plainRecord(bench));
  const { site, byAddress, old } = bench;
  const [hash = '', name = ''] = await look(bench, {
    look: 'binding-certificate',
    site,
    information: byAddress.information,
  });
  const written = `of a record that holds ${thumbprint} in ${store} the binding object says`;
  return [
    {
      name: 'certificate-hash-case',
      measured: hash === old ? 'upper' : hash === old.toLowerCase() ? 'lower' : null,
      how: `${written} ${JSON.stringify(hash)}`,
    },
    {
      name: 'store-name-case',
      measured: name === 'MY' ? 'upper' : name === 'My' ? 'as-written' : null,
      how: `${written} ${JSON.stringify(name)}; "My" was written`,
    },
  ];
}

async function language(bench: Bench): Promise<readonly Finding[]> {
  await setRecord(bench, plainRecord(bench));
  const [text = ''] = await look(bench, { look: 'netsh-record', key: bench.byAddress.key });
  const shown = netshLanguage(text);
  if (shown === null) throw new NotMeasured(`netsh shows no application id: ${oneLine(text)}`);
  const how = `the application id stands behind ${JSON.stringify(shown.label)}`;
  return [{ name: 'netsh-localised', measured: shown.language, how }];
}

/** On the port of the rehearsal, where no other record is. */
async function centralStore(bench: Bench): Promise<readonly Finding[]> {
  const { port } = bench;
  const key = formatRecordKey({ table: 'ccs', port });
  try {
    await setRecord(bench, { ...plainRecord(bench, key), thumbprint: null });
    const [text = ''] = await look(bench, { look: 'netsh-record', key });
    const form = centralStoreForm(text, port);
    if (form === null) throw new NotMeasured(`netsh shows it in a form of its own: ${oneLine(text)}`);
    return [{ name: 'central-store-record', measured: form.form, how: `netsh shows ${JSON.stringify(form.line)}` }];
  } finally {
    await removeRecords(bench, [key]);
  }
}

async function eventWriters(bench: Bench): Promise<readonly Finding[]> {
  const [sddl = ''] = await look(bench, { look: 'log-access' });
  const may = servicesMayWrite(sddl);
  const how = `the access descriptor of the lifecycle log is ${sddl === '' ? 'not told' : sddl}`;
  return [{ name: 'event-writers', measured: may === null ? null : may ? 'allowed' : 'denied', how }];
}

function look({ context }: Bench, what: RehearsalLook): Promise<readonly string[]> {
  return context.server.look(what);
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 500);
}
