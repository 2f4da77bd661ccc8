import type { Argv } from 'yargs';
import { asResult, CertRebindError, errorDocument, wrongUse } from '../../base/errors.ts';
import { dscManifest, dscSchema } from '../../documents/dsc-manifest.ts';
import { parseWantedServer, type WantedServer } from '../../documents/dsc-server.ts';
import { noPersistentFiles, persistentFiles } from '../../engine/state/persistent-files.ts';
import {
  type Difference,
  type DscFacts,
  differences,
  dscPreview,
  dscServer,
  withFindings,
} from '../../engine/views/dsc-server.ts';
import { readConfiguration, withServer } from '../../session/session.ts';
import { withInstallationLock } from '../../session/setup/installation-lock.ts';
import { unregister } from '../../session/setup/registration.ts';
import { putInForce } from '../../session/setup/set-configuration.ts';
import { setUp } from '../../session/setup/set-up.ts';
import { tasksToRegister, triggerTasks } from '../../session/setup/tasks.ts';
import { readStatus } from '../../session/status/read-status.ts';
import { type Command, type CommandSpec, defineCommand, groupOf, type Invocation } from '../../shell/command.ts';
import type { GlobalArguments } from '../../shell/globals.ts';
import { argument, flag } from '../../shell/options.ts';
import { asciiJson } from '../../shell/output.ts';
import { type OpenedServer, openServer } from '../../shell/servers.ts';
import { systemError } from '../../shell/shell.ts';
import { version } from '../../shell/version.ts';

/** What ends a verb early is said on stderr, in the form that DSC shows its user. */
function verb<A extends GlobalArguments>({ run, ...told }: CommandSpec<A>): Command {
  return defineCommand<A>({
    ...told,
    async run(args, invocation) {
      try {
        return await run(args, invocation);
      } catch (thrown) {
        const { exitCode, error } = errorDocument(systemError(thrown));
        const said = `${error.code}: ${error.message} ${error.hint ?? ''}`.replace(/\s+/g, ' ').trim();
        invocation.shell.trace({ error: said });
        return exitCode;
      }
    },
  });
}

// The verbs of a resource of DSC v3: JSON on stdin, one line of JSON on stdout, JSON lines on stderr.

const get = verb({
  examples: [['dsc get', 'One line of JSON']],
  build: withInput,
  // DSC sends the wanted state along, but a server has only one instance, and all of it is read.
  run: answerServer,
});

const test = verb({
  examples: [[`dsc test --input '{"_exist":true}'`, 'The answer says _inDesiredState']],
  build: withInput,
  async run(args, invocation) {
    const wanted = await readWanted(args);
    const facts = await readDscFacts(args, invocation);
    const due = differences(wanted, facts);
    for (const { why } of due) invocation.shell.trace({ info: why });
    return answer(invocation, {
      ...dscServer(facts),
      _inDesiredState: due.length === 0,
      differences: due.map(({ code, why }) => ({ code, text: why })),
    });
  },
});

const set = verb({
  examples: [
    [`dsc set --input '{"_exist":true}'`, 'Works like enable. Does nothing if everything is as wanted'],
    [`dsc set --what-if --input '{"_exist":false}'`, 'Show what would be done'],
  ],
  build: (yargs) => withInput(yargs).option('what-if', flag('Only show what would change')),
  async run(args, invocation) {
    const wanted = await readWanted(args);
    const before = await readDscFacts(args, invocation);
    if (args.whatIf) return answer(invocation, dscPreview(wanted, before));
    await bringAbout(wanted, differences(wanted, before), args, invocation);
    const after = await readDscFacts(args, invocation);
    const left = differences(wanted, after);
    // Reports what Task Scheduler accepted and did not keep, because that is not a success.
    if (left.length > 0)
      throw new CertRebindError('task-refused', {
        message: `The server is still not in the wanted state: ${left.map(({ why }) => why).join(' ')}`,
      });
    return answer(invocation, dscServer(after));
  },
});

const exported = verb({
  examples: [['dsc export', 'One line of JSON for each instance, and there is one']],
  run: answerServer,
});

const schema = verb({
  examples: [['dsc schema', 'The JSON Schema of the states that DSC sends and reads']],
  run: async (_args, invocation) => answer(invocation, dscSchema()),
});

