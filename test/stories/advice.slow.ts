import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { restore, stub } from 'sinon';
import { findingCodes } from '../../src/base/codes/finding-codes.ts';
import { beforeCommand } from '../../src/documents/finding.ts';
import type { Finding } from '../../src/documents/status.ts';
import { labProgram, startOptions } from '../cli/run-program.ts';
import { assertNone } from '../support/each.ts';
import { tellLab } from '../support/tell-lab.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { notWalked, type Place, type Scene, scenes } from './advice-scenes.ts';
import { openWorld, type World } from './lab-world.ts';

/** What stands in a walk for what a person did who was told to, outside a command line. */
const byPerson = '(a person)';
const mostTyped = 3;

describe('what a finding says to type', () => {
  // A process of its own reads a watched folder.
  before(() => {
    stub(process, 'argv').value([process.execPath, labProgram]);
    stub(process, 'execArgv').value(startOptions);
  });
  const walks: Awaited<ReturnType<typeof walk>>[] = [];
  after(() => {
    restore();
    const steps = walks.map(({ done }) => done.filter((one) => one !== byPerson).length);
    const counts = {
      walked: walks.length,
      typed: steps.reduce((sum, one) => sum + one, 0),
      ...{ byOne: steps.filter((one) => one === 1).length, longest: Math.max(...steps) },
      ...{ byPersonAlone: walks.filter(({ done }) => done.join() === byPerson).length },
      awaited: walks.filter(({ awaited }) => awaited).length,
    };
    console.log(`    ${JSON.stringify(counts)}`);
  });

  for (const scene of scenes)
    it(`leads out of ${scene.code}: ${scene.what}`, async () => {
      walks.push(await walk(scene));
    });

  it('is walked for every finding, or it is said why not', () => {
    const walked = new Set<string>(scenes.map(({ code }) => code));
    assertNone(findingCodes, ({ code }) => walked.has(code) === code in notWalked);
  });
});

/**
 * Types what is said until nothing is wrong any more but what was before, or what is awaited is named. Each line is another
 * one than those before it.
 */
async function walk(scene: Scene): Promise<{ readonly awaited: boolean; readonly done: readonly string[] }> {
  const creating = scene.creating ?? ['--from', await smallServer()];
  const world = await openWorld((folder) => ['--lab', folder], creating);
  try {
    const at: Place = { world, old: world.certificates[0]?.thumbprint ?? '', kept: new Map() };
    if (scene.enabled !== false) await world.json(['enable', '--no-proof']);
    const before = new Set(scene.enabled === false ? [] : (await findingsOf(world)).map(idOf));
    await scene.make(at);
    const done: string[] = [];
    let shown = '';
    for (;;) {
      const open = (await findingsOf(world)).filter((one) => !before.has(idOf(one)));
      const found = open.find(({ code }) => code === scene.code) ?? open.find(({ severity }) => severity !== 'info');
      if (done.length === 0) assert.equal(found?.code, scene.code, open.map(({ code }) => code).join());
      if (found === undefined) return { awaited: false, done };
      if (isAwaited(found, done)) return { awaited: true, done };
      // What did nothing before a person acted may do something afterwards.
      const since = done.slice(done.indexOf(byPerson) + 1);
      const line = [found, ...open].flatMap((one) => lineOf(one, shown, since, scene) ?? [])[0];
      const isFirst = found.commands.length === 0 || line === undefined || beforeCommand(found.hint) !== '';
      if (scene.person !== undefined && !done.includes(byPerson) && isFirst) {
        await scene.person(at);
        done.push(byPerson);
        continue;
      }
      const { code, message, hint } = found;
      assert.ok(line !== undefined, `a dead end after ${done.join('; ')}: ${code}: ${message}\n${hint}\n${shown}`);
      done.push(line);
      const typed = done.filter((one) => one !== byPerson);
      assert.ok(typed.length <= mostTyped, `more than ${mostTyped}: ${typed.join('; ')}`);
      shown = await play(at, await filled(line, scene, at));
    }
  } finally {
    await world.close();
  }
}

