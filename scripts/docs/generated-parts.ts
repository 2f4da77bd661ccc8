import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsMarkdown } from './commands.ts';
import { configurationMarkdown } from './configuration.ts';
import { kindsOfHoldersMarkdown } from './holders.ts';
import { measuredMarkdown, statusMarkdown } from './measured.ts';
import { wayOfAnEventMarkdown } from './rooms.ts';
import { symptomsMarkdown } from './symptoms.ts';
import { scriptsMarkdown } from './win-acme.ts';

const root = join(import.meta.dirname, '../..');

/** A page with every file that it shows as that file is: the block behind `<!-- file: path -->`. */
export function withShownFiles(page: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  return text.replaceAll(
    /(<!-- file: (\S+) -->\n```\w+\n)[\s\S]*?^```$/gm,
    (_whole, head: string, file: string) => `${head}${readFileSync(join(root, file), 'utf8')}\`\`\``,
  );
}

/** What can stand between `<!-- generated: name -->` and `<!-- end of name -->`, from the table that it is written from. */
const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  commands: commandsMarkdown,
  configuration: configurationMarkdown,
  measured: () => measuredMarkdown(),
  status: () => statusMarkdown(),
  symptoms: symptomsMarkdown,
  'kinds-of-holders': kindsOfHoldersMarkdown,
  'scripts-of-win-acme': scriptsMarkdown,
  'way-of-an-event': wayOfAnEventMarkdown,
};

/**
 * A page with its generated parts as they should be; everything around them is written by people.
 * @throws Error when a part is not known, or does not end
 */
export async function withGeneratedParts(page: string): Promise<string> {
  let text = readFileSync(join(root, page), 'utf8');
  for (const [, name = ''] of text.matchAll(/^<!-- generated: (\S+) -->$/gm)) {
    const write = parts[name];
    const [begin, end] = [`<!-- generated: ${name} -->\n`, `<!-- end of ${name} -->\n`];
    if (write === undefined || !text.includes(end)) throw new Error(`${page}: ${name} is not known, or does not end`);
    const [before = '', rest = ''] = text.split(begin);
    text = `${before}${begin}\n${(await write()).trimEnd()}\n\n${end}${rest.slice(rest.indexOf(end) + end.length)}`;
  }
  return text;
}
