import type { Endpoint } from '../../model/certificates/handshake.ts';
import { endpointText } from '../../model/certificates/handshake.ts';
import { namingOf } from '../../shell/print/phrases.ts';
import { renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';

/** What the clients of one endpoint saw. */
export interface DemoRow {
  readonly endpoint: Endpoint;
  readonly sites: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
  readonly tried: number;
  readonly failed: number;
  /** From the event to the first handshake with another certificate; `null` if nothing changed. */
  readonly servedAfterMs: number | null;
}

export function demoTable(rows: readonly DemoRow[], look: TerminalStyle): string {
  const { short } = namingOf({}, look);
  return renderTable(
    [
      { title: 'endpoint', flexible: true },
      { title: 'sites', flexible: true },
      { title: 'before' },
      { title: 'after' },
      { title: 'handshakes', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'ms', align: 'right' },
    ],
    rows.map((row) => [
      endpointText(row.endpoint),
      row.sites,
      short(row.before),
      row.before === row.after ? 'as before' : { text: short(row.after), tone: 'good' as const },
      String(row.tried),
      row.failed === 0 ? '0' : { text: String(row.failed), tone: 'bad' as const },
      row.servedAfterMs === null ? '-' : String(Math.round(row.servedAfterMs)),
    ]),
    look,
  );
}
