// The pages of `report --html` in a real browser, in twelve situations and of a lab: that they fit a phone, a tablet and a
// desk without scrolling sideways, light and dark, and print; that they load nothing; and what axe-core and html-validate
// report. All pictures stay in the folder that `CERTREBIND_PICTURES` names, and some beside the page with the results.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checklist } from '../lib/checklist.mjs';
import { inRoot } from '../lib/paths.mjs';
import { runProgram, tellLab } from '../lib/program.mjs';

export const shows =
  'That the pages of report --html fit every screen, and are accessible, valid and inert: twelve situations and a lab, in Chromium';
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
const WIDTHS = [390, 820, 1280];
/** Kept beside the results. */
const KEPT = ['site-down-1280-light', 'blocked-390-dark', 'fleet-1280-light'];

/** The first of the usual browsers that this machine has; `null` for none. */
function findBrowser() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
  const files = names.flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)));
  return files.find(existsSync) ?? null;
}

export async function run({ folder, say }) {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error('NO BROWSER IS HERE: install chromium or google-chrome');
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
  const browser = await chromium.launch({ executablePath, args });
  const { check, result } = checklist(say);
  try {
    for (const [name, file] of pages) {
      for (const colorScheme of ['light', 'dark']) {
        const { asked, said, wide } = await draw(browser, file, colorScheme, join(folder, name));
        check(`${name}, ${colorScheme}: fits ${WIDTHS.join(', ')} pixels`, wide.length === 0, wide.join(' '));
        check(`${name}, ${colorScheme}: asks for nothing but itself`, asked.length === 1, asked.slice(1).join(' '));
        const { violations, rules } = await judge(browser, file, colorScheme, axe);
        for (const [what, found] of [
          ['no script runs and nothing is in the console', said],
          [`axe-core finds nothing by ${rules} rules`, violations],
        ])
          check(`${name}, ${colorScheme}: ${what}`, found.length === 0, found.join(' '));
      }
      const validator = join(folder, 'node_modules/html-validate/bin/html-validate.mjs');
      const words = [validator, '--preset', 'standard', file];
      const validate = await runProgram(process.execPath, words, { cwd: folder });
      check(`${name}: html-validate`, validate.code === 0, validate.output);
      const pdf = readFileSync(join(folder, `${name}.pdf`), 'latin1');
      const sheets = [...pdf.matchAll(/\/Type\s*\/Page\b/g)].length;
      check(
        `${name}: prints on ${sheets} sheets`,
        sheets >= 1 && sheets <= (['five-hundred', 'fleet'].includes(name) ? 20 : 10),
      );
    }
    return result(`- Chromium ${browser.version()}`, ...PACKAGES.map((one) => `- ${one}`));
  } finally {
    await browser.close();
    const kept = inRoot('docs/evidence/page');
    mkdirSync(kept, { recursive: true });
    for (const name of KEPT) copyFileSync(join(folder, `${name}.png`), join(kept, `${name}.png`));
    const pictures = process.env.CERTREBIND_PICTURES;
    if (pictures !== undefined)
      for (const file of readdirSync(folder))
        if (/\.(?:png|pdf)$/.test(file)) copyFileSync(join(folder, file), join(pictures, file));
  }
}

/** The situations that the tests know too; and a lab after a renewal, one of which a guard blocked. */
async function writePages(folder) {
  const { pageSituations } = await import('../../test/commands/report/pages.ts');
  const lab = join(folder, 'lab');
  const tell = (...words) => tellLab(words, { cwd: folder });
  await tell('lab', 'create', lab);
  await tell('lab', 'renew', 'shop.example.com', '--lab', lab);
  await tell('reconcile', '--lab', lab);
  await tell('lab', 'renew', 'api.example.org', '--names', 'elsewhere.example', '--lab', lab);
  await tell('reconcile', '--lab', lab);
  const ofLab = join(folder, 'lab.html');
  await tell('report', '--html', ofLab, '--lab', lab);
  const pages = pageSituations.map(({ name, page }) => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, page);
    return [name, file];
  });
  return [...pages, ['lab', ofLab]];
}

async function draw(browser, file, colorScheme, picture) {
  const context = await browser.newContext({ offline: true, colorScheme });
  const page = await context.newPage();
  const [asked, said, wide] = [[], [], []];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('dialog', (dialog) => {
    said.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (over > 0) wide.push(`${width}: ${over} too wide`);
    await page.screenshot({ path: `${picture}-${width}-${colorScheme}.png` });
  }
  if (colorScheme === 'light') writeFileSync(`${picture}.pdf`, await page.pdf({ format: 'A4' }));
  await context.close();
  return { asked, said, wide };
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
