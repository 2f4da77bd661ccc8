import { type Entry, listedCodes } from './entry.ts';
import type { ExitCode } from './exit-codes.ts';
import { shared } from './shared-codes.ts';

/** Errors that end a command, by the exit code that it ends with. */
export const errorEntries = {
  ...ending(1, {
    internal: {
      text: 'CertRebind has a bug: an unexpected error.',
      hint: 'Run the command again with --debug and report what it prints.',
    },
  }),
  ...ending(2, {
    usage: {
      text: 'The command line is not valid.',
      hint: 'Correct what the message names.',
      lines: { 'See what can be typed': 'certrebind --help' },
    },
    'bad-thumbprint': {
      text: 'This is not a certificate thumbprint.',
      hint: 'Copy the thumbprint from the certificate. Spaces, colons and letter case do not matter.',
    },
    'same-certificate': {
      text: 'The old and the new certificate are the same.',
      hint: 'To set the same certificate again, for example after its chain changed, add --reapply.',
    },
    'bad-input': { text: 'An input cannot be read.', hint: 'Correct the input that the message names.' },
    'no-such-file': { text: 'There is no such file or folder.', hint: 'Check its name and its folder.' },
    'bad-xml': {
      text: 'An XML file is not well-formed, is too large, or contains a DTD.',
      hint: 'Correct the file at the position in the message.',
    },
    'bad-document': {
      text: 'A JSON document is truncated or does not have the expected structure.',
      hint: 'Make it again with the command that wrote it.',
    },
    'damaged-file': shared.damagedFile,
    'other-version': {
      text: 'The document was written by another version of CertRebind.',
      hint: 'Use the later of the two versions. You can also make a plan or a capture again.',
      lines: {
        'Make a plan again': 'certrebind plan --out <file>',
        'Make a capture again': 'certrebind capture <file>',
      },
    },
    'plan-edited': {
      text: 'The digest in the plan file does not fit its text, so the file was changed.',
      hint: 'Make the plan again. A plan file cannot be edited.',
    },
    'plan-unconfirmed': {
      text: 'Accounts other than administrators can change the plan file, and no digest was given.',
      hint: 'Check the plan, and give the digest that was printed when the plan was made.',
      lines: { 'Apply it': 'certrebind apply <plan> --digest <digest>' },
    },
    'other-server': { text: 'The plan was made for another server.', hint: 'Make a plan on this server.' },
    'bad-configuration': {
      text: 'The configuration is not valid.',
      hint: 'Correct the setting that the message names.',
      lines: {
        'See what each setting takes': 'certrebind config schema',
        'Test a file': 'certrebind config check <file>',
      },
    },
    'not-a-lab': {
      text: 'The folder is not a lab.',
      hint: 'Check the name of the folder, or create a lab.',
      lines: { 'Create a lab': 'certrebind lab create <dir>' },
    },
    'not-writable': {
      text: 'A file or folder cannot be written.',
      hint: 'Check its permissions and the free disk space.',
    },
    'no-such-run': {
      text: 'There is no run with this name.',
      hint: 'Runs that changed nothing are not kept.',
      lines: { 'See the runs': 'certrebind history' },
    },
    'ambiguous-run': {
      text: 'The name fits more than one run.',
      hint: 'Give more of the name.',
      lines: { 'See the runs': 'certrebind history' },
    },
    'run-order-unknown': {
      text: 'The file with the order of runs is damaged, and it is not known which run is the newest.',
      hint: 'If the times in the names of the runs are right, delete the file: the times then give the order. Until then, name the run that you want to undo.',
      lines: { 'See the runs': 'certrebind history', 'Undo one': 'certrebind undo <run>' },
    },
    'no-repair': {
      text: 'CertRebind cannot repair this finding by itself.',
      hint: 'The finding says what to type, or what you have to decide.',
      lines: { 'See the finding': 'certrebind doctor' },
    },
    'no-such-event': {
      text: 'The log has no event with this number.',
      hint: 'You can apply all pending renewals without an event.',
      lines: { 'Apply them': 'certrebind reconcile' },
    },
    'no-such-certificate': {
      text: 'The certificate is not on this server, and nothing uses it.',
      hint: 'Check the name.',
      lines: { 'See all certificates and what uses them': 'certrebind usage' },
    },
    'no-such-secret': {
      text: 'The secret is not stored on this server.',
      hint: 'Each server has its own secrets.',
      lines: { 'Store it': 'certrebind secret set <name>' },
    },
    'secret-unreadable': {
      text: 'Windows cannot read the secret: it was set on another server, or it is damaged.',
      hint: 'Set it again.',
      lines: { 'See the names': 'certrebind secret list', 'Set one again': 'certrebind secret set <name>' },
      fact: 'machine-data-protection',
    },
    'no-such-finding': {
      text: 'There is no finding of this code, or not at this place.',
      hint: 'Check the code and the place.',
      lines: { 'See the findings with their places': 'certrebind doctor' },
    },
    'not-dismissible': {
      text: 'An error, or a finding about a certificate that must be replaced now, cannot be dismissed.',
      hint: 'Do what the finding says. If it is about a renewal that was rolled back, you can also give that renewal up.',
      lines: { 'See the finding': 'certrebind doctor', 'Give a renewal up': 'certrebind dismiss <thumbprint>' },
    },
    'no-such-renewal': {
      text: 'There is no renewal of this certificate that you can give up.',
      hint: 'Check the name.',
      lines: { 'See the renewals that are not finished': 'certrebind status' },
    },
    'ambiguous-certificate': {
      text: 'The name or thumbprint fits more than one certificate.',
      hint: 'Give the thumbprint. As many digits as make it unique are enough.',
    },
    'no-such-code': {
      text: 'CertRebind has no code of this name.',
      hint: 'Check the name of the code.',
      lines: { 'See all codes': 'certrebind explain' },
    },
    'no-such-watch': {
      text: 'The folder is not watched.',
      hint: 'Check the name of the folder.',
      lines: { 'See the watched folders': 'certrebind watch list' },
    },
    'no-such-trigger': {
      text: 'There is no trigger with this name.',
      hint: 'Check the name of the trigger.',
      lines: { 'See the triggers': 'certrebind trigger list' },
    },
    'trigger-exists': {
      text: 'A trigger with this name already exists.',
      hint: 'Choose another name, or first remove the trigger that has it.',
      lines: { 'Remove it': 'certrebind trigger remove <name>' },
    },
  }),
  ...ending(3, {
    'native-active': {
      text: 'The certificate rebind task of IIS Manager is registered and active.',
      hint: 'Replace that task, or keep both.',
      lines: { 'Replace it': 'certrebind enable --replace-native', 'Keep both': 'certrebind enable --alongside' },
      fact: 'native-task',
    },
    'newer-installed': {
      text: 'A later version of CertRebind is installed.',
      hint: 'Start the installed version. To go back to this older version, add --downgrade.',
    },
    'run-unfinished': {
      text: 'A run was interrupted. Removing the history now would delete what is needed to roll it back.',
      hint: 'Recover the run first, or keep the history.',
      lines: { 'Recover it': 'certrebind reconcile' },
    },
    'outside-window': { ...shared.outsideWindow, hint: 'Apply the plan during the change window, or add --now.' },
  }),
  ...ending(6, {
    locked: { text: 'Another run of CertRebind is active on this server.', hint: 'Wait for it with --wait.' },
  }),
  ...ending(7, {
    'no-server': {
      text: 'This computer is not a Windows server that CertRebind can work on.',
      hint: 'To look at a captured server, use --replay <file>.',
    },
    'read-only-server': { text: 'A capture cannot be changed.', hint: 'Run the command on the server itself.' },
    'iis-missing': {
      text: 'IIS is not installed, or older than 8.5.',
      hint: 'Install IIS. CertRebind needs Windows Server 2016 or later. It may also run on Windows Server 2012 R2 (IIS 8.5), where nobody has tried it.',
      lines: { 'Install IIS': 'Install-WindowsFeature Web-Server' },
    },
    'powershell-missing': {
      text: 'Windows PowerShell 5.1 cannot be started.',
      hint: 'CertRebind uses %SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe. Install it, or allow it where AppLocker or App Control blocks it.',
    },
    'powershell-failed': {
      text: 'PowerShell did not answer.',
      hint: 'Check the event log Windows PowerShell, then run the command again. --debug shows where it failed.',
    },
    'engine-refused': {
      text: 'This account is not allowed to start Windows PowerShell.',
      hint: 'Allow powershell.exe for SYSTEM and administrators in AppLocker, WDAC or the antivirus program.',
    },
    'script-control': {
      text: 'Application control or an antivirus program blocks the PowerShell script of CertRebind.',
      hint: 'Install as an elevated administrator: the command puts certrebind-adapter.ps1 in place, and shows that file and its hash. Allow that file, then install again.',
      lines: { Install: 'certrebind install' },
    },
    'execution-policy': {
      text: 'The execution policy of this server blocks the PowerShell script of CertRebind, and there was no other way to run it.',
      hint: 'Under AllSigned, sign the script as a publisher that this server trusts. Otherwise set in Group Policy: Turn on Script Execution, Allow local scripts and remote signed scripts.',
      lines: {
        'Sign it':
          'Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>)',
      },
      fact: 'policy-outranks-bypass',
    },
    'secret-withheld': {
      text: 'CertRebind did not send a secret to PowerShell, because PowerShell could write it into a transcript.',
      hint: 'Install CertRebind, so that its script can run from a file. If the error stays, resolve the finding policy-bypassed.',
      lines: { Install: 'certrebind install', 'See the finding': 'certrebind doctor' },
    },
    'module-missing': {
      text: 'A PowerShell module that is part of Windows is missing.',
      hint: 'Install the module.',
      lines: { 'Install it': 'Install-WindowsFeature Web-Scripting-Tools' },
    },
    'not-elevated': {
      text: 'This needs an elevated administrator or SYSTEM.',
      hint: 'Start PowerShell with "Run as administrator".',
    },
    'unsafe-folder': shared.unsafePath,
    'task-refused': {
      text: 'Task Scheduler refused to register, change or remove a task.',
      hint: 'Run the command as an elevated administrator, and read the message of Task Scheduler.',
    },
    'import-refused': {
      text: 'Windows did not import the certificate into its store.',
      hint: 'Read the message of Windows. A PFX file exported with TripleDES-SHA1 works on every version.',
    },
    'no-task-scheduler': {
      text: 'Task Scheduler is not available here, or nothing runs the tasks that it starts.',
      hint: 'Start the service of Task Scheduler. Where no tasks run, for example in a container, add --no-proof.',
      lines: { 'Start it': 'Start-Service Schedule' },
    },
    'proof-failed': shared.proofFailed,
  }),
  ...ending(5, {
    'proof-left': {
      text: 'The test of the scheduled task failed, and CertRebind could not remove everything that the test created.',
      hint: 'Remove what the message names in Task Scheduler, then run the command again.',
    },
  }),
  ...ending(7, {
    'server-unreachable': { text: 'The server did not answer.', hint: 'Check that it is running.' },
  }),
  ...ending(8, {
    'plan-stale': {
      text: 'The server has changed since the plan was made: certificates, places that use them, or renewals that were rolled back.',
      hint: 'Make the plan again and look at it. --force applies the old plan anyway.',
    },
  }),
};

