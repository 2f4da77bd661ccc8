import { byThumbprint } from '../certificates/named-certificate.ts';
import type { Invocation } from '../command-line/command.ts';
import { defaults, type GlobalArguments } from '../command-line/globals.ts';
import { shortRunNames } from '../documents/runs/select-run.ts';
import { recordsOf, standingHolders } from '../holders/holder.ts';
import { reportedHolders } from '../holders/reported/reported.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { iisAppId } from '../holders/tls/tls-record.ts';
import { namedCertificates } from '../plan/named-certificates.ts';
import { type Session, withServer } from '../session/session.ts';
import { choicesOf, isList, isSecret, type Setting, settings } from '../setup/settings.ts';
import { secretFile } from '../state/secrets.ts';

type Asked = 'certificate' | 'pair' | 'run' | 'setting' | 'list' | Setting;

/**
 * Offers what only the server knows: its certificates, runs and holders, and settings with their values. `null` if the
 * word to be completed is none of these.
 * @param words the line as the shell has it, the program's name first, the word to be completed last
 */
export async function completeValue(
  words: readonly string[],
  invocation: Invocation,
): Promise<readonly string[] | null> {
  const asked = askedFor(words.slice(1));
  if (asked === null) return null;
  const begun = words.at(-1)?.toLowerCase() ?? '';
  const offers = await offersFor(asked, words, invocation);
  return offers.filter((offer) => offer.toLowerCase().startsWith(begun));
}

async function offersFor(asked: Asked, words: readonly string[], invocation: Invocation): Promise<readonly string[]> {
  switch (asked) {
    case 'run':
      return atServer(words, invocation, runs);
    case 'certificate':
    case 'pair':
      return atServer(words, invocation, (session) => certificates(session, asked));
    case 'setting':
      return settings.map(({ key }) => key);
    case 'list':
      return settings.filter(isList).map(({ key }) => key);
    default: {
      const choices = choicesOf(asked);
      return choices.length > 0 ? choices : atServer(words, invocation, (session) => values(session, asked));
    }
  }
}

const commandsOfRuns: readonly string[] = ['history', 'undo'];
const optionsWithValue: readonly string[] = ['--server', '--replay', '--lab', '--config', '--state', '--progress'];

function askedFor(words: readonly string[]): Asked | null {
  const [last = '', before = ''] = words.toReversed();
  if (last.startsWith('-')) return null;
  if (before === '--old' || before === '--new') return 'pair';
  const [command = '', ...others] = words.slice(0, -1).filter((word, place, all) => !isOption(word, all[place - 1]));
  if (optionsWithValue.includes(before)) return null;
  if (command === 'config') return askedOfConfiguration(others);
  if (others.length > 0) return null;
  if (commandsOfRuns.includes(command)) return 'run';
  return command === 'usage' ? 'certificate' : null;
}

/** A list is given to `set` as JSON, which completion does not offer. */
function askedOfConfiguration([how, key, more]: readonly string[]): Asked | null {
  if ((how !== 'set' && how !== 'add') || more !== undefined) return null;
  if (key === undefined) return how === 'set' ? 'setting' : 'list';
  return settings.find((setting) => setting.key === key && isList(setting) === (how === 'add')) ?? null;
}

function isOption(word: string, before: string | undefined): boolean {
  return word.startsWith('-') || (before !== undefined && optionsWithValue.includes(before));
}

async function atServer(
  words: readonly string[],
  invocation: Invocation,
  look: (session: Session) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  let offers: readonly string[] = [];
  await withServer(
    globals(words),
    invocation,
    async (session) => {
      offers = await look(session);
      return 0;
    },
    { configuration: 'if-readable' },
  );
  return offers;
}

async function certificates({ server }: Session, asked: 'certificate' | 'pair'): Promise<readonly string[]> {
  const snapshot = await server.snapshot();
  const thumbprints = snapshot.certificates.map(({ thumbprint }) => thumbprint);
  const known = [...byThumbprint(namedCertificates(snapshot, thumbprints)).values()];
  const names = new Set(known.map(({ name }) => name).filter((name) => /^[\w.*-]+$/.test(name)));
  return [...(asked === 'pair' ? ['auto'] : []), ...[...names].sort(), ...known.map(({ short }) => short)];
}

async function runs({ state }: Session): Promise<readonly string[]> {
  const names = (await state.listRuns()).map(({ run }) => run);
  const short = shortRunNames(names);
  // Newest first: that is usually the one wanted.
  return ['last', ...names.toReversed().map((run) => short.get(run) ?? run)];
}

async function values({ server, home }: Session, setting: Setting): Promise<readonly string[]> {
  if (isSecret(setting))
    return home === null ? [] : (await secretFile(home, undefined).known()).names.map((name) => `secret:${name}`);
  const known = knownOnServer[setting.key];
  return known === undefined ? [] : [...new Set(known(await server.snapshot()))].sort();
}

const knownOnServer: Readonly<Record<string, (snapshot: Snapshot) => readonly string[]>> = {
  'exclude.sites': ({ sites }) => sites.map(({ name }) => name),
  'exclude.records': (snapshot) => recordsOf(snapshot).map(({ key }) => key),
  'exclude.holders': (snapshot) => [
    ...standingHolders(snapshot).map(({ holder }) => holder.key),
    ...reportedHolders(snapshot).map(({ key }) => key),
  ],
  'exclude.thumbprints': ({ certificates: all }) => all.map(({ thumbprint }) => thumbprint),
  applicationIds: (snapshot) =>
    recordsOf(snapshot)
      .map(({ appId }) => appId)
      .filter((appId) => appId !== iisAppId),
};

/** Which server is meant; the rest of the line does not matter here. */
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
