/**
 * Who may import whom. This file is what makes the storeys true.
 * Paths are matched from the repository's root. Imports of types count too, unless a rule says otherwise.
 */

const levels = require('./scripts/lib/rooms.json');

// Built-ins that reach outside the process. A folder without them is testable with plain values.
const IO_BUILTINS =
  '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|process|readline|tls|worker_threads)(/|$)';

/** The side of a kind that speaks to Windows; the rest of its folder are rules. */
const ON_WINDOWS = '^src/kinds/[^/]+/windows[.]ts$';

/** Types, and the one parser of each thing that crosses a boundary. */
const VOCABULARY = '^src/(base|model|kinds|documents)/';

/** Facts in, judgements out. */
const JUDGEMENTS =
  '^src/(engine/(findings|known|look|plan|views)/|session/notify/(match-trigger|outbox-messages)[.]ts$)';

/** Text for people, from documents. */
const TEXTS = ['^src/shell/print/', '^src/commands/report/(?!command)', '^src/commands/.+text[.]ts$'];

/** What a command says with `--json`, where no other command knows it. */
const OWN_DOCUMENTS = '^src/commands/.+/document[.]ts$';

/** A run, and a rehearsal of one. */
const RUNS = '^src/(engine/run/|commands/rehearse/rehearse[.]ts$)';

/** What plays a server. */
const SIMULATION = '^src/lab/(client|host|kernel|windows)/';

/** A room imports from rooms below it, and from none beside or above it: what two rooms share lies below both. */
const downwards = levels.flatMap((level, at) =>
  level.map((room) => {
    const others = levels.slice(at).flat();
    return {
      name: `${room.replace('/', '-')}-imports-downwards`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/((${others.join('|')})/|[^/]+$)`, pathNot: `^src/${room}/` },
    };
  }),
);

module.exports = {
  forbidden: [
    {
      // A cycle means that neither file can be understood, tested or moved without the other.
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...downwards,

    // --- the vocabulary everybody shares ------------------------------------------------------------------------
    {
      // Parsing and checking are functions of their input; who reads the file or the socket hands the text in.
      name: 'vocabulary-does-no-io',
      severity: 'error',
      from: { path: [VOCABULARY, OWN_DOCUMENTS] },
      to: { path: IO_BUILTINS },
    },
    {
      // What the engine knows of a kind are its rules; the other side is put together where the engine's scripts are.
      name: 'rules-do-not-know-windows',
      severity: 'error',
      from: { path: '^src/', pathNot: [ON_WINDOWS, '^src/server/windows/', '^src/kinds/kinds[.]ts$'] },
      to: { path: ON_WINDOWS },
    },

    // --- pure decisions -----------------------------------------------------------------------------------------
    {
      // The same snapshot must give the same bytes, so a decision may depend on nothing but its arguments. No built-in
      // and no package either: the digest, the one need of node:crypto, lives in base.
      name: 'judgements-import-vocabulary-only',
      severity: 'error',
      from: { path: JUDGEMENTS },
      to: { path: '.', pathNot: [JUDGEMENTS, VOCABULARY] },
    },

    // --- text for people ----------------------------------------------------------------------------------------
    {
      // Whatever is shown must already be in the documents that --json prints; so a text needs their types only.
      name: 'texts-import-documents-only',
      severity: 'error',
      from: { path: TEXTS },
      to: { path: '^src/', pathNot: [VOCABULARY, OWN_DOCUMENTS, ...TEXTS] },
    },
    {
      // A text is returned. Where it goes (terminal, file, nowhere) is the command's business.
      name: 'texts-do-no-io',
      severity: 'error',
      from: { path: TEXTS },
      to: { path: IO_BUILTINS },
    },

    // --- state: files of ours -----------------------------------------------------------------------------------
    {
      // Files hold what documents describes; a state that knew plans or servers would start to decide things.
      name: 'state-imports-vocabulary-only',
      severity: 'error',
      from: { path: '^src/engine/state/' },
      to: { path: '^src/', pathNot: ['^src/engine/state/', VOCABULARY] },
    },
    {
      // What plays a server remembers in files of its own.
      name: 'state-is-not-for-the-lab',
      severity: 'error',
      from: { path: SIMULATION },
      to: { path: '^src/engine/state/' },
    },

    // --- server: the port and what stands behind it -------------------------------------------------------------
    {
      // A server answers and obeys. It must not know why it is asked, or the lab could be taught to please the tests.
      name: 'server-imports-vocabulary-only',
      severity: 'error',
      from: { path: ['^src/server/', SIMULATION] },
      to: { path: '^src/', pathNot: ['^src/server/', SIMULATION, VOCABULARY] },
    },
    {
      // The executable that runs as SYSTEM holds the Windows side; nothing of the lab may come in.
      name: 'only-cli-lab-imports-the-lab',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(lab/|cli-lab[.]ts$)' },
      to: { path: '^src/lab/' },
    },
    {
      // A lab that shared code with the Windows side would share its mistakes and prove nothing. lab/windows joins the two.
      name: 'lab-does-not-import-windows',
      severity: 'error',
      from: { path: '^src/lab/(client|host|kernel)/' },
      to: { path: ['^src/server/windows/', ON_WINDOWS] },
    },
    {
      // One place starts programs: allow-listed environment, absolute paths and time limits are decided there only.
      name: 'only-server-starts-programs',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/server/', SIMULATION] },
      to: { path: ['^(node:)?child_process$', '(^|/)node_modules/node-powershell/'] },
    },

    // --- run: the executor --------------------------------------------------------------------------------------
    {
      // It asks plan/ what to change and carries that out; what it learns of its surroundings comes through its context.
      name: 'run-imports-vocabulary-plan-state-and-port-only',
      severity: 'error',
      from: { path: RUNS },
      to: { path: '^src/', pathNot: [RUNS, VOCABULARY, '^src/(engine/(known|plan|state)/|server/server[.]ts$)'] },
    },
    {
      // State reaches the executor as a value in its context, so that a test can hand in another one; the executor may
      // know its types and nothing else. (The port's file also holds the typed ways to ask, which need no server.)
      name: 'run-knows-state-as-types',
      severity: 'error',
      from: { path: RUNS },
      to: { path: '^src/engine/state/', dependencyTypesNot: ['type-only'] },
    },
    {
      // Sockets, files and clocks are in the context too; a test can then make each of them misbehave.
      name: 'run-does-no-io',
      severity: 'error',
      from: { path: RUNS },
      to: { path: IO_BUILTINS },
    },

    // --- commands: the ends -------------------------------------------------------------------------------------
    {
      // A command is an end: gather, call, print. What two of them share lies below them.
      name: 'no-command-imports-another',
      severity: 'error',
      from: { path: '^src/commands/([^/]+)/' },
      to: { path: '^src/commands/', pathNot: '^src/commands/$1/' },
    },
    {
      // Texts of a server are searched when a person asks: never by a task, and never to judge anything.
      name: 'only-persons-search-texts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/commands/(usage|report)/command[.]ts$|^src/commands/rebind/retire[.]ts$' },
      to: { path: '^src/session/search-written[.]ts$' },
    },
  ],
  options: {
    // Generated validators import only what they share; following them would only slow the walk.
    doNotFollow: { path: ['node_modules', '^src/documents/generated/'] },
    // Types erased by the compiler are dependencies as well: a room that knows a type knows the room.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
