/** Turns that a reader stumbles over, and other words for what has one name here, each with what to write instead. */
const turns: readonly (readonly [RegExp, string])[] = [
  [/\bTLS records?\b/i, 'certificate binding'],
  [/\b(?:un)?proven\b/i, 'verified, not verified'],
  [/\bswap(?:s|ped|ping)?\b/i, 'replace'],
  [/--represent\b/i, '--reapply'],
  [/\bnot-ours\b/i, 'other-program'],
  [/\bwhoever\b/i, 'anyone who, an account that'],
  [/\bwhatever became of\b|\bwhat became of\b/i, 'how it ended'],
  [/\bbecomes? of\b/i, 'say what happens to it'],
  [/\blikewise\b/i, 'in the same way, also'],
  [/\ball the same\b/i, 'nevertheless'],
  [/\bshall\b/i, 'must, or the present tense'],
  [/\bis (?:his|hers|theirs) to\b/i, 'is responsible for'],
  [/\b(?:there|where)of\b/i, 'of it'],
  [/\bto be had\b/i, 'available'],
  [/\bhitherto\b|\bhenceforth\b/i, 'until now, from now on'],
  [/\b(?:here|where)(?:in|by|upon)\b/i, 'in this, by which'],
  [/\banew\b/i, 'again'],
  [/\bbut for\b/i, 'except'],
  [/\bputs? back\b/i, 'roll back'],
  [/\bstands? on\b/i, 'use, need'],
  [/\bof ours\b/i, 'of CertRebind, of this project'],
  [/\b(?:bring|brings|bringing|brought) (?:it |them |renewals? |a renewal )?in\b/i, 'apply'],
  [/\bgo(?:es)? on (?:serving|with)\b/i, 'still serves, still uses'],
  [/\b(?:comes?|came|brought) to (?:its|their|an) end\b/i, 'finish'],
  [/\btak(?:es?|en|ing) away\b/i, 'remove'],
  [/\bput in(?:to)? place\b/i, 'install'],
  [/\bin (?:the )?place of\b/i, 'instead of'],
  [/\bthrow-away\b/i, 'temporary'],
  [/\bthe wire\b/i, 'the endpoint'],
  [/\bas far as is known\b|\bcould not be told\b/i, 'is not known'],
  [/\bnothing (?:tells|corroborates)\b/i, 'it is not known, is not trusted'],
  [/\bnone of the values\b/i, 'not valid'],
  [/(?<!\bthere )\bis no (?!longer\b|more\b|need\b)[a-z]/i, 'is not a'],
  [/\b(?:needs|asks for|left (?:for|to)) a person\b/i, 'you have to act'],
];

/** Words of the code, which the pages for users and the texts of codes do without. */
const insiders: readonly (typeof turns)[number][] = [
  [/\bledger\b(?!\.json|-)/i, 'what CertRebind remembers of renewals'],
  [/\bdebts?\b/i, 'what is to be restored'],
  [/(?<!-)\badapter\b/i, 'the PowerShell script of CertRebind'],
  [/\bcorroborat(?:ed|es?)\b/i, 'who wrote it, and what names it'],
];

/** Each stiff turn of a text, as `where:line: "turn": write instead`. */
export function turnsIn(where: string, text: string): readonly string[] {
  const isForUsers = /^(?:README\.md$|docs\/[^/]+$|certrebind )/.test(where);
  const avoided = isForUsers ? [...turns, ...insiders] : turns;
  return text.split('\n').flatMap((line, at) =>
    avoided.flatMap(([turn, instead]) => {
      const [match] = turn.exec(line) ?? [];
      return match === undefined ? [] : [`${where}:${at + 1}: "${match}": write ${instead}`];
    }),
  );
}
