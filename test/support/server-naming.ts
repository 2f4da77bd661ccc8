import type { Snapshot } from '../../src/kinds/snapshot.ts';
import { rawString } from '../../src/model/windows/raw-value.ts';
import {
  certificate,
  https,
  logOf,
  record,
  replaced,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../builders/snapshot.ts';

/** A server that bears one word wherever a text can stand. */
export function serverNaming(word: string): Snapshot {
  const raw = { [`${word}Value`]: rawString(word), [`${word}Key\\`]: { type: word, base64: rawString(word).base64 } };
  const event = {
    ...replaced(7, 'old', 'new', { accountName: word, userId: word, processName: word }),
    action: word,
    context: word,
  };
  const side = {
    thumbprint: null,
    template: word,
    names: [word],
    ekus: [word, `1.3.6.1.4.1.311.21.8.${word}`],
    notAfter: word,
  };
  return snapshot({
    server: { id: word, name: word, kind: 'windows', iis: word, osBuild: 1 },
    sources: [
      { part: 'sites', from: `${word}.config` },
      { part: word, from: `WebAdministration, because: ${word}` },
    ],
    sites: [
      site(word, [
        sni(`${word}.${word}`),
        https(`*:443:${word} ${word}`),
        { protocol: word, information: `${word}:443:${word}`, sslFlags: 0, parts: null, recordKey: null },
      ]),
    ],
    records: [
      record(`${word}.${word}:443`, 'old', { store: word, ctlIdentifier: word, ctlStoreName: word, more: raw }),
    ],
    unreadable: [
      { part: 'records', where: word, text: `${word}:444`, why: word },
      { part: 'records', where: word, text: `{${word}}`, why: word },
    ],
    certificates: [
      certificate('old', {
        names: [word, `${word} `],
        subject: word,
        issuer: word,
        commonName: word,
        friendlyName: word,
        store: word,
        ekus: [word, `1.3.${word}`],
        keyType: word,
        keyReason: word,
        intermediates: [word],
        serialNumber: word,
        ipAddresses: [word],
      }),
    ],
    ftps: [{ site: word, thumbprint: thumbprintOf('ftp'), store: word }],
    listenOnly: [word],
    others: [
      {
        thumbprint: word,
        consumer: { kind: 'winrm', detail: word },
        remoting: { port: 5986, hostname: word, state: 'started', carriesRun: 'no' },
      },
      { thumbprint: thumbprintOf('rdp'), consumer: { kind: 'rdp', detail: word } },
      { thumbprint: thumbprintOf('wmsvc'), consumer: { kind: 'wmsvc', detail: 'WMSVC' } },
      {
        thumbprint: word,
        consumer: { kind: 'sql', detail: word },
        stands: { place: word, written: word, service: word, state: 'started' },
      },
    ],
    tasks: [{ path: word, name: word, enabled: true, lastResult: 0, lastRunAt: word, xml: word }],
    lifecycle: logOf({ ...event, timeCreated: word, old: side, new: side, certificate: side }),
    netsh: { update: true, options: [word, 'usagecheck'] },
  });
}

/** The text of a document, and of what its raw values hold. */
export function everyText(document: unknown): string {
  const json = JSON.stringify(document);
  const values = [...json.matchAll(/"base64":"([^"]*)"/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  return [json, ...values.flatMap((bytes) => [bytes.toString('latin1'), bytes.toString('utf16le')])]
    .join('\n')
    .toLowerCase();
}
