import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A page with every file that it shows as that file is: the block behind `<!-- file: path -->`. */
export function withShownFiles(page: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  return text.replaceAll(
    /(<!-- file: (\S+) -->\n```\w+\n)[\s\S]*?^```$/gm,
    (_whole, head: string, file: string) => `${head}${readFileSync(join(root, file), 'utf8')}\`\`\``,
  );
}
