import { type ErrorCode, type StepErrorCode, stepErrorCodes } from '../../src/base/codes/error-codes.ts';
import { type FindingCode, findingCodes } from '../../src/base/codes/finding-codes.ts';
import {
  type BlockCode,
  blockCodes,
  type NoteCode,
  type SkipCode,
  skipCodes,
} from '../../src/base/codes/plan-codes.ts';

/** What a person notices, what to type then, and what the answer may be, the likely ones first. */
export interface Symptom {
  readonly symptom: string;
  /** Command lines without the name of the program. */
  readonly run: readonly string[];
  readonly blocks?: readonly BlockCode[];
  readonly skips?: readonly SkipCode[];
  readonly notes?: readonly NoteCode[];
  readonly errors?: readonly ErrorCode[];
  readonly stepErrors?: readonly StepErrorCode[];
  readonly findings?: readonly FindingCode[];
  /** What is worth saying below the table, in Markdown. */
  readonly more?: string;
}

export const symptoms: readonly Symptom[] = [
  {
    symptom: 'The certificate was renewed, and clients still get the old one',
    run: ['status --full', 'plan'],
    findings: [
      'renewal-pending',
      'renewal-waiting',
      'renewal-late',
      'renewal-unnoticed',
      'renewal-unclear',
      'renewal-unrecorded',
      'replaced-earlier',
      'window-too-rare',
      'renewal-blocked',
      'still-old',
      'still-served',
      'wire-differs',
      'old-certificate-back',
    ],
    notes: [
      'renewal-held',
      'restore-failed',
      'restore-dropped',
      'not-enabled',
      'later-event-wins',
      'uncorroborated-ignored',
    ],
  },
  {
    symptom: 'The certificate was renewed, and nothing started',
    run: ['status --full', 'doctor'],
    findings: [
      'task-missing',
      'task-disabled',
      'task-changed',
      'scheduler-stopped',
      'log-disabled',
      'log-reset',
      'proof-missing',
    ],
  },
  {
    symptom: 'A run ends with 3, or a renewal is blocked',
    run: ['plan', 'explain <code>'],
    blocks: blockCodes.map(({ code }) => code),
  },
  {
    symptom: 'A host is missing in the new certificate',
    run: ['plan', 'usage <certificate>'],
    blocks: ['names-lost'],
    findings: ['name-not-covered'],
    notes: ['names-fewer', 'names-uncovered', 'deadline-replace'],
    more: `Get a certificate with every host; it is taken within the hour. Until then the old certificate stays there, unless [\`deadline.action\` is \`replace\`](configuration.md#deadline). All others get the new one.
Sites that share a certificate binding, such as \`*:443\`, wait together; one without a host name takes it, with the note \`names-fewer\`. To allow the loss once:
\`certrebind rebind --old <old> --new <new> --allow names-lost\`. To be only warned from now on: \`certrebind config set guards.names-lost warn\`.`,
  },
  {
    symptom: 'One site or holder was left alone',
    run: ['plan', 'usage <certificate>'],
    skips: skipCodes.map(({ code }) => code),
    notes: ['central-store', 'other-consumers'],
  },
  {
    symptom: 'A run ends with 4: something was rolled back or refused',
    run: ['history last'],
    stepErrors: [
      'endpoint-worse',
      'chain-not-sent',
      'replace-failed',
      'replace-without-effect',
      'changed-meanwhile',
      'canary-failed',
      'run-undone',
      'stopped',
    ],
    findings: ['renewal-rolled-back', 'not-restored', 'names-lost'],
    more: `What a run rolled back, not what you undid, is tried again once its cause has gone; \`certrebind status\` shows the cause and the command that applies it
at once.`,
  },
  {
    symptom: 'A run ends with 5: it needs attention',
    run: ['history last', 'doctor'],
    stepErrors: ['still-old', 'still-served', 'options-lost', 'record-lost', 'server-silent'],
    findings: ['unfinished-run', 'could-not-work'],
    errors: ['proof-left'],
  },
  {
    symptom: 'Browsers warn about the certificate, or show the wrong one',
    run: ['doctor', 'verify'],
    findings: [
      'name-not-covered',
      'shadowed-names',
      'intermediate-not-sent',
      'certificate-expired',
      'certificate-revoked',
      'wire-ahead',
    ],
    notes: ['ipv6-record', 'chain-incomplete', 'trust-unknown', 'names-fewer', 'common-name-only'],
  },
  {
    symptom: 'Nobody can connect to a site',
    run: ['doctor'],
    findings: [
      'endpoint-unreachable',
      'binding-without-record',
      'certificate-gone',
      'certificate-elsewhere',
      'private-key-missing',
      'private-key-unusable',
      'central-store-record-missing',
    ],
  },
  {
    symptom: 'enable or install stops',
    run: ['explain <code>'],
    errors: [
      'native-active',
      'not-elevated',
      'proof-failed',
      'no-task-scheduler',
      'task-refused',
      'unsafe-folder',
      'iis-missing',
      'module-missing',
      'powershell-missing',
      'powershell-failed',
      'engine-refused',
      'script-control',
      'execution-policy',
      'newer-installed',
    ],
    findings: ['enable-unfinished', 'proof-failed'],
  },
  {
    symptom: 'A command waits, or ends with 6',
    run: ['status --full'],
    errors: ['locked', 'run-unfinished'],
    findings: ['run-under-way'],
  },
  {
    symptom: 'A plan file is refused',
    run: ['plan --out plan.json'],
    errors: [
      'outside-window',
      'plan-stale',
      'plan-edited',
      'plan-unconfirmed',
      'other-server',
      'earlier-schema',
      'later-schema',
    ],
  },
  {
    symptom: 'I am told that a certificate ends soon',
    run: ['status --check --days 30', 'usage'],
    findings: ['certificate-ends-soon', 'renewed-after-warning', 'ftps-certificate-expired'],
    notes: ['deadline-replace', 'window-not-kept'],
  },
  {
    symptom: 'The name of a certificate or a run is not understood',
    run: ['usage', 'history'],
    errors: [
      'no-such-certificate',
      'ambiguous-certificate',
      'same-certificate',
      'bad-thumbprint',
      'no-such-run',
      'ambiguous-run',
    ],
  },
  {
    symptom: 'Mail or a webhook does not arrive',
    run: ['notify test', 'secret list'],
    findings: ['messages-not-accepted'],
    errors: ['no-such-secret', 'secret-unreadable', 'secret-withheld', 'bad-configuration'],
    more: `Nothing is refused, and still no mail? A run that succeeded sends none, unless \`on\` names \`rebound\`: [what is
sent](mail.md#what-is-sent).`,
  },
  {
    symptom: 'A certificate in a watched folder is not used',
    run: ['watch now', 'status --full'],
    findings: ['source-incomplete', 'source-not-taken', 'source-unreachable', 'source-went-back', 'source-stale'],
  },
  {
    symptom: 'A trigger does not run its program',
    run: ['trigger list', 'doctor'],
    errors: ['no-such-trigger', 'trigger-exists'],
    findings: ['orphaned-trigger', 'unsafe-path'],
  },
  {
    symptom: 'CertRebind itself fails',
    run: ['capture support.json --for-support'],
    errors: ['internal', 'damaged-file'],
  },
];