/** Who has typed what is to be typed may wait for the hourly run; what is for information asks for nothing. */
function isAwaited({ next, severity, commands }: Finding, done: readonly string[]): boolean {
  if (next === 'waits') return true;
  return (
    (next === 'retried' || severity === 'info') &&
    (commands.length === 0 ? done.length > 0 || next === 'retried' : commands.every((line) => done.includes(line)))
  );
}

/** Of what a finding says, or of what the last line printed, something that was not typed yet. */
function lineOf(found: Finding, shown: string, done: readonly string[], { types }: Scene): string | null {
  const named = types === undefined ? [] : [found.hint, shown].flatMap((text) => types.exec(text)?.[0] ?? []);
  const printed = shown
    .split('\n')
    .flatMap((line) => /^ {2,}((?:certrebind|netsh|certutil) .*)$/.exec(line)?.[1] ?? []);
  return [found.commands, named, printed].flat().find((line) => !done.includes(line)) ?? null;
}

async function filled(line: string, scene: Scene, at: Place): Promise<string> {
  let text = line;
  for (const [hole, value] of Object.entries(scene.fills?.(at) ?? {})) text = text.replaceAll(hole, value);
  assert.doesNotMatch(text, /<[\w -]+>/, 'what the server knows is filled in');
  return text;
}

/** Windows' own programs are played by the lab. */
async function play({ world }: Place, line: string): Promise<string> {
  const [program = '', ...words] = (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ''));
  const [what = '', , which = ''] = words;
  switch (program === 'certutil' ? what : program) {
    case 'certrebind': {
      const { exitCode, stdout, stderr } = await world.certrebind([...words, '--yes']);
      assert.notEqual(exitCode, 2, `${line}: ${stderr}`);
      return `${stdout}${stderr}`;
    }
    case 'netsh':
      await world.lab(['netsh', line.slice('netsh '.length)]);
      return '';
    case '-repairstore':
      await tellLab(world.folder, { kind: 'set-key', thumbprint: which, key: 'usable' });
      return '';
    case '-addstore':
      await world.lab(['trust', which]);
      return '';
    case 'chmod':
      assert.equal(what, 'go-w');
      await chmod(words[1]?.replaceAll("'", '') ?? '', 0o700);
      return '';
    case 'Install-WindowsFeature':
      assert.equal(what, 'Web-Scripting-Tools');
      await world.lab(['switch', 'web-administration', 'installed']);
      return '';
    case 'Start-Service':
      assert.equal(what, 'Schedule');
      await world.lab(['switch', 'schedule-service', 'runs']);
      return '';
    default:
      return assert.fail(`nobody can type: ${line}`);
  }
}

async function findingsOf(world: World): Promise<readonly Finding[]> {
  return (await world.json(['doctor'])).document.findings;
}

function idOf({ code, keys, certificate }: Finding): string {
  return JSON.stringify([code, keys, certificate]);
}

let made: Promise<string> | null = null;

/** Two sites with three bindings, to be dialled quickly. */
function smallServer(): Promise<string> {
  made ??= writeSmallServer();
  return made;
}

async function writeSmallServer(): Promise<string> {
  const path = newFolder();
  const binding = (information: string, flags: number) =>
    `<binding protocol="https" bindingInformation="${information}" sslFlags="${flags}" />`;
  const site = (name: string, id: number, bindings: readonly string[]) =>
    `<site name="${name}" id="${id}"><application path="/" /><bindings>${bindings.join('')}</bindings></site>`;
  const sites = [
    site('Shop', 1, [binding('*:443:shop.example.com', 1), binding('*:443:www.example.com', 1)]),
    site('Any', 2, [binding('*:8443:', 0)]),
  ];
  const file = join(path, 'applicationHost.config');
  await writeFile(
    file,
    `<configuration><system.applicationHost><sites>${sites.join('')}</sites></system.applicationHost></configuration>`,
  );
  return file;
}
