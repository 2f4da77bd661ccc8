import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withServer } from '../../session/session.ts';
import { putSettings } from '../../session/setup/set-configuration.ts';
import { defineCommand, type Invocation } from '../../shell/command.ts';
import { defaults } from '../../shell/globals.ts';
import { flag } from '../../shell/options.ts';
import { count } from '../../shell/print/phrases.ts';
import { Story } from './demo-story.ts';

export const demo = defineCommand({
  examples: [
    ['lab demo', 'In a temporary folder that is removed afterwards'],
    ['lab demo --keep', 'And look around in it afterwards'],
    ['lab demo --server windows', 'Through the Windows side, in a real PowerShell'],
  ],
  build: (yargs) => yargs.option('keep', flag('Keep the folder of the lab')),
  async run(args, invocation) {
    const folder = await mkdtemp(join(tmpdir(), 'certrebind-demo-'));
    try {
      const exitCode = await inNewLab({ folder: join(folder, 'lab'), server: args.server }, invocation);
      if (args.keep) invocation.shell.say(lookAround(join(folder, 'lab')));
      return exitCode;
    } finally {
      // What a task had started may still be dying, and write meanwhile.
      if (!args.keep) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
});

async function inNewLab(
  { folder, server }: { readonly folder: string; readonly server: string | undefined },
  invocation: Invocation,
): Promise<number> {
  const { shell } = invocation;
  const signal = shell.interruptible();
  const [{ createLab }, { serveLab }] = await Promise.all([import('../host/create.ts'), import('../host/serve.ts')]);
  const lab = await createLab({ folder });
  const [widest] = lab.certificates;
  if (widest === undefined) throw new TypeError('a new lab has a certificate');
  shell.say(
    `A lab server with ${count(lab.sites, 'site')}, ${count(lab.records, 'certificate binding')} and real certificates:`,
  );
  shell.say(`${lab.folder}\n`);
  // A busy machine makes a handshake wait, the run's own too: that says nothing about the certificates.
  await putSettings([['handshake.timeoutMs', '60000']], { ...defaults, lab: folder }, invocation);
  const story = new Story(shell, folder, signal);
  const serving = await serveLab(folder, { report: (event) => story.show(event) });
  try {
    return await withServer({ ...defaults, server, lab: folder }, invocation, (session) =>
      story.tell(session, widest.thumbprint),
    );
  } finally {
    await serving.close();
  }
}

function lookAround(folder: string): string {
  const program = `${process.argv0} ${process.argv[1] ?? 'certrebind'}`;
  return [
    '',
    `The lab stays in ${folder}. Nothing runs any more. Look around:`,
    `  ${program} lab serve ${folder}`,
    `  ${program} status --lab ${folder}`,
    `  ${program} history --lab ${folder}`,
  ].join('\n');
}
