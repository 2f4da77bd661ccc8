/** Reads the part of YAML that the files here keep to: mappings, lists, plain values and texts (`|`), two blanks a level. */
export function readPlainYaml(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return block(lines.map((line) => ({ depth: line.search(/\S/), text: line.trim() })));
}

interface Line {
  readonly depth: number;
  readonly text: string;
}

function block(lines: readonly Line[]): unknown {
  const [first] = lines;
  if (first === undefined) return null;
  if (first.text.startsWith('- ')) return parts(lines, first.depth).map((part) => item(part));
  return Object.fromEntries(parts(lines, first.depth).map((part) => entry(part)));
}

/** What begins at this depth, each with the deeper lines behind it. */
function parts(lines: readonly Line[], depth: number): readonly (readonly Line[])[] {
  const found: Line[][] = [];
  for (const line of lines) {
    if (line.depth === depth) found.push([line]);
    else found.at(-1)?.push(line);
  }
  return found;
}

function item([first, ...rest]: readonly Line[]): unknown {
  if (first === undefined) return null;
  const text = first.text.slice(2);
  return /^\S+:(?: |$)/.test(text) ? block([{ depth: first.depth + 2, text }, ...rest]) : value(text);
}

function entry([first, ...rest]: readonly Line[]): readonly [string, unknown] {
  const [, key = '', plain = ''] = /^(\S+?):(?: (.*))?$/.exec(first?.text ?? '') ?? [];
  if (key === '') throw new Error(`not understood: ${first?.text}`);
  if (plain === '|') return [key, rest.map(({ text }) => text).join('\n')];
  return [key, rest.length > 0 ? block(rest) : value(plain)];
}

function value(text: string): unknown {
  if (text === '[]') return [];
  if (/^\[.*\]$/.test(text))
    return text
      .slice(1, -1)
      .split(',')
      .map((each) => value(each.trim()));
  if (/^'.*'$|^".*"$/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}
