import { errorCodes, stepErrorCodes } from '../../src/base/codes/error-codes.ts';
import { findingCodes } from '../../src/base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../src/base/codes/plan-codes.ts';

/** What a person notices, what to type then, and what the answer may be, the likely ones first. */
export interface Symptom {
  readonly symptom: string;
  /** How clients are meanwhile, and the usual causes, in Markdown. */
  readonly why: string;
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
    why: 'Clients get the old certificate, which works until it expires. Usually the renewal waits for a window or for you, a guard blocked it, or CertRebind does not know of it.',
    run: ['status --full', 'plan'],
    codes:
      'renewal-pending renewal-waiting renewal-late renewal-unnoticed renewal-unclear renewal-unrecorded replaced-earlier window-too-rare renewal-blocked still-old still-served wire-differs old-certificate-back renewal-held restore-failed restore-dropped not-enabled later-event-wins uncorroborated-ignored',
  },
  {
    symptom: 'The certificate was renewed, and nothing started',
    why: 'Clients get the old certificate, which works until it expires. The task of CertRebind is missing, was changed, or gets no events.',
    run: ['status --full', 'doctor'],
    codes: 'task-missing task-disabled task-changed scheduler-stopped log-disabled log-reset proof-missing',
  },
  {
    symptom: 'A run ends with 3, or a renewal is blocked',
    why: 'Nothing was changed at the places that are blocked: they keep the old certificate. The plan names the reason for each place.',
    run: ['plan', 'explain <code>'],
    codes: 'names-lost trust-lost ambiguous key-missing key-unusable not-yet-valid expired',
  },
  {
    symptom: 'A host is missing in the new certificate',
    why: 'The certificate binding of that host keeps the old certificate. All others get the new one.',
    run: ['plan', 'usage <certificate>'],
    codes: 'names-lost name-not-covered names-fewer names-uncovered deadline-replace',
    more: `Get a certificate with every host. CertRebind uses it within the hour if it [finds the renewal](reconcile.md#renewals-that-no-event-announced). Otherwise name both certificates to \`rebind\`. Until then the old certificate stays there, unless [\`deadline.action\` is \`replace\`](deadlines.md#replace-even-if-a-host-is-lost).

Sites that share a certificate binding, such as \`0.0.0.0:443\`, are changed together or not at all. A binding without a host name gets the new certificate (\`names-fewer\`), unless the two certificates share no name.

To allow the loss once:

\`\`\`sh
certrebind rebind --old <old> --new <new> --allow names-lost
\`\`\`

To apply all such renewals from now on, with a warning:

\`\`\`sh
certrebind config set guards.names-lost warn
\`\`\``,
  },
  {
    symptom: 'One site or place was left alone',
    why: 'CertRebind leaves a place alone if it already has the new certificate, if another program manages it, or if your configuration says so.',
    run: ['plan', 'usage <certificate>'],
    codes: `${skipCodes.map(({ code }) => code).join(' ')} central-store other-consumers exclusion-shared`,
  },
  {
    symptom: 'A run ends with 4: something was rolled back or refused',
    why: 'Where a step failed, clients usually get what they got before the run. The history shows what was worse, or what failed.',
    run: ['history last'],
    codes:
      'renewal-rolled-back not-restored not-undone names-lost endpoint-worse chain-not-sent replace-failed replace-without-effect changed-meanwhile canary-failed run-undone stopped',
    more: `CertRebind tries again what a run rolled back, once the cause is gone. It does not repeat what you undid. \`certrebind status --full\` shows the cause, and the command that
applies the renewal at once.`,
  },
  {
    symptom: 'A run ends with 5: it needs attention',
    why: 'The run could not finish or could not show that everything is right. Some clients may get a wrong certificate or none.',
    run: ['history last', 'doctor'],
    codes: 'unfinished-run could-not-work proof-left still-old still-served options-lost record-lost server-silent',
  },
  {
    symptom: 'Browsers warn about the certificate, or show the wrong one',
    why: 'The certificate does not cover the host, clients do not trust it, or another certificate binding answers first.',
    run: ['doctor', 'verify'],
    codes:
      'name-not-covered binding-falls-back shadowed-names intermediate-not-sent certificate-expired certificate-revoked wire-ahead ipv6-record chain-incomplete trust-unknown names-fewer common-name-only',
  },
  {
    symptom: 'Nobody can connect to a site',
    why: 'The certificate binding of the site is missing, or HTTP.SYS cannot use its certificate or private key.',
    run: ['doctor'],
    codes:
      'endpoint-unreachable binding-without-record certificate-gone certificate-elsewhere private-key-missing private-key-unusable central-store-record-missing',
  },
  {
    symptom: 'enable or install stops',
    why: 'The mechanism that worked before still works. The message has a code and says what is missing.',
    run: ['explain <code>'],
    codes:
      'enable-unfinished proof-failed native-active not-elevated no-task-scheduler task-refused unsafe-folder iis-missing module-missing powershell-missing powershell-failed engine-refused script-control execution-policy newer-installed',
  },
  {
    symptom: 'A command waits, or ends with 6',
    why: 'Another run of CertRebind is working, or was interrupted.',
    run: ['status --full'],
    codes: 'run-under-way locked run-unfinished',
  },
  {
    symptom: 'A plan file is refused',
    why: 'Nothing was changed. The window is closed, the plan is of another server or version, somebody changed the plan or the server since, or `--digest` is missing or wrong.',
    run: ['plan --out plan.json'],
    codes: 'outside-window plan-stale plan-edited plan-unconfirmed other-server other-version',
  },
  {
    symptom: 'I am told that a certificate ends soon',
    why: 'Nothing has renewed the certificate, or its renewal waits. [Before a certificate ends](deadlines.md) says when you are told.',
    run: ['status --full --check --days 30', 'usage'],
    codes: 'certificate-ends-soon renewed-after-warning ftps-certificate-expired deadline-replace window-not-kept',
  },
  {
    symptom: 'The name of a certificate or a run is not understood',
    why: 'No certificate or run fits the name, or more than one does. The two commands list those that there are.',
    run: ['usage', 'history'],
    codes: 'no-such-certificate ambiguous-certificate same-certificate bad-thumbprint no-such-run ambiguous-run',
  },
  {
    symptom: 'Mail or a webhook does not arrive',
    why: 'The receiver did not accept the message, the secret is missing, or there was nothing to send.',
    run: ['notify test', 'secret list'],
    codes: 'messages-not-accepted no-such-secret secret-unreadable secret-withheld bad-configuration',
    more: `A run that succeeded sends no mail, unless \`notify.mail.on\` names \`rebound\`. See [what is sent](mail.md#what-is-sent).`,
  },
  {
    symptom: 'A certificate in a watched folder is not used',
    why: 'The file is not complete, cannot be read, or has no certificate that renews one in use here.',
    run: ['watch now', 'status --full'],
    codes: 'source-incomplete source-not-taken source-unreachable source-went-back source-stale',
  },
  {
    symptom: 'A trigger does not run its program',
    why: 'The trigger waits for another event, or others than administrators can change its program.',
    run: ['trigger list', 'doctor'],
    codes: 'orphaned-trigger unsafe-path no-such-trigger trigger-exists',
  },
  {
    symptom: 'CertRebind itself fails',
    why: 'This is a defect of CertRebind, or a damaged file. The command writes a file without names that you can send us.',
    run: ['capture support.json --for-support'],
    codes: 'internal damaged-file',
  },
];

const known = [blockCodes, skipCodes, findingCodes, errorCodes, stepErrorCodes, noteCodes].flatMap((table) =>
  table.map(({ code }): string => code),
);

/** The symptoms of docs/troubleshooting.md. @throws Error for a code that there is not */
export function symptomsMarkdown(): string {
  const named = symptoms.flatMap(({ codes }) => codes.split(' '));
  const unknown = named.filter((code) => !known.includes(code));
  if (unknown.length > 0) throw new Error(`scripts/docs/symptoms.ts: there is no code ${unknown.join(', ')}`);
  return symptoms.map(section).join('\n\n');
}

function section({ symptom, why, run, codes, more }: Symptom): string {
  const lines = run.map((line) => `certrebind ${line}`);
  const shown = [...new Set(codes.split(' '))].map((code) => `[\`${code}\`](codes.md#${code})`);
  return [
    `### ${symptom}`,
    '',
    why,
    ...['', '```sh', ...lines, '```', ''],
    `Codes: ${shown.join(', ')}.`,
    ...(more === undefined ? [] : ['', more]),
  ].join('\n');
}