const manifest = verb({
  examples: [
    [
      'dsc manifest | Set-Content certrebind.dsc.resource.json',
      'Put it next to the executable, in a folder that DSC searches',
    ],
  ],
  run: async (_args, invocation) => answer(invocation, dscManifest(version)),
});

export const dsc = groupOf(
  ['get', 'Show the state of CertRebind on this server', get],
  ['set', 'Set the wanted state', set],
  ['test', 'Compare this server with the wanted state. Exit code 0 in both cases', test],
  ['export', 'Export the state of this server, to use it on another server', exported],
  ['schema', 'Print the JSON Schema of the state', schema],
  ['manifest', 'Print the DSC resource manifest of CertRebind', manifest],
);

/** The state, and what is wrong with the server whatever is wanted. */
function answerServer(args: GlobalArguments, invocation: Invocation): Promise<number> {
  return withServer(
    args,
    invocation,
    async (session) => {
      const state = dscServer(await dscFactsOf(args, session));
      const status = await asResult(() => readStatus(session));
      return answer(invocation, status instanceof CertRebindError ? state : withFindings(state, status.findings));
    },
    { configuration: 'if-readable' },
  );
}

/** First what governs the runs, then what starts them. */
async function bringAbout(
  wanted: WantedServer,
  due: readonly Difference[],
  args: GlobalArguments,
  invocation: Invocation,
): Promise<void> {
  const concerns = (part: Difference['part']) => due.some((difference) => difference.part === part);
  const text = wanted.policy?.text;
  if (text !== undefined && concerns('policy')) await putInForce(() => text, args, invocation);
  if (concerns('tasks'))
    await withServer(
      args,
      invocation,
      async (session) => {
        if (!wanted.exist) {
          await withInstallationLock(session, args, () => unregister(session, wanted));
          return 0;
        }
        const { replaceNative, alongside, noProof } = wanted;
        const request = { command: 'enable', replaceNative, alongside, noProof, wait: args.wait } as const;
        const { warnings } = await setUp(session, request);
        for (const warn of warnings) invocation.shell.trace({ warn });
        return 0;
      },
      { configuration: wanted.exist ? 'demanded' : 'if-readable' },
    );
}

function withInput(yargs: Argv<GlobalArguments>) {
  return yargs.option('input', argument('The wanted state as JSON. Default: read stdin'));
}

/**
 * The wanted state, from `--input` or from stdin.
 * @throws CertRebindError `usage` when nothing came, `bad-document`, `bad-configuration`
 */
async function readWanted({ input }: { readonly input?: string | undefined }): Promise<WantedServer> {
  const where = input === undefined ? 'stdin' : '--input';
  const text = input ?? (await readStdin());
  // Reading empty input as "enable everything" would be a dangerous guess.
  if (text.trim() === '') throw wrongUse(where, 'No state was given, with --input or on stdin.');
  return parseWantedServer(text, where);
}

/** More than any state needs. */
const longestInput = 1_000_000;

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return '';
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > longestInput)
      throw new CertRebindError('bad-document', { message: `stdin is longer than ${longestInput} characters.` });
  }
  return text;
}

/** DSC reads one compact line, with or without `--json`. */
function answer({ shell }: Invocation, document: object): number {
  return shell.result(document, asciiJson);
}

/**
 * Reads the facts for the resource in a session of its own: here an invalid configuration is a fact and no error,
 * because otherwise DSC could not repair it.
 */
async function readDscFacts(args: GlobalArguments, { shell, servers }: Invocation): Promise<DscFacts> {
  const opened = await openServer(servers, args, shell.env);
  try {
    return await dscFactsOf(args, opened);
  } finally {
    await opened.server.close();
  }
}

async function dscFactsOf(args: GlobalArguments, { server, home, executable }: OpenedServer): Promise<DscFacts> {
  const rebinding = tasksToRegister(executable);
  const files = home === null ? noPersistentFiles() : persistentFiles(home);
  return {
    rebinding,
    triggers: await triggerTasks({ files, executable }),
    disabled: (await files.readAdoption()).disabled,
    policy: await readPolicy(args, home),
    tasks: await server.tasks(),
    lifecycle: await server.events(),
  };
}

async function readPolicy(args: GlobalArguments, home: string | null): Promise<DscFacts['policy']> {
  const read = await asResult(() => readConfiguration(args, home));
  if (!(read instanceof CertRebindError)) return { configuration: read };
  if (read.code === 'bad-configuration' || read.code === 'other-version') return { problem: read.message };
  throw read;
}
