// A stock Node obeys some environment variables before our first line runs, and no option or build setting turns that
// off: it writes files where they say, loads data, or refuses to start. The executable runs elevated, so it must take
// nothing from its surroundings. The names stand in the binary as C strings; blanking the first letter makes each the
// empty name, which no environment can hold.

export const SILENCED = [
  'NODE_COMPILE_CACHE', // creates folders and files at start
  'NODE_V8_COVERAGE', // writes files at exit
  'NODE_REDIRECT_WARNINGS', // writes a file
  'NODE_REPL_EXTERNAL_MODULE', // ends the program at start
  'NODE_EXTRA_CA_CERTS', // reads a file
  'NODE_ICU_DATA', // loads data
];

/** @returns a copy of the binary, of the same length, that no longer knows the names */
export function silenceEnvironment(binary) {
  const hardened = Buffer.from(binary);
  for (const name of SILENCED) {
    const places = placesOfCString(hardened, name);
    if (places.length !== 1)
      throw new Error(`expected ${name} once as a C string in the base, found it ${places.length} times`);
    hardened[places[0]] = 0;
  }
  return hardened;
}

// The same name also stands in V8's start-up snapshot, where its length is written before it; JavaScript that reads it
// there only prepares what the native side, now deaf, would carry out.
function placesOfCString(binary, name) {
  const needle = Buffer.from(`\0${name}\0`);
  const places = [];
  for (let at = binary.indexOf(needle); at !== -1; at = binary.indexOf(needle, at + 1)) {
    if (binary.readUInt32LE(at - 3) !== name.length) places.push(at + 1);
  }
  return places;
}
