import fc from 'fast-check';
import { changedPart } from '../builders/odd-certificates.ts';

/** Numbers that a seed decides, so that a find can be made again. */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const longest = 256 * 1024;

/** A few changes to an example: bytes flipped, cut, doubled, moved, exchanged for what parsers stumble over. */
export function mutated(seeds: readonly Buffer[], random: Random): Buffer {
  const seed = seeds[random(seeds.length)] ?? Buffer.alloc(0);
  const structured = random(2) === 0 ? mutatedJson(seed, random) : null;
  if (structured !== null) return structured;
  if (seed[0] === 0x30 && random(2) === 0) return mutatedDer(seed, random).subarray(0, longest);
  let bytes: Buffer = Buffer.from(seed);
  for (let rounds = 1 + random(4); rounds > 0; rounds--) bytes = changed(bytes, seeds, random);
  return bytes.subarray(0, longest);
}

function changed(bytes: Buffer, seeds: readonly Buffer[], random: Random): Buffer {
  const at = random(bytes.length + 1);
  const end = at + random(Math.min(64, bytes.length - at) + 1);
  switch (random(7)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
      return flipped;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 3:
      return Buffer.concat([
        bytes.subarray(0, end),
        ...Array(1 + random(200)).fill(bytes.subarray(at, end)),
        bytes.subarray(end),
      ]);
    case 4: {
      const other = seeds[random(seeds.length)] ?? bytes;
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length + 1))]);
    }
    case 5:
      return Buffer.concat([bytes.subarray(0, at), nasty[random(nasty.length)] ?? bytes, bytes.subarray(end)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256), random(256)]), bytes.subarray(end)]);
  }
}

const nasty = [
  '\0',
  '\u001B[2J',
  '\u202E',
  '\uFEFF',
  '\uFFFF',
  '&#0;',
  '&lt;!DOCTYPE x [&lt;!ENTITY',
  '<!DOCTYPE a>',
  ']]>',
  '<![CDATA[',
  '__proto__',
  'constructor',
  '-1',
  '1e999',
  '99999999999999999999',
  '4294967296',
  'NaN',
  'null',
  '[[[[[[[[',
  '{"a":',
  '"',
  "'",
  '\\',
  '%00',
  '../',
  '*',
  '[::',
  ':::',
  '\r\n',
  ' '.repeat(5000),
  'a'.repeat(5000),
  '<a>'.repeat(500),
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.from([0xff, 0xfe]), Buffer.from([0xc0, 0x80]), Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])]);

/** ASN.1 with some of its parts exchanged, each with a length that fits. */
function mutatedDer(seed: Buffer, random: Random): Buffer {
  let der = seed;
  for (let rounds = 1 + random(3); rounds > 0; rounds--) {
    const other = Uint8Array.from({ length: random(40) }, () => random(256));
    der = changedPart(der, random(1 + random(150)), random(10), other);
  }
  return der;
}

/** A document with one of its values exchanged, removed or put where it does not belong; `null` for what is no JSON. */
function mutatedJson(seed: Buffer, random: Random): Buffer | null {
  let document: unknown;
  try {
    document = JSON.parse(seed.toString('utf8'));
  } catch {
    return null;
  }
  for (let rounds = 1 + random(3); rounds > 0; rounds--) changeOne(document, random);
  return Buffer.from(JSON.stringify(document));
}

function changeOne(document: unknown, random: Random): void {
  let at = document;
  for (let depth = random(8); ; depth--) {
    if (typeof at !== 'object' || at === null) return;
    const names = Object.keys(at);
    const name = names[random(names.length || 1)];
    if (name === undefined) return;
    const value: unknown = Reflect.get(at, name);
    if (depth > 0 && typeof value === 'object' && value !== null) {
      at = value;
      continue;
    }
    if (random(4) === 0) Reflect.deleteProperty(at, name);
    else Reflect.set(at, name, fc.sample(fc.jsonValue({ maxDepth: 2 }), { seed: random(2 ** 31), numRuns: 1 })[0]);
    return;
  }
}
