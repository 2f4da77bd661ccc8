import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import type { Status } from '../../documents/status.ts';

/** One metric with its samples, as the text format of Prometheus has them. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/**
 * The status as numbers, in the text format that the textfile collectors of node_exporter and windows_exporter read: UTF-8,
 * lines that end in LF, no times.
 */
export function prometheusText(status: Status, version: string): string {
  return metricsOf(status, version)
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...samples.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function metricsOf(status: Status, version: string): readonly Metric[] {
  const { enabled, inUse, pending, waiting, held, lastRun, findings, certificates } = status;
  const used = new Set(inUse.thumbprints);
  return [
    {
      name: 'certrebind_build_info',
      help: 'The version of CertRebind that wrote this.',
      samples: [{ labels: { version }, value: 1 }],
    },
    {
      name: 'certrebind_enabled',
      help: 'Whether the scheduled task that a renewal starts is registered and enabled.',
      samples: enabled === null ? [] : [{ value: Number(enabled) }],
    },
    {
      name: 'certrebind_findings',
      help: 'Findings of certrebind status, by code.',
      samples: [...groupBy(findings, ({ code, severity }) => `${code} ${severity}`).values()].map((group) => {
        const [{ code, severity }] = group;
        return { labels: { code, severity }, value: group.length };
      }),
    },
    {
      name: 'certrebind_renewals',
      help: 'Pending renewals, those that wait for their window, and those on hold.',
      samples: [
        { labels: { state: 'pending' }, value: pending.length },
        { labels: { state: 'waiting' }, value: waiting.length },
        { labels: { state: 'held' }, value: held.length },
      ],
    },
    {
      name: 'certrebind_sites',
      help: 'IIS sites with an HTTPS binding.',
      samples: [{ value: inUse.sites }],
    },
    {
      name: 'certrebind_last_run_timestamp_seconds',
      help: 'When the last run that changed or tried something began.',
      samples: lastRun === null ? [] : [{ value: Date.parse(lastRun.at) / 1000 }],
    },
    {
      name: 'certrebind_last_run_exit_code',
      help: 'Exit code of the last run. certrebind explain shows what a number means.',
      samples: lastRun === null ? [] : [{ labels: { result: lastRun.result }, value: lastRun.exitCode }],
    },
    {
      name: 'certrebind_last_start_failed',
      help: 'Whether the last start by a scheduled task failed.',
      samples: [{ value: Number(status.lastError !== null) }],
    },
    {
      name: 'certrebind_certificate_not_after_timestamp_seconds',
      help: 'When each certificate that IIS uses, or that belongs to a renewal, expires.',
      samples: certificates.map(({ thumbprint, name, issuer, notAfter }) => ({
        labels: { thumbprint, name, issuer, in_use: String(used.has(thumbprint)) },
        value: Date.parse(notAfter) / 1000,
      })),
    },
  ];
}

/** Names are written by others: a quote, a backslash or a line end in one must not end the value. */
function labelsText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeControls(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
