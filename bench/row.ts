import { cpus, loadavg, release, totalmem } from 'node:os';

/** One measured line of bench/measured.md. Milliseconds unless `unit` says otherwise. */
export interface Row {
  readonly what: string;
  readonly size: string;
  readonly median: number;
  /** Least and most seen; `null` when it was measured once. */
  readonly spread: readonly [least: number, most: number] | null;
  readonly unit: 'ms' | 'MB' | '';
  /** How it compares with the row before or with a yardstick of the same run. */
  readonly compared: string;
}

export function row(
  what: string,
  size: string,
  samples: readonly number[],
  { unit = 'ms', compared = '' }: { readonly unit?: Row['unit']; readonly compared?: string } = {},
): Row {
  const sorted = samples.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const spread = sorted.length > 1 ? ([sorted[0] ?? 0, sorted.at(-1) ?? 0] as const) : null;
  return { what, size, median, spread, unit, compared };
}

/** Each row against the one before: how the time grew against how the size grew; 1.0 is linear. */
export function withGrowth(rows: readonly Row[], sizes: readonly number[]): readonly Row[] {
  return rows.map((now, at) => {
    const [before, times] = [rows[at - 1], (sizes[at] ?? 1) / (sizes[at - 1] ?? 1)];
    if (before === undefined) return now;
    const grown = `${(now.median / before.median / times).toFixed(1)} of linear`;
    return { ...now, compared: now.compared === '' ? grown : `${now.compared}; ${grown}` };
  });
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ what, size, median, spread, unit, compared }) => [
    what,
    size,
    `${figure(median)} ${unit}`.trim(),
    spread === null ? 'once' : `${figure(spread[0])} to ${figure(spread[1])}`,
    compared,
  ]);
  return markdownTable([['what', 'size', 'median', 'least to most', 'growth, comparison'], ...lines]);
}

export function markdownTable([head = [], ...lines]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Includes the load of the last minute, so call it before anything is measured. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}, Node ${process.version}, load ${(loadavg()[0] ?? 0).toFixed(1)} before`;
}

function figure(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}
