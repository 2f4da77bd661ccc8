import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine } from '../../engine.ts';
import { assertNone } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';

/** What a parser holds after a command line; see test/powershell/CommandLines.ps1. */
interface Facts {
  readonly refused?: true;
  readonly help?: true;
  readonly file?: string;
  readonly arguments?: readonly (readonly [name: string | null, value: unknown])[];
  readonly InitialCommand?: string;
  readonly WasInitialCommandEncoded?: true;
  readonly ExecutionPolicy?: string;
}
type Line = readonly string[];

/** Why 5.1 and 7 may differ: a change in the history of PowerShell/PowerShell, and the lines that it is about. */
interface Change {
  readonly change: string;
  readonly isAbout: (line: Line, five: Facts, seven: Facts) => boolean;
}

const changes: readonly Change[] = [
  {
    change: 'PR 9479 (issues 9362, 10510): a lone dash behind a script is a plain word',
    isAbout: (_line, five) => (five.arguments ?? []).some(([name]) => name === '-'),
  },
  {
    change: 'PR 4178: behind a script, every colon ends a name, and true and false are truth values',
    isAbout: (line, five) => five.file !== undefined && behindScript(line).some((word) => /^-.*:/.test(word)),
  },
  {
    change: 'PR 4019, and switches that came later: the first unknown word is a script, or a switch, and no command',
    isAbout: (line, { InitialCommand: command, WasInitialCommandEncoded: encoded, help }) =>
      (help === true || (command !== undefined && encoded !== true)) && !line.some(isCommandSwitch),
  },
  {
    change: 'PR 5975, PR 10061: no window and no apartment outside of Windows',
    isAbout: (line, _five, { refused }) =>
      refused === true && line.some((word) => /^[-/](?:w|wi.*|st|sta|mta)$/i.test(word)),
  },
  {
    change: 'commit 856c2af3: no -ImportSystemModules',
    isAbout: (line, _five, { refused }) => refused === true && line.some((word) => /^[-/]imp/i.test(word)),
  },
  { change: 'PR 3558, PR 13205: -i means -Interactive', isAbout: ([word = '']) => /^[-/]in?$/i.test(word) },
  {
    change: 'PR 15859: outside of Windows a script needs no extension',
    isAbout: (line, { refused }) => refused === true && line.includes('{text}'),
  },
  {
    change: 'PR 20460: an unknown execution policy is refused',
    isAbout: (_line, { ExecutionPolicy: policy }, { refused }) => refused === true && policy === 'Foo',
  },
  {
    change: 'PR 4019: words behind -File - are looked at',
    isAbout: (line) => line.at(line.indexOf('-File') + 1) === '-' && line.at(-1) !== '-',
  },
  { change: 'PR 17921: servers show no banner', isAbout: ([word = '']) => /^[-/]s$/i.test(word) },
  { change: 'PR 11482: an empty word is a script', isAbout: (line) => line.some((word) => word.trim() === '') },
];

const isCommandSwitch = (word: string) => /^[-/]c/i.test(word) && 'command'.startsWith(word.slice(1).toLowerCase());

function behindScript(line: Line): Line {
  return line.slice(line.indexOf('{script}') + 1);
}

const root = join(import.meta.dirname, '../../..');
const known: readonly (readonly [Line, Facts])[] = JSON.parse(
  readFileSync(join(root, 'test/fixtures/command-lines/windows-powershell-5.1.json'), 'utf8'),
);
const engine = findEngine();

