import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import type { Status } from '../../documents/status.ts';

/** One metric as the text format of Prometheus has it: its name, its help, and its samples. */
type Metric = readonly [name: string, help: string, samples: readonly Sample[]];
type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/**
 * The status as numbers, in the text format that the textfile collectors of node_exporter and windows_exporter read: UTF-8,
 * lines that end in LF, no times.
 */
export function prometheusText(status: Status, version: string): string {
  return metricsOf(status, version)
    .filter(([, , samples]) => samples.length > 0)
    .flatMap(([name, help, samples]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...samples.map(([value, labels = {}]) => `${name}${labelsText(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function metricsOf(status: Status, version: string): readonly Metric[] {
  const { enabled, inUse, pending, waiting, held, lastRun, findings, certificates } = status;
  const used = new Set(inUse.thumbprints);
  return [
    ['certrebind_build_info', 'The version of CertRebind that wrote this.', [[1, { version }]]],
    [
      'certrebind_enabled',
      'Whether the scheduled task that a renewal starts is registered and enabled.',
      enabled === null ? [] : [[Number(enabled)]],
    ],
    [
      'certrebind_findings',
      'Findings of certrebind status, by code.',
      [...groupBy(findings, ({ code, severity }) => `${code} ${severity}`).values()].map((group): Sample => {
        const [{ code, severity }] = group;
        return [group.length, { code, severity }];
      }),
    ],
    [
      'certrebind_renewals',
      'Pending renewals, those that wait for their window, and those on hold.',
      [
        [pending.length, { state: 'pending' }],
        [waiting.length, { state: 'waiting' }],
        [held.length, { state: 'held' }],
      ],
    ],
    ['certrebind_sites', 'IIS sites with an HTTPS binding.', [[inUse.sites]]],
    [
      'certrebind_last_run_timestamp_seconds',
      'When the last run that changed or tried something began.',
      lastRun === null ? [] : [[Date.parse(lastRun.at) / 1000]],
    ],
    [
      'certrebind_last_run_exit_code',
      'Exit code of the last run. certrebind explain shows what a number means.',
      lastRun === null ? [] : [[lastRun.exitCode, { result: lastRun.result }]],
    ],
    [
      'certrebind_last_start_failed',
      'Whether the last start by a scheduled task failed.',
      [[Number(status.lastError !== null)]],
    ],
    [
      'certrebind_certificate_not_after_timestamp_seconds',
      'When each certificate that IIS uses, or that belongs to a renewal, expires.',
      certificates.map(({ thumbprint, name, issuer, notAfter }) => [
        Date.parse(notAfter) / 1000,
        { thumbprint, name, issuer, in_use: String(used.has(thumbprint)) },
      ]),
    ],
  ];
}

/** Names are written by others: a quote, a backslash or a line end in one must not end the value. */
function labelsText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeControls(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
