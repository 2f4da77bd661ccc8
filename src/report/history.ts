import type { History } from '../model/history.ts';
import type { Look } from './look.ts';
import { resultTone, when } from './phrases.ts';
import { renderTable } from './table.ts';

export function historyText({ runs }: History, look: Look): string {
  if (runs.length === 0) return 'No run yet.';
  const rows = runs.map(({ run, at, result, counts }) => [
    run,
    when(at),
    { text: result, tone: resultTone(result) },
    ...[counts.changed, counts.blocked, counts.undone, counts.failed].map(String),
  ]);
  const columns = [
    { title: 'run', flexible: true },
    { title: 'at (UTC)' },
    { title: 'result' },
    { title: 'changed', align: 'right' as const },
    { title: 'blocked', align: 'right' as const },
    { title: 'undone', align: 'right' as const },
    { title: 'failed', align: 'right' as const },
  ];
  return renderTable(columns, rows, look);
}