(engine === null ? describe.skip : describe)('a command line of Windows PowerShell 5.1', () => {
  const folder = newFolder();
  const files: Readonly<Record<string, string>> = {
    '{script}': join(folder, 'script.ps1'),
    '{text}': join(folder, 'script.txt'),
    '{missing}': join(folder, 'missing.ps1'),
  };
  const named = (word: string) => files[word] ?? word;
  let seven: readonly Facts[];
  let translated: readonly Translation[];
  let meant: readonly Facts[];

  before(() => {
    for (const name of ['script.ps1', 'script.txt']) writeFileSync(join(folder, name), '');
    const lines = known.map(([line]) => line.map(named));
    translated = throughStandIn(lines);
    const both = parsedBySeven([...lines, ...translated.map(({ words }) => words)]);
    seven = both.slice(0, lines.length);
    meant = both.slice(lines.length);
  });

  it('means the same to PowerShell 7, but for changes that its history names', () => {
    const unexplained = known.flatMap(([line, five], at) => {
      const now = seven[at] ?? {};
      if (isEqual(five, now) || changes.some(({ isAbout }) => isAbout(line, five, now))) return [];
      return [{ line, five, now }];
    });
    assert.deepEqual(unexplained, []);
  });

  it('names no change that makes no difference', () => {
    const idle = changes.filter(
      ({ isAbout }) =>
        !known.some(([line, five], at) => !isEqual(five, seven[at] ?? {}) && isAbout(line, five, seven[at] ?? {})),
    );
    assert.deepEqual(idle, []);
  });

  it('means to PowerShell 7 what it means to 5.1, once the stand-in has read it', () => {
    const wrong = known.flatMap(([line, five], at) => {
      const { exitCode, words } = translated[at] ?? { exitCode: null, words: [] };
      if (exitCode === exits.unmodelled) return [];
      const now = exitCode === exits.refused ? { refused: true } : exitCode === 0 ? meant[at] : { exitCode };
      const isNameless = exitCode === 1 && (five.arguments ?? []).some(([name]) => name === '-');
      return isEqual(five, now ?? {}) || isNameless ? [] : [{ line, five, now, words }];
    });
    assert.deepEqual(wrong, []);
  });

  it('is known to the stand-in, but for what no program of ours says', () => {
    const isOdd = (word: string) => /^-.*:/.test(word) || /^[-/]s/i.test(word) || word === 'Foo';
    const unknown = known.flatMap(([line], at) => (translated[at]?.exitCode === exits.unmodelled ? [line] : []));
    assertNone(unknown, (line) => !line.some(isOdd));
  });

  interface Translation {
    readonly exitCode: number | null;
    readonly words: Line;
  }

  /** All lines in one shell, each in a subshell that becomes a program which prints its words. */
  function throughStandIn(lines: readonly Line[]): readonly Translation[] {
    const print = join(folder, 'print.sh');
    writeFileSync(print, `#!/bin/sh\nfor word; do printf '%s\\0' "$word"; done\n`);
    chmodSync(print, 0o755);
    const setUp = `engine=${quoted(print)} policy= constrained= session=`;
    const standIn = join(root, 'src/lab/windows/system32/powershell.sh');
    const script = lines
      .map((line) => `(set -- ${line.map(quoted).join(' ')}; . ${quoted(standIn)}) 2>/dev/null; printf '#%s\\n' $?`)
      .join('\n');
    writeFileSync(join(folder, 'all.sh'), `${setUp}\n${script}\n`);
    const { stdout } = spawnSync('/bin/sh', [join(folder, 'all.sh')], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return [...stdout.matchAll(/([^#]*)#(\d+)\n/g)].map(([, words = '', code]) => ({
      exitCode: Number(code),
      words: words.split('\0').slice(0, -1),
    }));
  }

  function parsedBySeven(lines: readonly Line[]): readonly Facts[] {
    const rows = join(folder, 'rows.json');
    writeFileSync(rows, JSON.stringify(lines));
    const reader = join(root, 'test/powershell/CommandLines.ps1');
    const { stdout, stderr } = spawnSync(engine ?? '', ['-NoProfile', '-NonInteractive', '-File', reader, rows], {
      input: '',
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: { ...process.env, TERM: 'dumb', NO_COLOR: '1' },
    });
    assert.equal(stderr, '');
    const anonymous = Object.entries(files).reduce((text, [name, path]) => text.replaceAll(path, name), stdout);
    return JSON.parse(anonymous);
  }
});

/** Exit codes of the stand-in beside those of PowerShell. */
const exits = { refused: 64, unmodelled: 70 } as const;

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
