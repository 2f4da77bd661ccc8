// What Prometheus' own tool says about the metrics that the program writes and about the alerts that come with it; and
// that the tests of the alerts notice an alert that never fires and one that always does.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checklist } from '../lib/checklist.mjs';
import { unpackDebian } from '../lib/debian-packages.mjs';
import { inRoot } from '../lib/paths.mjs';
import { demand, runProgram, tellLab } from '../lib/program.mjs';

export const shows =
  "That Prometheus' own tool reads the numbers that `status` and a run write, and that each alert comes when it should and not else";
export const needs = ["Debian's prometheus by apt-get; 19 MB"];

const RULES = 'certrebind.rules.yml';
const TESTS = 'certrebind.rules.test.yml';

export async function run({ folder, say }) {
  const promtool = join(await unpackDebian(folder, ['prometheus']), 'usr/bin/promtool');
  const { check, result } = checklist(say);
  const alerts = inRoot('packaging/monitoring');
  const good = await runProgram(promtool, ['check', 'rules', join(alerts, RULES)]);
  check('check rules', good.code === 0, good.output);
  const tests = await runProgram(promtool, ['test', 'rules', join(alerts, TESTS)]);
  check('test rules', tests.code === 0, tests.output);
  for (const { name, alert, text } of brokenAlerts(readFileSync(join(alerts, RULES), 'utf8'))) {
    writeFileSync(join(folder, RULES), text);
    writeFileSync(join(folder, TESTS), readFileSync(join(alerts, TESTS)));
    const { code, output } = await runProgram(promtool, ['test', 'rules', join(folder, TESTS)]);
    check(`test rules fails: ${name}`, code === 1 && output.includes(`alertname: ${alert},`), output);
  }
  for (const [name, text] of await writtenNumbers(folder)) {
    const { code, output } = await runProgram(promtool, ['check', 'metrics'], { input: text });
    const written = text.includes('certrebind_build_info');
    check(`check metrics: ${name}`, code === 0 && output === '' && written, output);
  }
  const { code } = await runProgram(promtool, ['check', 'metrics'], { input: 'certrebind_enabled 1' });
  check('check metrics fails: a file without an end of its last line', code === 1, `${code}`);
  const [version] = (await demand(promtool, ['--version'])).split('\n');
  return result(`- ${version}`);
}

/** The alerts with one changed so that it never fires, and with one that always does. */
function brokenAlerts(text) {
  return [...text.matchAll(/- alert: (\w+)\n\s+expr: (.+)/g)].flatMap(([whole, alert, expression]) => {
    const withExpression = (other) => text.replace(whole, whole.replace(expression, other));
    const [series] = /^certrebind_\S+/.exec(expression) ?? ['windows_textfile_mtime_seconds'];
    return [
      { alert, name: `${alert} never comes`, text: withExpression(`${series} > Inf`) },
      { alert, name: `${alert} always comes`, text: withExpression(`${series} > -Inf`) },
    ];
  });
}

/** What a lab writes: new, after a renewal and one that a guard blocked, and with names that have to be escaped. */
async function writtenNumbers(folder) {
  const lab = join(folder, 'lab');
  const tell = (...words) => tellLab(words, { cwd: folder });
  await tell('lab', 'create', lab);
  const numbers = () => tell('status', '--format', 'prometheus', '--lab', lab);
  const found = [['a new server', await numbers()]];
  const file = join(lab, 'numbers', 'certrebind.prom');
  mkdirSync(join(lab, 'numbers'), { mode: 0o755 });
  await tell('config', 'set', 'metrics.file', file, '--lab', lab);
  await tell('lab', 'renew', 'shop.example.com', '--lab', lab);
  await tell('lab', 'renew', 'api.example.org', '--names', 'elsewhere.example', '--lab', lab);
  await tell('reconcile', '--lab', lab);
  found.push(['what a run wrote, with a renewal that a guard blocked', readFileSync(file, 'utf8')]);
  const capture = join(folder, 'capture.json');
  await tell('capture', capture, '--lab', lab);
  const snapshot = JSON.parse(readFileSync(capture, 'utf8'));
  for (const one of snapshot.certificates)
    Object.assign(one, {
      commonName: '例え\\"}\n1',
      dnsNames: ['例え.jp'],
      issuer: 'O="Example\\, Inc."\r\nx{a="b"} 1',
    });
  writeFileSync(capture, JSON.stringify(snapshot));
  found.push([
    'names with quotes, line ends and Japanese',
    await tell('status', '--format', 'prometheus', '--replay', capture),
  ]);
  return found;
}
