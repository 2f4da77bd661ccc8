import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { messageFrom } from '../../base/errors.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { defineCommand } from '../../shell/command.ts';
import { flag } from '../../shell/options.ts';
import { count } from '../../shell/print/phrases.ts';
import type { ServeEvent, ServingLab } from '../host/serve.ts';
import { labFolderOf, labNamed } from './folder.ts';

export const serve = defineCommand({
  examples: [['lab serve my-lab', 'Until Ctrl-C']],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .option('print', flag('Print what happens, instead of writing it to serve.log in the folder of the lab')),
  async run(args, { shell }) {
    const { serveLab } = await import('../host/serve.ts');
    const folder = labFolderOf(labNamed(args), shell.env);
    const log = join(folder, 'serve.log');
    const write = args.print ? (line: string) => shell.say(line) : writerOf(log);
    const serving = await serveLab(folder, { report: (event) => write(eventLine(event)) });
    const ready = { schema: 'certrebind/lab-ready/1', endpoints: serving.endpoints() };
    shell.result(ready, () => readyText(serving, args.print ? null : log));
    await serving.closed;
    return 0;
  },
});

/** Opened at the first line, when the folder is known to be a lab. What cannot be written disturbs nobody. */
function writerOf(log: string): (line: string) => void {
  let stream: WriteStream | null = null;
  return (line) => {
    stream ??= createWriteStream(log, { flags: 'a' }).on('error', () => undefined);
    stream.write(`${new Date().toISOString()} ${line}\n`);
  };
}

function readyText(serving: ServingLab, log: string | null): string {
  const lines = serving.listeners().map((listener) => {
    const address = listener.address.includes(':') ? `[${listener.address}]` : listener.address;
    const where = listener.listening ? `${listener.host} port ${listener.localPort}` : `not served: ${listener.reason}`;
    return `  ${address}:${listener.port} → ${where}`;
  });
  return [
    `Serving ${serving.folder}: ${count(serving.endpoints(), 'certificate binding')}.`,
    ...lines,
    ...(log === null ? [] : [`What happens is written to ${log}`]),
    'End with Ctrl-C, or certrebind lab stop.',
  ].join('\n');
}

function eventLine(event: ServeEvent): string {
  switch (event.event) {
    case 'task-started':
      return escapeControls(`task ${event.start.name} started: ${event.start.command} ${event.start.arguments}`);
    case 'task-finished':
      return escapeControls(`task ${event.start.name} ended with exit code ${event.exitCode}`);
    case 'handshake':
      return escapeControls(
        `handshake at ${event.address.address}:${event.address.port} for ${event.serverName ?? 'no name'}: ${event.welcome.do === 'serve' ? event.welcome.thumbprint.slice(0, 8) : event.welcome.do}`,
      );
    case 'trouble':
      return escapeControls(`trouble: ${messageFrom(event.error)}`);
  }
}
