// A stock Node obeys some environment variables before our first line runs, and no option or build setting turns that
// off: it writes files where they say, loads data, or refuses to start. The executable runs elevated, so it must take
// nothing from its surroundings. The names are in the binary as C strings; blanking the first letter makes each the
// empty name, which no environment can hold.

export const SILENCED = [
  'NODE_COMPILE_CACHE', // creates folders and files at start
  'NODE_V8_COVERAGE', // writes files at exit
  'NODE_REDIRECT_WARNINGS', // writes a file
  'NODE_REPL_EXTERNAL_MODULE', // ends the program at start
  'NODE_EXTRA_CA_CERTS', // reads a file
  'NODE_ICU_DATA', // loads data
];

/**
 * Obeyed by Node's own JavaScript before the program's first line: the program would take orders from a pipe, or end if
 * the pipe does not exist.
 */
export const SILENCED_IN_JAVASCRIPT = ['NODE_CHANNEL_FD'];

/** @returns a copy of the binary, of the same length, that no longer knows the names */
export function silenceEnvironment(binary) {
  const hardened = Buffer.from(binary);
  for (const name of SILENCED_IN_JAVASCRIPT) silenceInJavaScript(hardened, name);
  for (const name of SILENCED) {
    const places = placesOfCString(hardened, name);
    if (places.length !== 1)
      throw new Error(`expected ${name} once as a C string in the base, found it ${places.length} times`);
    hardened[places[0]] = 0;
  }
  return hardened;
}

// JavaScript is in the binary as text, and compiled beforehand in a snapshot and a cache, where strings have their
// length before them. A name that begins with a zero is the empty name to the system.
function silenceInJavaScript(binary, name) {
  const compiled = Buffer.from(`${'\0'.repeat(4)}${name}`);
  compiled.writeUInt32LE(name.length);
  const asked = Buffer.from(`if (process.env.${name})`);
  const never = 'if (undefined'.padEnd(asked.length - 1).concat(')');
  const counts = [
    replaceAll(binary, compiled, (at) => binary.writeUInt8(0, at + 4)),
    replaceAll(binary, asked, (at) => binary.write(never, at, 'latin1')),
  ];
  if (counts.includes(0)) throw new Error(`expected ${name} in JavaScript of the base, as text and compiled`);
}

function replaceAll(binary, needle, replace) {
  const places = placesOf(binary, needle);
  for (const at of places) replace(at);
  return places.length;
}

function placesOf(binary, needle) {
  const places = [];
  for (let at = binary.indexOf(needle); at !== -1; at = binary.indexOf(needle, at + 1)) places.push(at);
  return places;
}

// The same name is also in V8's start-up snapshot, where its length is written before it; JavaScript that reads it
// there only prepares what the native side, now deaf, would carry out.
function placesOfCString(binary, name) {
  const places = placesOf(binary, Buffer.from(`\0${name}\0`));
  return places.filter((at) => binary.readUInt32LE(at - 3) !== name.length).map((at) => at + 1);
}
