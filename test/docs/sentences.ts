/** How a page is written: how many sentences it has, and how many of them a reader has to read twice. */
export interface Figures {
  readonly sentences: number;
  /** Sentences with two halves that are glued with ";". */
  readonly glued: readonly string[];
  /** Sentences that begin with a clause where the reader expects who does it: "What a run left, the next one removes." */
  readonly clauseFirst: readonly string[];
}

export function figuresOf(markdown: string): Figures {
  const sentences = sentencesOf(markdown);
  return {
    sentences: sentences.length,
    glued: sentences.filter((sentence) => /;(?: |$)/.test(sentence)),
    clauseFirst: sentences.filter(beginsWithClause),
  };
}

/**
 * The sentences of a page: of its paragraphs, of its lists, and of cells with at least five words.
 * Headings, blocks of code and comments are not sentences, and code within a line is one word.
 */
function sentencesOf(markdown: string): readonly string[] {
  const blocks = markdown
    .replace(/<!--.*?-->/gs, '')
    .replace(/^ *```.*?^ *```$|^ {4}\S.*?$/gms, '\n')
    .replace(/^#.*$|^[|: -]+$|^!\[.*$/gm, '\n')
    .replace(/`[^`]+`/g, 'code')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_]{2}/g, '')
    .replace(/^(?:\s*(?:[-*]|\d+\.)\s+)/gm, '\n')
    .replace(/^\|.*$/gm, (row) => `\n${row.split('|').filter(isRead).join('\n\n')}\n`)
    .split(/\n\s*\n/);
  return blocks
    .map((block) => block.replace(/\s+/g, ' ').trim())
    .flatMap((block) => block.split(/(?<=[.!?][)"]?) (?=["(]?[A-Z]|code\b)/))
    .filter((sentence) => sentence !== '');
}

function isRead(cell: string): boolean {
  return (cell.match(/\S+/g) ?? []).length >= 5;
}

/**
 * Whether a sentence begins with a question word that asks nothing, or with "That" before a clause of its own.
 * A label ("What is sent: …") and a title ("What is known about Windows") are no sentences.
 */
function beginsWithClause(sentence: string): boolean {
  if (!/\.[)"]?$/.test(sentence) || /^(?:\S+ ){0,4}\S+:/.test(sentence)) return false;
  return /^(?:(?:What|Who|Which|Where|How|Whether|Why)(?:ever)?|That (?:an?|the|no|it|they|you|there|one|some\w+|no\w+|CertRebind|Windows)) /.test(
    sentence,
  );
}
