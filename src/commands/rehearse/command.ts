import { once } from 'node:events';
import { createServer } from 'node:net';
import { CertRebindError } from '../../base/errors.ts';
import { escapeControls } from '../../base/safe-text.ts';
import type { Rehearsal } from '../../documents/rehearsal.ts';
import { newRunId, runContext } from '../../session/run/run.ts';
import { assertSafeState, prepareState } from '../../session/safe-state.ts';
import { clock, withServer } from '../../session/session.ts';
import { defineCommand } from '../../shell/command.ts';
import { firstOf, milliseconds } from '../../shell/print/phrases.ts';
import { type Cell, flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { declinedExitCode } from '../../shell/shell.ts';
import { rehearse as perform } from './rehearse.ts';

export const rehearse = defineCommand({
  examples: [
    ['rehearse', 'Says what it will make, then asks'],
    ['rehearse --yes --json', 'What it did, as one JSON document'],
  ],
  async run(args, invocation) {
    const { shell } = invocation;
    const agreed = await withServer(args, invocation, async (session) => {
      if (session.home === null)
        throw new CertRebindError('read-only-server', {
          message: 'A rehearsal changes the server, so it cannot run on a capture.',
        });
      shell.preview(
        () =>
          'This creates a site on 127.0.0.1 and two certificates, all named CertRebind-Rehearsal, replaces one by the other in a run as for a renewal, and rolls it back. CertRebind removes everything again.',
      );
      if (!(await shell.confirm('Rehearse on this server?'))) return declinedExitCode;
      await prepareState(session);
      return 0;
    });
    if (agreed !== 0) return agreed;
    // Opened again, so that its PowerShell uses the folder for temporary files that was created meanwhile.
    return withServer(args, invocation, async (session) => {
      await assertSafeState(session);
      const document = await perform(runContext(session), {
        id: newRunId(clock.now()),
        port: await freePort(),
        configuration: session.configuration,
      });
      return shell.result(document, rehearsalText, document.exitCode);
    });
  },
});

/** A port that the system gave out a moment ago, so that nothing listens on it. */
async function freePort(): Promise<number> {
  const probe = createServer().listen({ host: '127.0.0.1', port: 0, exclusive: true });
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new CertRebindError('server-unreachable', { message: 'No port of the loopback address is free.' });
}

/** What a rehearsal did, and whether it left anything behind. */
export function rehearsalText(
  { stages, clean, leftovers, differences, durationMs }: Rehearsal,
  look: TerminalStyle,
): string {
  const story = renderTable(
    ['stage', 'result', flexible('detail')],
    stages.map(({ stage, result, detail }): readonly Cell[] => {
      return [stage, { text: result, tone: result === 'done' ? 'good' : result === 'failed' ? 'bad' : 'warn' }, detail];
    }),
    look,
  );
  const end = clean
    ? `Everything was removed again. Two snapshots prove it (${milliseconds(durationMs)}).`
    : [
        'The server is not as it was before. You have to clean up:',
        ...firstOf([...leftovers.map((each) => `${each} is still there`), ...differences], 6, look).map(
          (each) => `  ${escapeControls(each)}`,
        ),
      ].join('\n');
  return `${story}\n\n${end}`;
}
