/** A fenced `console` block of a document: lines that start with `$ ` are commands, the others what they print. */
export interface Block {
  /** Number of the line after the fence, for messages. */
  readonly line: number;
  readonly exchanges: readonly { readonly command: string; readonly output: readonly string[] }[];
}

export function consoleBlocks(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] !== '```console') continue;
    const end = lines.indexOf('```', at + 1);
    const exchanges: { command: string; output: string[] }[] = [];
    for (const line of lines.slice(at + 1, end)) {
      if (line.startsWith('$ ')) exchanges.push({ command: line.slice(2), output: [] });
      else exchanges.at(-1)?.output.push(line);
    }
    blocks.push({ line: at + 2, exchanges });
    at = end;
  }
  return blocks;
}

/** The document with commands and outputs of its blocks replaced, in order. */
export function withExchanges(markdown: string, exchanges: Block['exchanges']): string {
  const remaining = [...exchanges];
  return markdown.replace(/^```console\n([\s\S]*?)^```$/gm, (_, content: string) => {
    const commands = content.split('\n').filter((line) => line.startsWith('$ '));
    const filled = commands.flatMap(() => {
      const { command, output } = remaining.shift() ?? { command: '', output: [] };
      return [`$ ${command}`, ...output];
    });
    return `\`\`\`console\n${filled.join('\n')}\n\`\`\``;
  });
}

/** Thumbprints and names of runs; a terminal leaves out the end of these. */
const tokens = /\b[0-9A-F]{40}\b|\b\d{8}-\d{9}-[0-9a-f]{4}\b|\b\d{8}-\d{6}\b/g;

/**
 * What differs from run to run in one transcript (a document, or its replay): thumbprints and names of runs, numbered as
 * they come up, so that the second one shown in a document is the second one of the replay.
 */
export class Transcript {
  readonly #seen: string[] = [];

  /** The text with everything that changes from run to run put in one form. */
  canonical(text: string): string {
    return text
      .replace(tokens, (token) => `<${this.#number(token)}>`)
      .replace(/\b[0-9A-F]{8}\b/g, (short) => `<${this.#seen.findIndex((token) => token.startsWith(short))}~>`)
      .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d\.\d+Z)?/g, '<time>')
      .replace(/\b\d{4}-\d\d-\d\d\b/g, '<day>')
      .replace(/[\d.]+ (ms|s)\b/g, '<span>')
      .replace(/\+\d+/g, '<offset>')
      .replace(/port \d+/g, 'port <port>')
      .replace(/ +/g, ' ')
      .trimEnd();
  }

  /**
   * A command of the document with this transcript's own thumbprints and runs in place of the document's. A new document
   * may say `{2}` for the third one it shows.
   */
  inTermsOf(document: Transcript, command: string): string {
    return command
      .replace(tokens, (token) => this.#seen[document.#seen.indexOf(token)] ?? token)
      .replace(/\{(\d+)\}/g, (placeholder, number) => this.#seen[Number(number)] ?? placeholder);
  }

  #number(token: string): number {
    const known = this.#seen.findIndex((seen) => seen.startsWith(token) || token.startsWith(seen));
    return known >= 0 ? known : this.#seen.push(token) - 1;
  }
}