function ending<Code extends string>(exit: ExitCode, entries: Readonly<Record<Code, Entry>>) {
  const ended = Object.entries<Entry>(entries).map(([code, entry]) => [code, { ...entry, exit }]);
  return Object.fromEntries(ended) as Readonly<Record<Code, Entry & { readonly exit: ExitCode }>>;
}

/** What can go wrong with one step of a run: the `error` of the step. It decides no exit code by itself. */
const stepErrorEntries = {
  'restart-failed': {
    text: 'After its restart the service did not serve the new certificate.',
    hint: 'See the log of the service. The outcome says how long it was down.',
  },
  'no-time-left': {
    text: 'CertRebind did not change the certificate, because too little time was left to restart the service: of the change window, or of the time that the task may run.',
    hint: 'The next run during the change window does it.',
    lines: { 'Do it at once': 'certrebind reconcile --now' },
  },
  interrupted: {
    text: 'The run was interrupted during this change, so CertRebind rolled the change back. The certificate is not the cause.',
    hint: 'The next run tries it again, but not after the third interruption in a row.',
  },
  'service-unanswered': {
    text: 'The service did not answer before the change, so it was not changed.',
    hint: 'Find out why the service does not answer. Then apply the renewal during the change window.',
    lines: { 'Test the service': 'certrebind verify', 'Apply the renewal': 'certrebind reconcile' },
  },
  'left-for-local-run': {
    text: 'An interrupted run did not finish this WinRM listener. This run may have come in through that listener, so CertRebind left the listener alone.',
    hint: 'The scheduled task of CertRebind finishes it. You can also finish it at the console or over Remote Desktop.',
    lines: { 'Finish it': 'certrebind reconcile' },
  },
  'changed-meanwhile': {
    text: 'Someone else changed the place after the plan was made.',
    hint: 'CertRebind did not change it. Make a new plan.',
  },
  'replace-failed': {
    text: 'Windows refused the change.',
    hint: 'Fix the cause that the message of Windows names. Then run the same command again.',
    lines: { 'Apply what a task could not change': 'certrebind reconcile' },
  },
  'replace-without-effect': {
    text: 'Windows reported success, but nothing changed.',
    hint: 'Try it again. If it happens again, check the event logs System and Application of that time.',
    lines: { 'Try it again': 'certrebind reconcile' },
  },
  'options-lost': {
    text: 'The change lost options of the certificate binding, and CertRebind could not restore them.',
    hint: 'Set the options that the message names again, or roll the run back.',
    lines: {
      'See their values from before': 'certrebind history <run> --json',
      'Roll it back': 'certrebind undo <run>',
    },
  },
  'record-lost': {
    text: 'The certificate binding was gone after the change.',
    hint: 'If the certificate binding is still missing, the next run restores it.',
    lines: { 'Restore it now': 'certrebind reconcile' },
  },
  'endpoint-worse': {
    text: 'An endpoint got worse: it no longer answers, or serves a certificate that does not cover its name.',
    hint: 'Fix what got worse. CertRebind then tries again, three times at most.',
  },
  'chain-not-sent': {
    text: 'An endpoint served the new certificate without an intermediate certificate that clients need.',
    hint: 'CertRebind rolled back to the old certificate. Import the intermediate into Intermediate Certification Authorities (Local Computer): the next hourly run then tries again.',
  },
  'still-old': shared.stillOld,
  'still-served': shared.stillServed,
  'server-silent': {
    text: 'PowerShell stopped answering during the change, so it is not certain what is set.',
    hint: 'Look at what is set there now.',
    lines: { Look: 'certrebind doctor' },
  },
  stopped: { text: 'The run stopped before this step.', hint: 'Run the same command again.' },
  'run-undone': {
    text: 'Another step of the run failed, and the configuration says to roll back the whole run in that case.',
    hint: 'Fix the error of the step that failed.',
    lines: { 'Roll back only that step from now on': 'certrebind config set undo step' },
  },
  'canary-failed': {
    text: 'CertRebind tried the new certificate at one place first. That failed, so it did not try the other places.',
    hint: 'Fix the error of the first place. The run that tries the first place again also tries the others.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type ErrorCode = keyof typeof errorEntries;
export type StepErrorCode = keyof typeof stepErrorEntries;

export const errorCodes = listedCodes(errorEntries);
export const stepErrorCodes = listedCodes<StepErrorCode, Entry>(stepErrorEntries);
