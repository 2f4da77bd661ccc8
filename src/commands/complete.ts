import { byThumbprint } from '../model/certificates/named-certificate.ts';
import { shortRunNames } from '../model/runs/select-run.ts';
import { namedCertificates } from '../plan/named-certificates.ts';
import { readSnapshot } from '../server/server.ts';
import { withServer } from './session/session.ts';
import type { Invocation } from './shell/command.ts';
import { defaults, type GlobalArguments } from './shell/globals.ts';

type Asked = 'certificate' | 'pair' | 'run';

/**
 * Offers what only the server knows: its certificates and its runs. `null` where the word to be completed is neither.
 * @param words the line as the shell has it, the program's name first, the word to be completed last
 */
export async function completeValue(
  words: readonly string[],
  invocation: Invocation,
): Promise<readonly string[] | null> {
  const asked = askedFor(words.slice(1));
  if (asked === null) return null;
  const begun = words.at(-1)?.toLowerCase() ?? '';
  const offers = asked === 'run' ? await runs(words, invocation) : await certificates(words, invocation, asked);
  return offers.filter((offer) => offer.toLowerCase().startsWith(begun));
}

const commandsOfRuns: readonly string[] = ['history', 'undo'];
const optionsWithValue: readonly string[] = ['--server', '--replay', '--lab', '--config', '--state', '--progress'];

function askedFor(words: readonly string[]): Asked | null {
  const [last = '', before = ''] = words.toReversed();
  if (last.startsWith('-')) return null;
  if (before === '--old' || before === '--new') return 'pair';
  const [command = '', ...others] = words.slice(0, -1).filter((word, place, all) => !isOption(word, all[place - 1]));
  if (others.length > 0 || optionsWithValue.includes(before)) return null;
  if (commandsOfRuns.includes(command)) return 'run';
  return command === 'usage' ? 'certificate' : null;
}

function isOption(word: string, before: string | undefined): boolean {
  return word.startsWith('-') || (before !== undefined && optionsWithValue.includes(before));
}

async function certificates(
  words: readonly string[],
  invocation: Invocation,
  asked: Asked,
): Promise<readonly string[]> {
  let offers: readonly string[] = [];
  await withServer(
    globals(words),
    invocation,
    async ({ server }) => {
      const snapshot = await readSnapshot(server);
      const thumbprints = snapshot.certificates.map(({ thumbprint }) => thumbprint);
      const known = [...byThumbprint(namedCertificates(snapshot, thumbprints)).values()];
      const names = new Set(known.map(({ name }) => name).filter((name) => /^[\w.*-]+$/.test(name)));
      offers = [...(asked === 'pair' ? ['auto'] : []), ...[...names].sort(), ...known.map(({ short }) => short)];
      return 0;
    },
    { configuration: 'if-readable' },
  );
  return offers;
}

async function runs(words: readonly string[], invocation: Invocation): Promise<readonly string[]> {
  let offers: readonly string[] = [];
  await withServer(
    globals(words),
    invocation,
    async ({ state }) => {
      const names = (await state.listRuns()).map(({ run }) => run);
      const short = shortRunNames(names);
      // The newest first: it is the one that is looked for.
      offers = ['last', ...names.toReversed().map((run) => short.get(run) ?? run)];
      return 0;
    },
    { configuration: 'if-readable' },
  );
  return offers;
}

/** Which server is meant; of the rest of the line nothing matters here. */
function globals(words: readonly string[]): GlobalArguments {
  const named = (option: string) => {
    const place = words.indexOf(option);
    return place < 0 || place >= words.length - 1 ? undefined : words[place + 1];
  };
  return {
    ...defaults,
    server: named('--server'),
    replay: named('--replay'),
    state: named('--state'),
    ...(words.includes('--lab') ? { lab: named('--lab') } : {}),
  };
}
