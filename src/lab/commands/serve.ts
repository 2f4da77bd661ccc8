import { defineCommand } from '../../command-line/command.ts';
import { count } from '../../command-line/print/phrases.ts';
import { messageFrom } from '../../text/errors.ts';
import { escapeControls } from '../../text/safe-text.ts';
import type { ServeEvent, ServingLab } from '../host/serve.ts';
import { labFolderOf, labNamed } from './folder.ts';

export const serve = defineCommand({
  examples: [['lab serve my-lab', 'In a terminal of its own']],
  build: (yargs) => yargs.positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' }),
  async run(args, { shell }) {
    const { serveLab } = await import('../host/serve.ts');
    const folder = labFolderOf(labNamed(args), shell.env);
    const serving = await serveLab(folder, { report: (event) => shell.say(eventLine(event)) });
    const ready = { schema: 'certrebind/lab-ready/1', endpoints: serving.endpoints() };
    shell.result(ready, () => readyText(serving));
    await serving.closed;
    return 0;
  },
});

function readyText(serving: ServingLab): string {
  const lines = serving.listeners().map((listener) => {
    const address = listener.address.includes(':') ? `[${listener.address}]` : listener.address;
    const where = listener.listening ? `${listener.host} port ${listener.localPort}` : `not served: ${listener.reason}`;
    return `  ${address}:${listener.port} → ${where}`;
  });
  return `Serving ${serving.folder}: ${count(serving.endpoints(), 'certificate binding')}.\n${lines.join('\n')}\nEnd with Ctrl-C.`;
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
