import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSaid, NotMeasured } from './measurement.ts';
import { askScript, ended, type Machine, type Printed, programFolder, runProgram } from './programs.ts';
import { moveSwitches } from './with-lab.ts';

const policyKey = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell';
const asOnLab = '\r\n# SIG # Begin signature block\r\n# MIIFvAYJKoZI\r\n# SIG # End signature block\r\n';

/** A lab only looks whether there is a signature, and asks nothing by scripts of the suites meanwhile. */
export async function allSigned(machine: Machine): Promise<() => Promise<void>> {
  const { lab } = machine;
  const program = programFolder(machine);
  if (lab !== null) {
    const scripts = (await readdir(program, { recursive: true })).filter((name) => name.endsWith('.ps1'));
    for (const script of scripts) await appendFile(join(program, script), asOnLab);
    await moveSwitches(lab, { 'execution-policy': 'AllSigned' });
    return () => moveSwitches(lab, { 'execution-policy': 'not-set' });
  }
  const { signed } = await askScript(machine, 'policy/sign', [import.meta.dirname, program]);
  if (!Array.isArray(signed) || signed.length === 0 || signed.some((status) => status !== 'Valid'))
    throw new NotMeasured(`the scripts are not signed: ${JSON.stringify(signed)}`);
  // By a program: the policy does not hold for it.
  await registry(machine, ['add', policyKey, '/v', 'ExecutionPolicy', '/t', 'REG_SZ', '/d', 'AllSigned', '/f']);
  await registry(machine, ['add', policyKey, '/v', 'EnableScripts', '/t', 'REG_DWORD', '/d', '1', '/f']);
  return async () => {
    await registry(machine, ['delete', policyKey, '/f']);
    await askScript(machine, 'policy/sign', []);
  };
}

async function registry({ env }: Machine, words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await ended('reg.exe', words, env);
  if (exitCode !== 0) throw new Error(`reg ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
}

export async function unelevated(machine: Machine, words: readonly string[]): Promise<Printed> {
  if (machine.lab !== null) {
    const { exitCode, stdout } = await runProgram({ ...machine, kind: 'filtered' }, words);
    return { exitCode, document: JSON.parse(stdout) };
  }
  const { printed } = await askScript(machine, 'rights/unelevated', [programFolder(machine), words.join(' ')]);
  if (!isSaid(printed)) throw new NotMeasured(`no filtered token ran the program: ${printed?.refused}`);
  const [exitCode, ...lines] = printed;
  return { exitCode: Number(exitCode), document: JSON.parse(lines.join('\n')) };
}
