// What a PowerShell writes down of a secret when its policies make it write down everything: transcripts, and the logs of
// script blocks, of their invocation and of modules, which go to the system's log.

import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findEngine } from '../../test/engine.ts';
import { identityFor, openReceiver } from '../../test/session/notify/send/receivers.ts';
import { sendAsText } from '../../test/support/send-as-text.ts';
import { holds } from '../../test/support/written-forms.ts';
import { checklist } from '../lib/checklist.mjs';
import { unpackDebian } from '../lib/debian-packages.mjs';
import { inRoot } from '../lib/paths.mjs';
import { demand, end } from '../lib/program.mjs';

export const shows =
  'That PowerShell, told to log everything, writes down no secret that is set, read or used to import a file';
export const needs = [
  "Debian's socat by apt-get",
  'the PowerShell of the tests',
  'root, and a machine without a system log at /dev/log',
];

const PROGRAM = inRoot('dist/certrebind-lab.cjs');
const SYSTEM_LOG = '/dev/log';
const SECRET = 'Canary-secret-5d01';
/** Of test/fixtures/pfx/canary.pfx. */
const PASSWORD = 'kanarienvogel-93c1';

export async function run({ folder, say }) {
  if (existsSync(SYSTEM_LOG)) throw new Error(`something listens at ${SYSTEM_LOG} already`);
  const found = findEngine();
  if (found === null) throw new Error('the PowerShell of the tests is not there: run npm test once');
  const socat = join(await unpackDebian(folder, ['socat']), 'usr/bin/socat');
  const logFile = join(folder, 'system.log');
  const transcripts = join(folder, 'transcripts');
  const engine = engineWithPolicies(folder, found, transcripts);
  const words = ['-u', '-b1048576', `UNIX-RECV:${SYSTEM_LOG},mode=666`, `OPEN:${logFile},creat,append`];
  const listening = spawn(socat, words, { stdio: 'ignore' });
  const identity = await identityFor();
  const receiver = await openReceiver(identity, () => 202);
  try {
    while (!existsSync(SYSTEM_LOG)) await pause(20);
    const outputs = await useSecrets({ folder, engine, identity, receiver });
    say('set, read and imported as an installed program does it');
    await pause(1000);
    const [asFile, fromFile] = [readFileSync(logFile, 'latin1'), textBelow(transcripts)];
    rmSync(transcripts, { recursive: true });
    await sendAsText(engine, folder, ['hook', SECRET]);
    await demand(engine, ['-NoProfile', '-NonInteractive', '-Command', `& { $null = '${SECRET}' }`], {
      env: { HOME: folder, PATH: process.env.PATH },
    });
    await pause(1000);
    const [asText, fromText] = [readFileSync(logFile, 'latin1').slice(asFile.length), textBelow(transcripts)];
    return judged({ outputs, asFile, fromFile, asText, fromText, posted: receiver.posted.length, say });
  } finally {
    await receiver.close();
    await end(listening);
    rmSync(SYSTEM_LOG, { force: true });
  }
}

/** A copy of the engine whose own configuration sets the policies, as Group Policy does on Windows, and logs all of it. */
function engineWithPolicies(folder, found, transcripts) {
  const place = join(folder, 'engine');
  cpSync(dirname(found), place, { recursive: true });
  const PowerShellPolicies = {
    Transcription: { EnableTranscripting: true, EnableInvocationHeader: true, OutputDirectory: transcripts },
    ScriptBlockLogging: { EnableScriptBlockLogging: true, EnableScriptBlockInvocationLogging: true },
    ModuleLogging: { EnableModuleLogging: true, ModuleNames: ['*'] },
  };
  const configuration = { LogLevel: 'verbose', LogChannels: 'Analytic,Operational', PowerShellPolicies };
  writeFileSync(join(place, 'powershell.config.json'), JSON.stringify(configuration));
  return join(place, basename(found));
}

/** The outputs of a secret that is set and read, and of a file that is imported with its password. */
async function useSecrets({ folder, engine, identity, receiver }) {
  const lab = join(folder, 'lab');
  const env = { HOME: folder, PATH: process.env.PATH, CERTREBIND_TEST_PWSH: engine };
  const tell = (words, input = '') => demand(process.execPath, [PROGRAM, ...words], { env, input });
  await tell(['lab', 'create', lab]);
  const there = ['--server', 'windows', '--lab', lab];
  const outputs = [await tell(['secret', 'set', 'hook', ...there], `https://localhost:${receiver.port}/${SECRET}\n`)];
  const authority = join(lab, 'certrebind', 'ca');
  mkdirSync(authority, { mode: 0o700 });
  writeFileSync(join(authority, 'ca.pem'), identity.ca, { mode: 0o600 });
  const webhook = { url: 'secret:hook', ca: join(authority, 'ca.pem') };
  writeFileSync(join(lab, 'certrebind', 'config.json'), JSON.stringify({ notify: { webhook } }));
  outputs.push(await tell(['notify', 'test', ...there]));
  outputs.push(await tell(['import', inRoot('test/fixtures/pfx/canary.pfx'), ...there], `${PASSWORD}\n`));
  return outputs.join('');
}

function textBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}

function judged({ outputs, asFile, fromFile, asText, fromText, posted, say }) {
  const compiled = asFile.match(/ScriptBlock_Compile/g)?.length ?? 0;
  const invoked = asFile.match(/CommandInvocation|Provider_Lifecycle|ScriptBlock_Invoke|Pipeline_Detail/g)?.length ?? 0;
  const none = (text) => !holds(text, SECRET) && !holds(text, PASSWORD);
  const { check, result } = checklist(say);
  check(`the secret reached the receiver (${posted} posted)`, posted === 1);
  check(
    `${compiled} script blocks of the adapter and the lab were logged, and what they did (${invoked} entries)`,
    compiled > 50 && fromFile.includes('certrebind-adapter.ps1'),
  );
  check('neither secret nor password is in the logs of script blocks, invocations and modules', none(asFile));
  check('neither is in a transcript', none(fromFile));
  check('neither is in what the program printed', none(outputs));
  check(
    'a script that holds the secret, which the program never makes, is found in the log of script blocks',
    holds(asText, SECRET),
  );
  check(
    'a request that holds it and is sent as text, which the program never does, is found in the transcript',
    holds(fromText, SECRET),
  );
  return result(
    'PowerShell 7.6.9 on Linux with `EnableScriptBlockLogging`, `EnableScriptBlockInvocationLogging`, `EnableModuleLogging` for `*` and',
    '`EnableTranscripting`; Base64 in what it wrote was decoded and unpacked. It is not Windows PowerShell 5.1, whose logs go to the event log.',
  );
}
