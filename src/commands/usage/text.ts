import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import type { HandledConsumer, Usage, UsedCertificate } from '../../documents/usage.ts';
import { consumerText } from '../../kinds/consumer.ts';
import { certificateText, day } from '../../model/certificates/named-certificate.ts';
import { consumersText, count, heading, paragraphs } from '../../shell/print/phrases.ts';
import { type Cell, flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { writtenLines } from '../../shell/print/written-text.ts';

/** Which consumers use which certificate, and whether this program would change them. */
export function usageText(usage: Usage, look: TerminalStyle): string {
  const { certificates, missing, notLookedAt } = usage;
  const missingTable = renderTable(
    [flexible('certificate'), 'store', flexible('used by')],
    missing.map((entry) => [entry.thumbprint, entry.store ?? '-', consumersText(entry.consumers, look)]),
    look,
  );
  return paragraphs(
    [
      certificates.length === 0 ? absence(usage) : certificatesTable(usage, look),
      missing.length === 0 ? null : [heading('Used, but not in any store', look), missingTable],
      linesToType(usage, look),
      certificates.length === 0 ? null : summary(usage),
      usage.written === undefined ? null : writtenLines(usage.written, look),
      [heading('Not looked at', look), ...notLookedAt.map((name) => `  ${escapeControls(name)}`)],
    ],
    look,
  );
}

/** The reader may want to remove a certificate: that nothing names it is only true for what was looked at. */
function absence({ missing }: Usage): string {
  return missing.length === 0
    ? 'No store on this server has this certificate, and nothing that was read uses it.'
    : 'No store on this server has this certificate.';
}

function certificatesTable({ certificates }: Usage, look: TerminalStyle): string {
  return renderTable(
    [flexible('certificate'), flexible('store'), flexible('changed by CertRebind'), flexible('to be changed by you')],
    certificates.map((entry) => [
      [
        certificateText(entry),
        `${look.full === true ? entry.thumbprint : entry.short}, ends ${day(entry.notAfter)}`,
        ...keyLines(entry),
      ],
      entry.store,
      ...byHandling(entry.consumers, look),
    ]),
    look,
  );
}

/** A certificate with its key, and consumers that may read the key, are normal and not mentioned. */
function keyLines({ hasKey, consumers }: UsedCertificate): readonly string[] {
  if (hasKey === null) return ['key unknown'];
  if (!hasKey) return ['no private key'];
  return consumers
    .filter(({ readsKey }) => readsKey === false)
    .map((consumer) => `${consumerText(consumer)} cannot read its key`);
}

function byHandling(consumers: readonly HandledConsumer[], look: TerminalStyle): readonly [Cell, Cell] {
  const text = (wanted: boolean) => {
    const lines = consumersText(
      consumers.filter(({ handled }) => handled === wanted),
      look,
    );
    // Hardly any word is as long as an application id, and its beginning is enough to tell it from others.
    return lines.length === 0
      ? '-'
      : lines.map((line) => (look.full === true ? line : line.replace(/\{([0-9a-f]{8})-[0-9a-f-]{27}\}/i, '{$1-…}')));
  };
  return [text(true), text(false)];
}

/** Each line once, with why it is left, and the command that changes it. */
function linesToType({ certificates, missing }: Usage, look: TerminalStyle): readonly string[] {
  const byLine = groupBy(
    [...certificates, ...missing].flatMap((entry) => entry.consumers).filter(({ command, why }) => command ?? why),
    ({ command = '', why = '' }) => [why, command].filter(Boolean).join('\n'),
  );
  if (byLine.size === 0) return [];
  return [
    heading('How to change them', look),
    ...[...byLine].flatMap(([lines, consumers]) => [
      `  ${consumersText(consumers, look).map(escapeControls).join(', ')}`,
      ...lines.split('\n').map((line) => `    ${escapeControls(line)}`),
    ]),
  ];
}

function summary({ certificates, missing }: Usage): string {
  const used = certificates.filter(({ consumers }) => consumers.length > 0).length;
  const consumers = [...certificates, ...missing].flatMap((entry) => entry.consumers);
  const handled = consumers.filter((consumer) => consumer.handled).length;
  return `${count(certificates.length, 'certificate')}, ${used} in use in ${count(consumers.length, 'place')}. CertRebind would change ${handled}.`;
}
