import { escapeControls } from '../../base/safe-text.ts';
import { listed } from '../../documents/finding.ts';
import { day } from '../../model/certificates/named-certificate.ts';
import { flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { when, zoneOf } from '../../shell/print/times.ts';
import type { ListedWatch, Watches } from './document.ts';

export function watchesText({ watches, runs }: Watches, look: TerminalStyle): string {
  if (watches.length === 0) return 'There are no watches.';
  const columns = [flexible('folder'), 'only', `looked at (${zoneOf(look)})`, flexible('found')];
  const rows = watches.map((watch) => [
    escapeControls(watch.path),
    watch.names?.join(', ') ?? 'all',
    watch.lookedAt === null ? 'never' : when(watch.lookedAt, look),
    foundIn(watch).map(escapeControls),
  ]);
  const lines = runs.map(({ run, result }) => `Run ${run}: ${result}. To see it: certrebind history ${run}`);
  return [renderTable(columns, rows, look), ...lines].join('\n');
}

function foundIn({ unreachable, incomplete, newest, lookedAt }: ListedWatch): readonly string[] {
  const lines = [
    ...(unreachable === null ? [] : [`not reachable: ${unreachable.why}`]),
    ...incomplete.map(({ path, why }) => `${path}: ${why}`),
    ...newest.map(
      (set) =>
        `${listed(set.names.split(' '))} (${set.thumbprint.slice(0, 8)}), ends ${day(set.notAfter)}: ${stateText(set)}`,
    ),
  ];
  return lines.length > 0 || lookedAt === null ? lines : ['no certificate'];
}

function stateText({ state, why, wentBackTo }: ListedWatch['newest'][number]): string {
  if (wentBackTo !== null) return `an older one is in its place (${wentBackTo.slice(0, 8)})`;
  switch (state) {
    case 'found':
      return 'not taken yet';
    case 'taken':
      return 'taken';
    case 'unused':
      return `not needed: ${why ?? ''}`;
    case 'refused':
      return `not taken: ${why ?? ''}`;
  }
}
