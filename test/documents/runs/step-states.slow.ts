import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../../..');
const statesFile = join(root, 'src/documents/runs/step-states.ts');
const showFile = join(root, 'src/shell/shell.ts');
const fold = join(root, 'src/documents/runs/step-progress.ts');

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
);
const host = ts.createCompilerHost(options);

/** What the type checker says of these files when one of them is changed so. */
function complaints(file: string, change: (text: string) => string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const changed = change(text);
  const getSourceFile: typeof host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, changed, ts.ScriptTarget.Latest) : host.getSourceFile(name, ...rest);
  const program = ts.createProgram([file, fold, showFile], { ...options, noEmit: true }, { ...host, getSourceFile });
  return [file, fold, showFile].flatMap((name) => {
    const source = program.getSourceFile(name);
    return program
      .getSemanticDiagnostics(source)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  });
}

describe('the type checker', function () {
  this.timeout(60_000);

  it('has nothing to say of the states as they are', () => {
    assert.deepEqual(
      complaints(statesFile, (text) => text),
      [],
    );
  });

  for (const [what, file, change] of [
    ['a state without its entry in the table', statesFile, (text: string) => text.replace(/^ {2}worse: .*\n/m, '')],
    ['an entry without its text', statesFile, (text: string) => text.replace(/, text: 'Would be changed\.'/, '')],
    ['an entry for a state that is none', statesFile, (text: string) => text.replace('  planned: {', '  planed: {')],
    ['a mistyped state', fold, (text: string) => text.replace("state: 'rolled-back',", "state: 'putback',")],
    ['a purpose without its words', statesFile, (text: string) => text.replace(/^ {2}repair: .*\n/m, '')],
    [
      'a stage that has no text',
      showFile,
      (text: string) => text.replace('stageTexts[stage]', "stageTexts['no-such-stage']"),
    ],
  ] as const)
    it(`refuses ${what}`, () => {
      assert.notEqual(change(readFileSync(file, 'utf8')), readFileSync(file, 'utf8'), 'the change found its place');
      assert.notDeepEqual(complaints(file, change), []);
    });
});
