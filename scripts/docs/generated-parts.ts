import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsMarkdown } from './commands.ts';
import { configurationMarkdown } from './configuration.ts';
import { documentsMarkdown } from './documents.ts';
import { kindsOfHoldersMarkdown } from './holders.ts';
import { wayOfAnEventMarkdown } from './rooms.ts';
import { stepStatesMarkdown } from './step-states.ts';
import { symptomsMarkdown } from './symptoms.ts';

const root = join(import.meta.dirname, '..', '..');

/** What can stand between `<!-- generated: name -->` and `<!-- end of name -->`, from the table that it is written from. */
const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  commands: commandsMarkdown,
  configuration: configurationMarkdown,
  documents: documentsMarkdown,
  'step-states': stepStatesMarkdown,
  symptoms: symptomsMarkdown,
  'kinds-of-holders': kindsOfHoldersMarkdown,
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
