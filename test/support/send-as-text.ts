import { adapterText } from '../../src/server/windows/adapter-script.ts';
import { openSession } from '../../src/server/windows/session.ts';

/** What the program never does: hands a row to PowerShell as text, where its logs can write it down. */
export async function sendAsText(engine: string, home: string, row: readonly string[]): Promise<void> {
  const session = await openSession({
    engine,
    script: { file: null, text: adapterText },
    env: { HOME: home, PATH: process.env.PATH ?? '', TERM: 'dumb', NO_COLOR: '1' },
    systemFolder: '/nonexistent',
    setUp: [],
    startTimeoutMs: 60_000,
    callTimeoutMs: 60_000,
    maxRequestBytes: 1_000_000,
    maxReplyBytes: 1_000_000,
  });
  await session.call('Read-Tasks', [row]).catch(() => {});
  await session.close();
}
