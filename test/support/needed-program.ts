import { spawnSync } from 'node:child_process';

/** Skips tests where a program of the distribution is missing, after one loud line; in CI that is an error. */
export function needProgram(
  context: Mocha.Context,
  {
    program,
    asked,
    untested,
    from = program,
  }: {
    readonly program: string;
    readonly asked: string;
    readonly untested: string;
    /** The package that has it. */
    readonly from?: string;
  },
): void {
  if (spawnSync(program, [asked]).error === undefined) return;
  const name = `NO ${program.toUpperCase()}`;
  if (process.env.CI !== undefined) throw new Error(`${name}: apt-get install ${from}`);
  console.error(`\n*** ${name}: ${untested} is not tested ***\n`);
  context.skip();
}
