/**
 * Who may import whom. This file is what makes the layers true.
 * Paths are matched from the repository's root. Imports of types count too, unless a rule says otherwise.
 */

// Built-ins that reach outside the process. A layer without them is testable with plain values.
const IO_BUILTINS =
  '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|process|readline|tls|worker_threads)(/|$)';

module.exports = {
  forbidden: [
    {
      // A cycle means that neither file can be understood, tested or moved without the other.
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },

    // --- model: the vocabulary everybody shares -----------------------------------------------------------------
    {
      // Every layer stands on model, so whatever model imported would come along everywhere.
      name: 'model-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { path: '^src/', pathNot: '^src/model/' },
    },
    {
      // Parsing and checking are functions of their input; who reads the file or the socket hands the text in.
      name: 'model-does-no-io',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { path: IO_BUILTINS },
    },

    // --- plan: pure decisions -----------------------------------------------------------------------------------
    {
      // The same snapshot must give the same bytes, so a decision may depend on nothing but its arguments. No built-in
      // and no package either: the digest, the one need of node:crypto, lives in model.
      name: 'plan-imports-model-only',
      severity: 'error',
      from: { path: '^src/plan/' },
      to: { path: '.', pathNot: '^src/(plan|model)/' },
    },
    {
      // What is wrong with a server is judged as purely as what to change; a plan never depends on a finding.
      name: 'findings-import-plan-and-model-only',
      severity: 'error',
      from: { path: '^src/findings/' },
      to: { path: '.', pathNot: '^src/(findings|plan|model)/' },
    },

    // --- report: text for people --------------------------------------------------------------------------------
    {
      // Whatever is shown must already be in the documents that --json prints; so a report needs their types only.
      name: 'report-imports-model-only',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { path: '^src/', pathNot: '^src/(report|model)/' },
    },
    {
      // A report returns text. Where it goes (terminal, file, nowhere) is the command's business.
      name: 'report-does-no-io',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { path: IO_BUILTINS },
    },

    // --- state: files of ours -----------------------------------------------------------------------------------
    {
      // Files hold what model describes; a state layer that knew plans or servers would start to decide things.
      name: 'state-imports-model-only',
      severity: 'error',
      from: { path: '^src/state/' },
      to: { path: '^src/', pathNot: '^src/(state|model)/' },
    },
    {
      // One place knows the lock, the ledger and the runs: who runs (run), who starts it (commands), who composes (cli).
      name: 'state-is-for-run-and-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(state/|run/|commands/|cli(-lab)?[.]ts$)' },
      to: { path: '^src/state/' },
    },

    // --- server: the port and what stands behind it -------------------------------------------------------------
    {
      // A server answers and obeys. It must not know why it is asked, or the lab could be taught to please the tests.
      name: 'server-imports-model-and-server-only',
      severity: 'error',
      from: { path: '^src/server/' },
      to: { path: '^src/', pathNot: '^src/(server|model)/' },
    },
    {
      // The executable that runs as SYSTEM holds the Windows side; nothing of the lab may come in through it.
      name: 'windows-does-not-import-lab',
      severity: 'error',
      from: { path: '^src/server/windows/' },
      to: { path: '^src/server/lab/' },
    },
    {
      // A lab that shared code with the Windows side would share its mistakes and prove nothing. cli-lab joins the two.
      name: 'lab-does-not-import-windows',
      severity: 'error',
      from: { path: '^src/server/lab/' },
      to: { path: '^src/server/windows/' },
    },
    {
      // One place starts programs: allow-listed environment, absolute paths and time limits are decided there only.
      name: 'only-server-starts-programs',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/' },
      to: { path: ['^(node:)?child_process$', '(^|/)node_modules/node-powershell/'] },
    },

    // --- run: the executor --------------------------------------------------------------------------------------
    {
      // It carries plans out and never decides what to change, hence no plan/; what it learns comes through its context.
      name: 'run-imports-model-state-and-port-only',
      severity: 'error',
      from: { path: '^src/run/' },
      to: { path: '^src/', pathNot: '^src/(run/|model/|state/|server/server[.]ts$)' },
    },
    {
      // State reaches the executor as a value in its context, so that a test can hand in another one; the executor may
      // know its types and nothing else. (The port's file also holds the typed ways to ask, which need no server.)
      name: 'run-knows-state-as-types',
      severity: 'error',
      from: { path: '^src/run/' },
      to: { path: '^src/state/', dependencyTypesNot: ['type-only'] },
    },
    {
      // Sockets, files and clocks are in the context too; a test can then make each of them misbehave.
      name: 'run-does-no-io',
      severity: 'error',
      from: { path: '^src/run/' },
      to: { path: IO_BUILTINS },
    },

    // --- commands: the top --------------------------------------------------------------------------------------
    {
      // A command is an end. What two of them share lies below: rules of the domain in plan/, judgements in findings/,
      // what is done with a server in commands/session/, runs/, setup/ and triggers/, the command line in commands/shell/.
      name: 'only-cli-imports-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(commands/|cli(-lab)?[.]ts$)' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'commands-do-not-import-each-other',
      severity: 'error',
      from: { path: '^src/commands/[^/]+$', pathNot: '^src/commands/(catalogue|started-by-tasks)[.]ts$' },
      to: { path: '^src/commands/[^/]+$' },
    },
    {
      // The command line opens no server; what is done with one is handed to it as a function.
      name: 'shell-knows-no-session',
      severity: 'error',
      from: { path: '^src/commands/shell/' },
      to: { path: '^src/commands/(session|runs|setup|triggers)/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // Generated validators import only what they share; following them would only slow the walk.
    doNotFollow: { path: ['node_modules', '^src/model/generated/'] },
    // Types erased by the compiler are dependencies as well: a layer that knows a type knows the layer.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
