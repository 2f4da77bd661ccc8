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
    usage: { text: 'The command line is not valid.', hint: 'See certrebind --help.' },
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
      hint: 'Use the later of the two versions. A plan can be made again with certrebind plan --out, a capture with certrebind capture.',
    },
    'plan-edited': {
      text: 'The plan file was changed after certrebind plan wrote it.',
      hint: 'Make the plan again. A plan file cannot be edited.',
    },
    'plan-unconfirmed': {
      text: 'Accounts other than administrators can change the plan file, and no digest was given.',
      hint: 'Check the plan and give its digest: certrebind apply <plan> --digest <digest>. certrebind plan --out prints the digest.',
    },
    'other-server': { text: 'The plan was made for another server.', hint: 'Make a plan on this server.' },
    'bad-configuration': {
      text: 'The configuration is not valid.',
      hint: 'See certrebind config schema, and test the file with certrebind config check.',
    },
    'not-a-lab': { text: 'The folder is not a lab.', hint: 'Create one with certrebind lab create <dir>.' },
    'not-writable': {
      text: 'A file or folder cannot be written.',
      hint: 'Check its permissions and the free disk space.',
    },
    'no-such-run': {
      text: 'There is no run with this name.',
      hint: 'See certrebind history. Runs that changed nothing are not kept.',
    },
    'ambiguous-run': {
      text: 'The name fits more than one run.',
      hint: 'Give more of the name. certrebind history lists the runs.',
    },
    'run-order-unknown': {
      text: 'The file with the order of runs is damaged, and it is not known which run is the newest.',
      hint: 'certrebind history lists the runs. Give certrebind undo the name of the run. If the times in their names are right, delete the file: the times then give the order.',
    },
    'no-repair': {
      text: 'CertRebind cannot repair this finding by itself.',
      hint: 'certrebind doctor shows the command to run or what to decide.',
    },
    'no-such-event': {
      text: 'The log has no event with this number.',
      hint: 'To apply all pending renewals: certrebind reconcile.',
    },
    'no-such-certificate': {
      text: 'The certificate is not on this server, and nothing uses it.',
      hint: 'Check the name. certrebind usage lists the certificates and what uses them.',
    },
    'no-such-secret': {
      text: 'The secret is not stored on this server.',
      hint: 'Store it with certrebind secret set <name>.',
    },
    'secret-unreadable': {
      text: 'Windows cannot read the secret: it was set on another server, or it is damaged.',
      hint: 'Set it again with certrebind secret set <name>. certrebind secret list shows the names.',
      fact: 'machine-data-protection',
    },
    'no-such-finding': {
      text: 'There is no finding of this code, or not at this place.',
      hint: 'certrebind doctor shows the findings with their places.',
    },
    'not-dismissible': {
      text: 'An error, or a finding about a certificate that must be replaced now, cannot be dismissed.',
      hint: 'certrebind doctor says what to do about it. A renewal that was rolled back can be given up: certrebind dismiss <thumbprint>.',
    },
    'no-such-renewal': {
      text: 'CertRebind knows no renewal of this certificate.',
      hint: 'certrebind status shows the renewals that are not finished.',
    },
    'ambiguous-certificate': {
      text: 'The name or thumbprint fits more than one certificate.',
      hint: 'Give the thumbprint. As many digits as make it unique are enough.',
    },
    'no-such-code': { text: 'CertRebind has no code of this name.', hint: 'certrebind explain lists all codes.' },
    'no-such-watch': { text: 'The folder is not watched.', hint: 'certrebind watch list shows the watched folders.' },
    'no-such-trigger': { text: 'There is no trigger with this name.', hint: 'See certrebind trigger list.' },
    'trigger-exists': {
      text: 'A trigger with this name already exists.',
      hint: 'Choose another name, or first remove the trigger that has it: certrebind trigger remove.',
    },
  }),
  ...ending(3, {
    'native-active': {
      text: 'The certificate rebind task of IIS Manager is registered and active.',
      hint: 'To replace it: enable --replace-native. To keep both: --alongside.',
      fact: 'native-task',
    },
    'newer-installed': {
      text: 'A later version of CertRebind is installed.',
      hint: 'Install the later version, or go back to this one with --downgrade.',
    },
    'run-unfinished': {
      text: 'A run was interrupted. Removing the history now would delete what is needed to roll it back.',
      hint: 'Recover the run first with certrebind reconcile, or keep the history.',
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
      hint: 'Run: Install-WindowsFeature Web-Server. CertRebind needs Windows Server 2016 or later. It may also run on Windows Server 2012 R2 (IIS 8.5), where nobody has tried it.',
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
      hint: 'Run certrebind install as an elevated administrator. It puts certrebind-adapter.ps1 in place and names the file and its hash. Allow that file, then run certrebind install again.',
    },
    'execution-policy': {
      text: 'The execution policy of this server blocks the PowerShell script of CertRebind, and there was no other way to run it.',
      hint: 'Under AllSigned, sign the script with a publisher that this server trusts: Set-AuthenticodeSignature certrebind-adapter.ps1 -Certificate (Get-Item Cert:\\CurrentUser\\My\\<thumbprint>). Otherwise set in Group Policy: Turn on Script Execution, Allow local scripts and remote signed scripts.',
      fact: 'policy-outranks-bypass',
    },
    'secret-withheld': {
      text: 'CertRebind did not send a secret to PowerShell, because PowerShell could write it into a transcript.',
      hint: 'Run certrebind install, then resolve the finding policy-bypassed of certrebind doctor.',
    },
    'module-missing': {
      text: 'A PowerShell module that is part of Windows is missing.',
      hint: 'Run: Install-WindowsFeature Web-Scripting-Tools',
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
      hint: 'Start its service: Start-Service Schedule. Where no tasks run, for example in a container, add --no-proof.',
    },
    'proof-failed': shared.proofFailed,
  }),
  ...ending(5, {
    'proof-left': {
      text: 'CertRebind could not prove that its task works, and could not remove everything that the proof created.',
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
    text: 'The service was not restarted: too little was left of the change window, or of the time of the task.',
    hint: 'The next run during the change window does it. To do it at once: certrebind reconcile --now.',
  },
  interrupted: {
    text: 'The run was interrupted during this change, so CertRebind rolled the change back. The certificate is not the cause.',
    hint: 'The next run tries it again.',
  },
  'service-unanswered': {
    text: 'The service did not answer before the change, so it was not changed.',
    hint: 'Find out why the service does not answer: certrebind verify tests it. Then run certrebind reconcile during the change window.',
  },
  'left-for-local-run': {
    text: 'An interrupted run did not finish this WinRM listener. This run may depend on that listener, so it leaves it alone.',
    hint: 'The scheduled task of CertRebind finishes it. Or run certrebind reconcile at the console or over Remote Desktop.',
  },
  'changed-meanwhile': {
    text: 'It was changed by someone else after the plan was made.',
    hint: 'CertRebind did not change it. Make a new plan.',
  },
  'replace-failed': {
    text: 'Windows refused the change.',
    hint: 'Fix the cause that the message of Windows names. Then run the same command again. After a run of the task: certrebind reconcile.',
  },
  'replace-without-effect': {
    text: 'Windows reported success, but nothing changed.',
    hint: 'Run certrebind reconcile. If it happens again, check the event logs System and Application of that time.',
  },
  'options-lost': {
    text: 'The change lost options of the certificate binding, and CertRebind could not restore them.',
    hint: 'Set the options that the message names again. certrebind history <run> --json has their values from before. Or roll back: certrebind undo <run>.',
  },
  'record-lost': {
    text: 'The certificate binding was gone after the change.',
    hint: 'If the certificate binding is still missing, certrebind reconcile restores it.',
  },
  'endpoint-worse': {
    text: 'An endpoint got worse: it no longer answers, or serves a certificate that does not cover its name.',
    hint: 'Fix what got worse, then apply the renewal again.',
  },
  'chain-not-sent': {
    text: 'An endpoint served the new certificate without an intermediate certificate that clients need.',
    hint: 'CertRebind rolled back to the old certificate. Import the intermediate into Intermediate Certification Authorities (Local Computer): the next hourly run then tries again.',
  },
  'still-old': shared.stillOld,
  'still-served': shared.stillServed,
  'server-silent': {
    text: 'The server stopped answering during the change.',
    hint: 'Run certrebind doctor to see what is set there now.',
  },
  stopped: { text: 'The run stopped before this step.', hint: 'Run the same command again.' },
  'run-undone': {
    text: 'Another step of the run failed, and the configuration says to roll back the whole run in that case.',
    hint: 'Fix the error of the step that failed. To roll back only that step: certrebind config set undo step.',
  },
  'canary-failed': {
    text: 'The first step of this kind with this certificate failed, so the others were not tried.',
    hint: 'Fix the error of the first step. The run that tries the first step again also tries the others.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type ErrorCode = keyof typeof errorEntries;
export type StepErrorCode = keyof typeof stepErrorEntries;

export const errorCodes = listedCodes(errorEntries);
export const stepErrorCodes = listedCodes<StepErrorCode, Entry>(stepErrorEntries);
