// The page of `report --html` in a real browser: that it renders light, dark and for paper, that it loads nothing, that
// names chosen by others stay text, and what axe-core and html-validate report. The pictures stay in the folder that
// `CERTREBIND_PICTURES` names.

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProgram, tellLab } from '../lib/program.mjs';

export const shows = 'That the page about a server is drawn by Chromium, is accessible, valid and inert';
export const needs = [
  "Debian's chromium and fonts-dejavu-core",
  'npm: playwright-core, axe-core, html-validate; 30 MB',
];

const PACKAGES = ['playwright-core@1.65.1', 'axe-core@4.14.1', 'html-validate@10.17.0'];
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
];
const PLANTED = [
  '<script>alert(1)</script>',
  '<img src=https://x.invalid/a onerror=alert(2)>',
  '"></td><script>alert(3)</script>',
];

export async function run({ folder, say }) {
  await runProgram('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, ...PACKAGES], {
    cwd: folder,
    env: process.env,
  });
  const need = createRequire(join(folder, 'node_modules', 'x'));
  const axe = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
  const pages = await writePages(folder);
  const { chromium } = need('playwright-core');
  // Only root, as in a container, can do without the sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', ...QUIET] : QUIET;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  const checks = [];
  const check = (name, passed, detail) => {
    checks.push({ name, passed, detail });
    say(`${passed ? 'ok' : 'NOT OK'}: ${name}${detail === '' ? '' : `: ${detail}`}`);
  };
  try {
    for (const [name, file] of pages) {
      for (const colorScheme of ['light', 'dark']) {
        const { asked, said } = await draw(browser, file, colorScheme, join(folder, `${name}-${colorScheme}`));
        check(`${name}, ${colorScheme}: asks for nothing but itself`, asked.length === 1, asked.slice(1).join(' '));
        check(
          `${name}, ${colorScheme}: no script runs and nothing is in the console`,
          said.length === 0,
          said.join(' '),
        );
        const { violations, rules } = await judge(browser, file, colorScheme, axe);
        check(
          `${name}, ${colorScheme}: axe-core finds nothing by ${rules} rules`,
          violations.length === 0,
          violations.join(' '),
        );
      }
      const validate = await runProgram(
        process.execPath,
        [join(folder, 'node_modules/html-validate/bin/html-validate.mjs'), '--preset', 'standard', file],
        {
          cwd: folder,
          env: process.env,
        },
      );
      check(`${name}: html-validate`, validate.code === 0, validate.code === 0 ? '' : validate.output.trim());
      const pdf = readFileSync(join(folder, `${name}-light.pdf`), 'latin1');
      const sheets = [...pdf.matchAll(/\/Type\s*\/Page\b/g)].length;
      check(`${name}: prints on ${sheets} sheets`, sheets >= 1 && sheets <= 10, '');
    }
    const version = browser.version();
    return {
      passed: checks.every(({ passed }) => passed),
      lines: [`- Chromium ${version}`, ...PACKAGES.map((one) => `- ${one}`), '', ...checks.map(lineOf)],
    };
  } finally {
    await browser.close();
    const pictures = process.env.CERTREBIND_PICTURES;
    if (pictures !== undefined)
      for (const file of readdirSync(folder))
        if (/\.(?:png|pdf)$/.test(file)) copyFileSync(join(folder, file), join(pictures, file));
  }
}

function lineOf({ name, passed, detail }) {
  return `- ${passed ? 'passed' : 'FAILED'}: ${name}${detail === '' ? '' : ` (${detail})`}`;
}

/** The page of a lab after a renewal, one of which a guard blocked; and one of a capture whose names are markup. */
async function writePages(folder) {
  const lab = join(folder, 'lab');
  const tell = (...words) => tellLab(words, { cwd: folder });
  await tell('lab', 'create', lab);
  await tell('lab', 'renew', 'shop.example.com', '--lab', lab);
  await tell('reconcile', '--lab', lab);
  await tell('lab', 'renew', 'api.example.org', '--names', 'elsewhere.example', '--lab', lab);
  await tell('reconcile', '--lab', lab);
  const plain = join(folder, 'server.html');
  await tell('report', '--html', plain, '--lab', lab);
  const capture = join(folder, 'capture.json');
  await tell('capture', capture, '--lab', lab);
  const snapshot = JSON.parse(readFileSync(capture, 'utf8'));
  const [script, image, quote] = PLANTED;
  snapshot.server.name = script;
  for (const site of snapshot.sites) site.name = image;
  for (const one of snapshot.certificates)
    Object.assign(one, { commonName: quote, dnsNames: [quote, ...one.dnsNames], issuer: `CN=${script}` });
  writeFileSync(capture, JSON.stringify(snapshot));
  const planted = join(folder, 'planted.html');
  await tell('report', '--html', planted, '--replay', capture);
  return [
    ['server', plain],
    ['planted', planted],
  ];
}

async function draw(browser, file, colorScheme, picture) {
  const context = await browser.newContext({ offline: true, colorScheme, viewport: { width: 1100, height: 800 } });
  const page = await context.newPage();
  const [asked, said] = [[], []];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('dialog', (dialog) => {
    said.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path: `${picture}.png`, fullPage: true });
  if (colorScheme === 'light') {
    writeFileSync(`${picture}.pdf`, await page.pdf({ format: 'A4' }));
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 720, height: 1000 });
    await page.screenshot({ path: `${picture}-print.png`, fullPage: true });
  }
  await context.close();
  return { asked, said };
}

/** The policy of the page lets no script in, axe-core neither. */
async function judge(browser, file, colorScheme, axe) {
  const context = await browser.newContext({ offline: true, bypassCSP: true, colorScheme });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate('axe.run()');
  await context.close();
  return { violations: violations.map(({ id, nodes }) => `${id} (${nodes.length})`), rules: passes.length };
}
