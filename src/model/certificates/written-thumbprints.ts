import { sniffEncoding } from '../../base/text-encoding.ts';
import type { Thumbprint } from './thumbprint.ts';

const [digitsOfOne, other, zero, between] = [40, -1, 16, 17];

/** What a byte is: the value of a digit, a half of UTF-16, a character that may separate two digits, or anything else. */
const kinds = Int8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte);
  if (/[0-9a-f]/i.test(letter)) return Number.parseInt(letter, 16);
  return byte === 0 ? zero : ' :-'.includes(letter) ? between : other;
});

/**
 * Finds these thumbprints in a text of UTF-8, UTF-16 or a code page that contains ASCII, each once a line, the first `most`: digits in
 * either case, with at most one blank, colon or hyphen between two of them. A text is passed over in steps of forty bytes where
 * the last of them can belong to no thumbprint.
 */
export function thumbprintFinder(wanted: Iterable<Thumbprint>) {
  const thumbprints = new Map<string, Thumbprint>([...wanted].map((one) => [one, one]));
  const ends = new Set([...thumbprints.keys()].map((one) => Number.parseInt(one.slice(-8), 16)));
  return (bytes: Uint8Array, most = Number.POSITIVE_INFINITY) => {
    const written: { readonly thumbprint: Thumbprint; readonly line: number }[] = [];
    const lineAt = lineCounter(bytes);
    const last = bytes.length - 1;
    let [digits, end, separated] = [0, 0, false];
    for (let at = 0; at <= last && written.length < most; at++) {
      const kind = kinds[bytes[at] ?? 0] ?? other;
      if (kind >= 0 && kind < zero) {
        end = ((end << 4) | kind) >>> 0;
        digits += 1;
        separated = false;
        const thumbprint = digits < digitsOfOne || !ends.has(end) ? undefined : thumbprints.get(digitsUpTo(bytes, at));
        if (thumbprint === undefined) continue;
        const line = lineAt(at);
        if (!written.some((one) => one.line === line && one.thumbprint === thumbprint))
          written.push({ thumbprint, line });
      } else if (kind === between && digits > 0 && !separated) separated = true;
      else if (kind !== zero) {
        [digits, separated] = [0, false];
        while (at < last && kinds[bytes[Math.min(at + digitsOfOne, last)] ?? 0] === other) at += digitsOfOne;
      }
    }
    return written;
  };
}

function digitsUpTo(bytes: Uint8Array, end: number): string {
  let digits = '';
  for (let at = end; at >= 0 && digits.length < digitsOfOne; at--) {
    const kind = kinds[bytes[at] ?? 0] ?? other;
    if (kind >= 0 && kind < zero) digits = kind.toString(16) + digits;
  }
  return digits.toUpperCase();
}

/** Counts on from where it was asked last, so it has to be asked in order. */
function lineCounter(bytes: Uint8Array): (at: number) => number {
  const encoding = sniffEncoding(bytes);
  const [step, low, high] = encoding === 'utf-16le' ? [2, 0, 1] : encoding === 'utf-16be' ? [2, 1, 0] : [1, 0, 0];
  let [line, from] = [1, 0];
  return (at) => {
    for (; from < at; from += step) {
      if (bytes[from + low] === 10 && (step === 1 || bytes[from + high] === 0)) line += 1;
    }
    return line;
  };
}

/** By names of files, and what stands in them or, for WCF, in the line; the first that fits (fidelity: written-thumbprints). */
const programs: readonly (readonly [program: string, file: RegExp, text: RegExp])[] = [
  ['WCF', /\.config$/i, /findValue\s*=/i],
  ['IdentityServer', /\.(?:json|config)$/i, /IdentityServer|SigningCertificateThumbprint/i],
  ['Kestrel', /appsettings[^\\/]*\.json$/i, /"Kestrel"/i],
  ['DSC', /\.ps1$/i, /Import-DscResource|\[DSCLocalConfigurationManager\(|LocalConfigurationManager\s*\{/i],
  ['Azure Pipelines', /\.ya?ml$/i, /^\s*-\s*task\s*:\s*\w+@\d/im],
  ['Ansible', /\.ya?ml$/i, /\bwin_(?:iis|rds)_\w+\s*:|\bwin_(?:certificate_store|shell|powershell)\s*:/],
  ['Remote Desktop', /\.rdp$/i, /^/],
];

/** The kind of program that reads such a line of such a file; `null` where it is not known. */
export function programThatReads(path: string, bytes: Uint8Array, line: number): string | null {
  const likely = programs.filter(([, file]) => file.test(path));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').replaceAll('\0', '');
  const own = text.split('\n', line)[line - 1] ?? '';
  return likely.find(([program, , wanted]) => wanted.test(program === 'WCF' ? own : text))?.[0] ?? null;
}