/** The tables of docs/troubleshooting.md, ending with what no symptom names. */
export function symptomsMarkdown(): string {
  const named = new Set<string>(symptoms.flatMap(({ findings = [], stepErrors = [] }) => [...findings, ...stepErrors]));
  const findings = findingCodes.map(({ code }) => code).filter((code) => !named.has(code));
  const stepErrors = stepErrorCodes.map(({ code }) => code).filter((code) => !named.has(code));
  const all: readonly Symptom[] = [
    ...symptoms,
    { symptom: 'Something else is found, or goes wrong', run: ['doctor'], findings, stepErrors },
  ];
  return all.map(section).join('\n\n');
}

function section(symptom: Symptom): string {
  const run = symptom.run.map((line) => `\`certrebind ${line}\``).join(', then ');
  const codes = codesOf(symptom).map((code) => `\`${code}\``);
  return [
    `### ${symptom.symptom}`,
    '',
    `Run ${run}. It may say ${codes.join(', ')}.`,
    ...(symptom.more === undefined ? [] : ['', symptom.more]),
  ].join('\n');
}

function codesOf({ blocks, skips, notes, errors, stepErrors, findings }: Symptom): readonly string[] {
  const all = [blocks, skips, findings, errors, stepErrors, notes].flatMap((codes: readonly string[] = []) => codes);
  return [...new Set(all)];
}
