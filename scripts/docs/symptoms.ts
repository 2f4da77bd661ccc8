import { errorCodes, stepErrorCodes } from '../../src/base/codes/error-codes.ts';
import { findingCodes } from '../../src/base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../src/base/codes/plan-codes.ts';

/** What a person notices, what to type then, and what the answer may be, the likely ones first. */
export interface Symptom {
  readonly symptom: string;
  /** Command lines without the name of the program. */
  readonly run: readonly string[];
  /** Of what is blocked, skipped, found, of errors and of notes, with blanks between them. */
  readonly codes: string;
  /** What is worth saying below the table, in Markdown. */
  readonly more?: string;
}

export const symptoms: readonly Symptom[] = [
  {
    symptom: 'The certificate was renewed, and clients still get the old one',
    run: ['status --full', 'plan'],
    codes:
      'renewal-pending renewal-waiting renewal-late renewal-unnoticed renewal-unclear renewal-unrecorded replaced-earlier window-too-rare renewal-blocked still-old still-served wire-differs old-certificate-back renewal-held restore-failed restore-dropped not-enabled later-event-wins uncorroborated-ignored',
  },
  {
    symptom: 'The certificate was renewed, and nothing started',
    run: ['status --full', 'doctor'],
    codes: 'task-missing task-disabled task-changed scheduler-stopped log-disabled log-reset proof-missing',
  },
  {
    symptom: 'A run ends with 3, or a renewal is blocked',
    run: ['plan', 'explain <code>'],
    codes: blockCodes.map(({ code }) => code).join(' '),
  },
  {
    symptom: 'A host is missing in the new certificate',
    run: ['plan', 'usage <certificate>'],
    codes: 'names-lost name-not-covered names-fewer names-uncovered deadline-replace',
    more: `Get a certificate with every host; it is taken within the hour. Until then the old certificate stays there, unless [\`deadline.action\` is \`replace\`](configuration.md#deadline). All others get the new one.
Sites that share a certificate binding, such as \`*:443\`, wait together; one without a host name takes it, with the note \`names-fewer\`. To allow the loss once:
\`certrebind rebind --old <old> --new <new> --allow names-lost\`. To be only warned from now on: \`certrebind config set guards.names-lost warn\`.`,
  },
  {
    symptom: 'One site or holder was left alone',
    run: ['plan', 'usage <certificate>'],
    codes: `${skipCodes.map(({ code }) => code).join(' ')} central-store other-consumers exclusion-shared`,
  },
  {
    symptom: 'A run ends with 4: something was rolled back or refused',
    run: ['history last'],
    codes:
      'renewal-rolled-back not-restored not-undone names-lost endpoint-worse chain-not-sent replace-failed replace-without-effect changed-meanwhile canary-failed run-undone stopped',
    more: `What a run rolled back, not what you undid, is tried again once its cause has gone; \`certrebind status --full\` shows the cause and the command that applies it
at once.`,
  },
  {
    symptom: 'A run ends with 5: it needs attention',
    run: ['history last', 'doctor'],
    codes: 'unfinished-run could-not-work proof-left still-old still-served options-lost record-lost server-silent',
  },
  {
    symptom: 'Browsers warn about the certificate, or show the wrong one',
    run: ['doctor', 'verify'],
    codes:
      'name-not-covered shadowed-names intermediate-not-sent certificate-expired certificate-revoked wire-ahead ipv6-record chain-incomplete trust-unknown names-fewer common-name-only',
  },
  {
    symptom: 'Nobody can connect to a site',
    run: ['doctor'],
    codes:
      'endpoint-unreachable binding-without-record certificate-gone certificate-elsewhere private-key-missing private-key-unusable central-store-record-missing',
  },
  {
    symptom: 'enable or install stops',
    run: ['explain <code>'],
    codes:
      'enable-unfinished proof-failed native-active not-elevated no-task-scheduler task-refused unsafe-folder iis-missing module-missing powershell-missing powershell-failed engine-refused script-control execution-policy newer-installed',
  },
  {
    symptom: 'A command waits, or ends with 6',
    run: ['status --full'],
    codes: 'run-under-way locked run-unfinished',
  },
  {
    symptom: 'A plan file is refused',
    run: ['plan --out plan.json'],
    codes: 'outside-window plan-stale plan-edited plan-unconfirmed other-server other-version',
  },
  {
    symptom: 'I am told that a certificate ends soon',
    run: ['status --full --check --days 30', 'usage'],
    codes: 'certificate-ends-soon renewed-after-warning ftps-certificate-expired deadline-replace window-not-kept',
  },
  {
    symptom: 'The name of a certificate or a run is not understood',
    run: ['usage', 'history'],
    codes: 'no-such-certificate ambiguous-certificate same-certificate bad-thumbprint no-such-run ambiguous-run',
  },
  {
    symptom: 'Mail or a webhook does not arrive',
    run: ['notify test', 'secret list'],
    codes: 'messages-not-accepted no-such-secret secret-unreadable secret-withheld bad-configuration',
    more: `Nothing is refused, and still no mail? A run that succeeded sends none, unless \`on\` names \`rebound\`: [what is
sent](mail.md#what-is-sent).`,
  },
  {
    symptom: 'A certificate in a watched folder is not used',
    run: ['watch now', 'status --full'],
    codes: 'source-incomplete source-not-taken source-unreachable source-went-back source-stale',
  },
  {
    symptom: 'A trigger does not run its program',
    run: ['trigger list', 'doctor'],
    codes: 'orphaned-trigger unsafe-path no-such-trigger trigger-exists',
  },
  {
    symptom: 'CertRebind itself fails',
    run: ['capture support.json --for-support'],
    codes: 'internal damaged-file',
  },
];

const known = [blockCodes, skipCodes, findingCodes, errorCodes, stepErrorCodes, noteCodes].flatMap((table) =>
  table.map(({ code }): string => code),
);

/** The tables of docs/troubleshooting.md, ending with what no symptom names. @throws Error for a code that there is not */
export function symptomsMarkdown(): string {
  const named = symptoms.flatMap(({ codes }) => codes.split(' '));
  const unknown = named.filter((code) => !known.includes(code));
  if (unknown.length > 0) throw new Error(`scripts/docs/symptoms.ts: there is no code ${unknown.join(', ')}`);
  const others = [...findingCodes, ...stepErrorCodes].map(({ code }) => code).filter((code) => !named.includes(code));
  const rest = { symptom: 'Something else is found, or goes wrong', run: ['doctor'], codes: others.join(' ') };
  return [...symptoms, rest].map(section).join('\n\n');
}

function section({ symptom, run, codes, more }: Symptom): string {
  const lines = run.map((line) => `\`certrebind ${line}\``).join(', then ');
  const shown = [...new Set(codes.split(' '))].map((code) => `\`${code}\``);
  return [
    `### ${symptom}`,
    '',
    `Run ${lines}. It may say ${shown.join(', ')}.`,
    ...(more === undefined ? [] : ['', more]),
  ].join('\n');
}
