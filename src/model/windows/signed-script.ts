/** For each kind of script: how the signature comment begins, and the form of its lines. */
const kinds: readonly (readonly [RegExp, RegExp, RegExp])[] = [
  [/\.(?:ps1|psm1|psd1)$/i, /^# SIG # Begin signature block$/, /^(?:# [\x20-\x7e]*)?$/],
  [/\.ps1xml$/i, /^<!-- SIG # Begin signature block -->$/, /^(?:<!-- (?:SIG # )?[A-Za-z0-9+/= ]* -->)?$/],
];

/**
 * A script without its signature and the line ends before it: who signed a script does not change what it does. If the
 * beginning of a signature is followed by anything but comment lines, it is not a signature and stays.
 * @param name of the file; a file that is not a PowerShell script is returned unchanged
 */
export function withoutSignature(name: string, text: string): string {
  const [, begin, more] = kinds.find(([names]) => names.test(name)) ?? [];
  if (begin === undefined || more === undefined) return text;
  const lines = text.split(/\r\n|\n/);
  const at = lines.findIndex((line) => begin.test(line));
  if (at === -1 || !lines.slice(at).every((line) => more.test(line))) return text.trimEnd();
  return firstLines(text, at).trimEnd();
}

function firstLines(text: string, count: number): string {
  let end = 0;
  for (let line = 0; line < count; line++) end = text.indexOf('\n', end) + 1;
  return text.slice(0, end);
}

export function isScript(name: string): boolean {
  return kinds.some(([names]) => names.test(name));
}
