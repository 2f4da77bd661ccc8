import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { commandsMarkdown } from '../../scripts/docs/commands.ts';
import { allCodes } from '../../src/commands/explain/command.ts';
import { root } from './pages.ts';

/** What the program and the module say to people, by where it stands. */
export async function spokenTexts(): Promise<readonly (readonly [where: string, text: string])[]> {
  return [
    [
      'certrebind explain',
      allCodes()
        .flatMap(({ text, hint }) => [text, hint ?? ''])
        .join('\n'),
    ],
    ['certrebind --help', await commandsMarkdown()],
    // Those of earlier documents are the words of then.
    ...filesBelow('src', '.ts').map((file) => [file, stringsOf(file)] as const),
    ...filesBelow('schemas', '.json')
      .filter((file) => !file.startsWith('schemas/printed/'))
      .map((file) => [file, described(file)] as const),
    ...filesBelow('module', '.ps1').map((file) => [file, helpOf(file)] as const),
    ...['.psd1', '.help.txt'].flatMap((end) => filesBelow('module', end)).map((file) => [file, read(file)] as const),
  ];
}

function filesBelow(folder: string, end: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith(end))
    .sort();
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');
}

/** The texts of a source file at their lines, with `…` for what is filled in; the rest of the file is left out. */
function stringsOf(file: string): string {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const lines: string[] = Array.from({ length: source.getLineStarts().length }, () => '');
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== null) {
      const at = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      lines[at] = `${lines[at]} ${text.replaceAll('\n', ' ')}`;
    }
    node.forEachChild(visit);
  };
  visit(source);
  return lines.join('\n');
}

function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…');
}

/** The descriptions of a schema, a line each as in the file. */
function described(file: string): string {
  return read(file)
    .split('\n')
    .map((line) => /"description": "(.*?)"/.exec(line)?.[1] ?? '')
    .join('\n');
}

/** The comment-based help of a command, at its lines. */
function helpOf(file: string): string {
  const text = read(file);
  const [before, , help] = /^([\s\S]*?)(<#)([\s\S]*?)#>/.exec(text)?.slice(1) ?? ['', '', ''];
  return `${before?.replace(/[^\n]/g, '')}${help}`;
}
