import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { type SecretFile, secretFile } from '../../engine/state/secrets.ts';
import { prepareState } from '../../session/safe-state.ts';
import { type Session, serverCommand } from '../../session/session.ts';
import { groupOf } from '../../shell/command.ts';
import { needed, parseName } from '../../shell/options.ts';

const longestSecret = 4096;

const set = serverCommand({
  examples: [
    ['secret set smtp', 'Asks for the value and does not show it'],
    ['secret set teams', 'From a file, in PowerShell: Get-Content url.txt | certrebind secret set teams'],
  ],
  build: (yargs) => yargs.positional('name', needed('The name of the secret')),
  configuration: 'if-readable',
  read: ({ name }) => parseName(name, 'name', 'secret'),
  async run(session, _args, name) {
    const { shell } = session;
    const file = assertFile(session);
    await prepareState(session);
    const value = await shell.secret(`Value of ${name}`);
    if (value === '' || value.length > longestSecret || /[\r\n\0]/.test(value))
      throw wrongUse('standard input', `A secret must be one line of 1 to ${longestSecret} characters.`);
    await file.write(name, value);
    return shell.result(await knownIn(file), () => `The secret ${name} is set.`);
  },
});

const list = serverCommand({
  examples: [['secret list', 'Only the names. No command shows a value']],
  configuration: 'if-readable',
  async run(session) {
    const known = await knownIn(assertFile(session));
    const isPlain = (name: string) => session.server.protection !== undefined && known.unencrypted.includes(name);
    const lines = known.names.map((name) => (isPlain(name) ? `${name} (not encrypted; set it again)` : name));
    return session.shell.result(known, () => (lines.length === 0 ? 'There are no secrets.' : lines.join('\n')));
  },
});

const remove = serverCommand({
  examples: [['secret remove smtp', 'Messages that need it can then no longer be sent']],
  build: (yargs) => yargs.positional('name', needed('Which one')),
  configuration: 'if-readable',
  async run(session, args) {
    const file = assertFile(session);
    const name = parseName(args.name, 'name', 'secret');
    if (!(await file.remove(name)))
      throw new CertRebindError('no-such-secret', { message: `There is no secret ${name} on this server.` });
    return session.shell.result(await knownIn(file), () => `The secret ${name} is removed.`);
  },
});

export const secret = groupOf(
  ['set <name>', 'Store a secret that the configuration refers to as secret:<name>', set],
  ['list', 'List the names of the secrets', list],
  ['remove <name>', 'Remove a secret', remove],
);

/** What is shown of secrets: never a value. */
export interface SecretsKnown {
  readonly schema: 'certrebind/secrets-known/1';
  readonly names: readonly string[];
  /** Those that are not encrypted: all of them on a server that encrypts none. */
  readonly unencrypted: readonly string[];
}

async function knownIn(file: SecretFile): Promise<SecretsKnown> {
  return { schema: 'certrebind/secrets-known/1', ...(await file.known()) };
}

function assertFile({ home, server }: Pick<Session, 'home' | 'server'>) {
  if (home !== null) return secretFile(home, server.protection);
  throw new CertRebindError('read-only-server', { message: 'A captured server has no secrets.' });
}
