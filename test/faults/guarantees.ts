/** What else may happen to a run, how it ends, and the test that holds it; checked by guarantees.test.ts. */
export interface Guarantee {
  readonly fault: string;
  readonly happens: string;
  readonly exit: string;
  readonly file: string;
  /** As it is written in the file, or its beginning. */
  readonly test: string;
}

const explorer = 'test/engine/run/crash-explorer.test.ts';
const processes = 'test/crash/real-processes.slow.ts';
const setUp = 'test/crash/set-up-power-cut.test.ts';
const powershell = 'test/crash/powershell.slow.ts';
const disk = 'test/crash/disk.slow.ts';
const damaged = 'test/stories/damaged-state.test.ts';
const memory = 'test/stories/damaged-memory.test.ts';
const unconfigured = 'test/session/broken-configuration.test.ts';
const reconcile = 'test/stories/reconcile.test.ts';
const odd = 'test/engine/state/odd-files.test.ts';
const history = 'test/engine/state/many-runs.test.ts';
const clocks = 'test/stories/clocks.slow.ts';
const kinds = 'test/engine/run/kinds.test.ts';
const stories = 'test/engine/run/stories.test.ts';

export const guarantees: readonly { readonly title: string; readonly rows: readonly Guarantee[] }[] = [
  {
    title: 'A process that is killed',
    rows: [
      {
        fault: 'a kill after any piece of work of a rebind, an undo or a repair, and another one in the recovery',
        happens:
          'no record is missing, each is wholly old or new, ledger and history are true; a further start changes nothing',
        exit: '0, next start',
        file: explorer,
        test: 'leaves every record whole, and the next start brings it to its end',
      },
      {
        fault: 'the same of a repair that makes a record',
        happens: 'the record is whole or absent, and the next start makes it',
        exit: '0, next start',
        file: explorer,
        test: 'of a repair that makes a record again leaves it whole or absent',
      },
      {
        fault: 'the same of a repair that removes a record',
        happens: 'the record is whole or absent, and the next start removes it',
        exit: '0, next start',
        file: explorer,
        test: 'of a repair that removes a record leaves it whole or absent',
      },
      {
        fault: 'SIGKILL of the real program at any file or request of a rebind, also in the middle of a text',
        happens: 'as above, with real files, pipe and handshakes',
        exit: '0, next start',
        file: processes,
        test: 'of rebind leaves every record whole, and the next start brings it to its end',
      },
      {
        fault: 'the same of an undo',
        happens: 'as above',
        exit: '0, next start',
        file: processes,
        test: 'of undo leaves every record whole, and the next start brings it to its end',
      },
      {
        fault: 'the same of a recovery',
        happens: 'as above',
        exit: '0, next start',
        file: processes,
        test: 'of a recovery does no harm either',
      },
      {
        fault: 'death of `enable`, of an upgrade, of `disable` and of `uninstall`, after each of their effects',
        happens: 'a working mechanism is registered at every moment; the next start completes it',
        exit: '0, next start',
        file: setUp,
        test: 'always leaves a mechanism',
      },
      {
        fault: 'SIGKILL around anything that is said to PowerShell',
        happens: 'as above; what was sent is carried out without a parent',
        exit: '0, next start',
        file: powershell,
        test: 'at any of its writes leaves every record whole',
      },
      {
        fault:
          'program and PowerShell end right after the right to read a key, the record or the value of the Web Management Service, or a WinRM listener was changed',
        happens:
          'the next start goes on from there; WinRM is left, with exit 5, to one that did not come in through it',
        exit: '0, next start',
        file: 'test/crash/powershell-holders.slow.ts',
        test: 'at each change in turn leaves what the next start goes on from',
      },
      {
        fault: 'the parent alone is killed, and its PowerShell goes on changing',
        happens: 'the next start waits for it before it looks at a record, and tells what it did',
        exit: '0, next start',
        file: powershell,
        test: 'of the parent alone: the next start waits for the PowerShell that still works',
      },
    ],
  },
  {
    title: 'State that cannot be written or read',
    rows: [
      {
        fault: 'a journal that is torn, cut off anywhere, empty or gone',
        happens:
          'it is read as far as it is whole; the records themselves tell the rest, and ledger and history are true',
        exit: '0, next start',
        file: disk,
        test: 'does no harm, wherever it was cut off and also when it is empty or gone',
      },
      {
        fault: 'a line of a journal is damaged',
        happens:
          'it is read past, kept, and named; records that no other line names are judged by how they stand; the history is true, and can be undone',
        exit: '0, next start',
        file: disk,
        test: 'with any one line damaged is read past it and kept',
      },
      {
        fault: 'its first line is damaged, which holds the plan and the old records',
        happens:
          'nothing can be judged: the run is closed for a person to look at, its journal is kept, and nothing else is begun; the start after that works',
        exit: '5, next start',
        file: disk,
        test: 'with its first line damaged is kept, and a person told with exit 5',
      },
      {
        fault: 'a damaged `ledger.json`',
        happens:
          'a run keeps it as `ledger.json.damaged-<time>` and makes a new one of the history; only a renewal that a run undid which is no longer kept may be tried again; `status` and `doctor` report the damage',
        exit: '0, next start',
        file: damaged,
        test: 'is no reason to bring in again what was undone',
      },
      {
        fault: 'a damaged `refused.json`',
        happens:
          '`status` warns; the next refusal keeps it as `refused.json.damaged-<time>`, and `status` warns until a person deletes that',
        exit: '9 of `status --check`',
        file: memory,
        test: 'of refused renewals stays a warning after the next refusal, until a person deletes what was kept',
      },
      {
        fault: 'a damaged `watched.json`',
        happens:
          'nothing is imported from watched folders until a person types `certrebind watch now`, which keeps the damaged file',
        exit: '9 of `status --check`',
        file: 'test/commands/watch/command.test.ts',
        test: 'give nothing by themselves, until a person looks',
      },
      {
        fault:
          'a damaged `told.json`, `looked.json`, `seen.json`, `last-error.json`, `secrets.json`, or message in `outbox`',
        happens:
          '`status` reports it; the first four are kept and made anew by the next hourly run, the others stay until a person acts',
        exit: '9 of `status --check`',
        file: memory,
        test: 'what it said is kept beside the next one, or it stays until a person looks',
      },
      {
        fault: 'a damaged `outcome.json` of a run',
        happens:
          '`history` names the run and shows the others, `status` and `doctor` report it; an undo without a name does not take an earlier run for the last',
        exit: '2 of such an undo',
        file: damaged,
        test: 'hides no other run in the history, and is not passed over by an undo of the last one',
      },
      {
        fault: 'the index of closed runs is damaged, half written or gone',
        happens: 'what it would say is read from the outcomes; the next run makes it again',
        exit: '0',
        file: history,
        test: 'is the same when its index ',
      },
      {
        fault: 'the outcome of a run that was closed is gone',
        happens:
          'the run is named as damaged, as above; it is not taken for one that was interrupted, and not recovered',
        exit: '0',
        file: history,
        test: 'holds a run as closed whose outcome is gone, names it as damaged, and does not recover it',
      },
      {
        fault: 'a history of very many runs, also one that an older version left',
        happens:
          'no start opens a file of a run that the index names; the oldest runs are removed before they are read, some thousand at each start',
        exit: '0',
        file: history,
        test: 'that was never listed is pruned before it is read, and only what is kept is',
      },
      {
        fault:
          'a pipe, a device, a link that leads back to itself, a file of gigabytes or a hundred thousand nested brackets in the place of a file',
        happens: 'it is named with what is wrong, or does no harm; nothing waits for it',
        exit: '0, 2 or 7',
        file: odd,
        test: 'is named, with exit 2 or 7, or does no harm',
      },
      {
        fault: 'the journal of an interrupted run is no file, or too large',
        happens:
          'a run is refused and names the file and the folder to move away; `status` and `doctor` too, and `status`, `disable` and `uninstall` work',
        exit: '2',
        file: odd,
        test: 'as the journal of an interrupted run is named with the way out, and keeps nobody from disabling',
      },
      {
        fault: 'a damaged definition of a trigger',
        happens: 'the others work, and it can be listed and removed; `status` and `doctor` report it',
        exit: '0',
        file: damaged,
        test: 'lets triggers be listed and removed when the definition of one ',
      },
      {
        fault: 'any of these files is damaged, and the program is to be switched off or removed',
        happens: '`disable` and `uninstall` remove every task',
        exit: '0',
        file: damaged,
        test: 'keeps nobody from uninstalling, with the tasks of every trigger',
      },
      {
        fault: 'a `config.json` that is invalid, or names a guard of a later version',
        happens:
          '`status`, `doctor`, `history`, `disable`, `uninstall` and `install` work; `status` and `doctor` report it. Commands that rest on the configuration are refused before anything is changed, and what a task starts writes event 150 into the Application log, once for each reason',
        exit: '0, or 2 of what rests on it',
        file: unconfigured,
        test: 'is a finding of status and doctor, with the file and what it costs',
      },
      {
        fault: 'a `ledger.json` of a later version',
        happens:
          '`disable` and `uninstall` work, `status` and `doctor` report it; a run is refused, and the file stays as it is',
        exit: '0, or 2 of a run',
        file: unconfigured,
        test: 'as ledger is named by status and doctor, and stays as it is',
      },
      {
        fault: 'an `adoption.json` that is damaged or of a later version',
        happens:
          '`disable --restore-native` is refused before anything is changed; `uninstall` removes everything, and names the disabled task of IIS Manager that a person has to decide on',
        exit: '2 of disable, 5 of uninstall where such a task is disabled, otherwise 0',
        file: unconfigured,
        test: 'leaves a person with the disabled task of IIS Manager to decide on, once all is removed',
      },
      {
        fault: 'a process is killed while it writes a file',
        happens: 'the old file stays in place; the unfinished one is removed by a later run once it is an hour old',
        exit: '0',
        file: 'test/engine/state/sweep.test.ts',
        test: 'is taken away by the next run once it is an hour old, and nothing else is',
      },
      {
        fault: 'no room for the journal',
        happens: 'refused before anything is changed',
        exit: '2',
        file: disk,
        test: 'bytes a file: refused with exit 2 before anything is changed',
      },
      {
        fault: 'the disk fills up while records are changed',
        happens: 'the room for the closing lines was taken first; the run ends and is remembered',
        exit: '0',
        file: disk,
        test: 'that fills up while records are changed',
      },
      {
        fault: 'what was done cannot be written down',
        happens: 'the outcome is shown with that note and the run stays open; the next run ends it first',
        exit: '5',
        file: stories,
        test: 'after it changed records says so and asks for a person; the next run ends it',
      },
      {
        fault: 'the same in a recovery',
        happens: 'nothing else is begun',
        exit: '5',
        file: stories,
        test: 'as a recovery begins nothing else, since nothing of it would be known',
      },
      {
        fault: 'a state folder that this account may not write',
        happens: 'refused before anything is changed, naming the folder',
        exit: '2',
        file: 'test/stories/bad-input.test.ts',
        test: 'as the state folder: refused before anything is changed',
      },
    ],
  },
  {
    title: 'Many starts',
    rows: [
      {
        fault: 'fifty events and starts at once, the last when the winner has listed the others',
        happens: 'every renewal is settled by a few of them; the others find that',
        exit: '0 of each',
        file: 'test/crash/burst.slow.ts',
        test: 'of fifty starts at once',
      },
      {
        fault: 'ten starts at once, on a disk that is full',
        happens: 'each is refused before anything is changed, and the next start with room does it all',
        exit: '2 of each',
        file: 'test/crash/disk.slow.ts',
        test: 'for ten starts at once',
      },
      {
        fault: 'a process is stopped while it takes over the lock of a dead one',
        happens:
          'a start without `--wait` is refused after five seconds, naming that process; one that waits says so, and is refused after half an hour',
        exit: '6',
        file: 'test/engine/state/lock.test.ts',
        test: 'is refused after a while ',
      },
      {
        fault: 'a run hangs that others wait for',
        happens: 'they say for which process they wait, and are refused after half an hour',
        exit: '6',
        file: 'test/engine/state/lock.test.ts',
        test: 'that is waited for too long is refused, naming the process and how long',
      },
      {
        fault: 'the owner of the lock is dead, or its number belongs to another process now',
        happens: 'the lock is taken over, by one only',
        exit: '',
        file: 'test/engine/state/lock.test.ts',
        test: 'is held by one at a time when fifty want it at once, though every fifth dies with it in hand',
      },
      {
        fault: 'the event log was cleared, and its numbers went on or started again',
        happens: 'an older listing settles nothing; the event is taken up',
        exit: '0',
        file: stories,
        test: 'is taken up when the log was cleared since and its numbers',
      },
    ],
  },
  {
    title: 'A service that does not restart',
    rows: [
      {
        fault: 'Windows does not stop a service for its new certificate',
        happens: 'its old certificate is set again, also where clients cannot see which one it uses',
        exit: '4',
        file: kinds,
        test: 'that are not stopped have their old certificate back',
      },
      {
        fault: 'it started with the new one, does not serve it, and is not stopped for the old one',
        happens: 'the outcome says so, and a person is asked for',
        exit: '5',
        file: kinds,
        test: 'that started with the new certificate and are not stopped for the old one are told to be unfinished',
      },
      {
        fault: 'what was stopped together with it does not start again',
        happens: 'it is told to start once more, and named if it does not; the new certificate stays',
        exit: '0',
        file: kinds,
        test: 'use the new certificate where what was stopped with them does not start ',
      },
    ],
  },
  {
    title: 'An undo',
    rows: [
      {
        fault: 'a run is to be undone',
        happens: 'exactly its records, the last one first; remembered, and itself to be undone',
        exit: '0',
        file: stories,
        test: 'brings back exactly what the run changed, is remembered as undone, and can be undone itself',
      },
      {
        fault: 'others changed a record since',
        happens: 'refused with the record named; everything is rolled back with `--force`',
        exit: '8',
        file: stories,
        test: 'leaves alone what others changed since: refused with the record named, or everything with force',
      },
      {
        fault: 'the old certificate is gone',
        happens: 'blocked, and said',
        exit: '3',
        file: stories,
        test: 'says that the old certificate is gone, and does not wait for it',
      },
      {
        fault: 'the old certificate is archived, and this Windows does not bind such a one',
        happens: 'the record stays as it is, with the words of the server',
        exit: '4',
        file: stories,
        test: 'of an archived certificate, which ',
      },
      {
        fault: 'netsh here cannot write the options that differ',
        happens: 'only the certificate is rolled back, and that is said',
        exit: '0',
        file: 'test/engine/plan/plan-undo.test.ts',
        test: 'is limited to the certificate, and says so, where netsh cannot write the options that differ',
      },
      {
        fault: 'an undo failed in part, and undo is said once more',
        happens: 'the next undo finishes the first, and applies nothing that the first rolled back',
        exit: '4, then 0',
        file: 'test/stories/renewal.test.ts',
        test: 'and an undo that could not rolled back one record is finished by the next; neither brings in the new one again',
      },
      {
        fault: 'a record could not be rolled back',
        happens: 'its renewal is left to a person, so that the next start does no harm to the other records',
        exit: '5',
        file: stories,
        test: 'is left to a person once a record could not be rolled back',
      },
    ],
  },
  {
    title: 'After a run has ended',
    rows: [
      {
        fault: 'a tool, a restored registry or a lost write puts the old certificate back on a record',
        happens: '`status`, `doctor` and `verify` name it, and the next start rebinds the record again',
        exit: '9 of `status --check` and `verify`, 0 of the next start',
        file: reconcile,
        test: 'brings a renewal in again whose old certificate came back after it was settled, and doctor names it',
      },
      {
        fault: 'the new certificate has lost its key, expired or is blocked otherwise since a plan was made',
        happens: '`apply` judges every guard again and blocks; nothing is changed',
        exit: '3',
        file: clocks,
        test: 'a plan whose new certificate has expired since',
      },
      {
        fault: 'a renewal that was undone is still announced by its event and its renewal property',
        happens: 'it is held: `plan` and `status` say so, and no start applies it',
        exit: '0',
        file: reconcile,
        test: 'leaves what was undone, and plan and status say that it is held',
      },
      {
        fault: 'the old certificate was rolled back by hand, and then undo is said',
        happens: 'the renewal is held in the same way',
        exit: '0',
        file: reconcile,
        test: 'leaves an old certificate that an undo found put back already',
      },
      {
        fault: 'a person rebinds from the new certificate to the old one',
        happens: 'the renewal is held in the same way',
        exit: '0',
        file: 'test/engine/run/decisions.test.ts',
        test: 'goes back at the places that use it, until a person applies it again',
      },
    ],
  },
  {
    title: 'A clock that is wrong',
    rows: [
      {
        fault: 'a run was made while the clock was ahead',
        happens:
          'the state folder knows which run was begun after which: history, pruning, and an undo without a name go by that, and not by the times in names',
        exit: '0',
        file: clocks,
        test: 'lets undo without a name take the run that was begun last, and history list it last',
      },
      {
        fault: 'a warning of a certificate that is about to end was said while the clock was ahead',
        happens: 'it is said again: a time in the future is not believed',
        exit: '',
        file: clocks,
        test: 'silences no warning once it is right again',
      },
      {
        fault: 'the event log was listed while the clock was ahead, and cleared since',
        happens: 'that listing settles nothing; the event is taken up',
        exit: '0',
        file: clocks,
        test: 'lets no event of a log that was cleared pass unseen',
      },
      {
        fault: 'an event from the future announces a renewal again that was undone, or a wrong clock undid it',
        happens: 'it stays held; only a later event, by time or by number, ends that',
        exit: '0',
        file: 'test/engine/plan/outstanding-renewals.test.ts',
        test: 'undone and announced by an event from the future',
      },
    ],
  },
  {
    title: 'An endpoint that does not answer',
    rows: [
      {
        fault: 'an endpoint takes a connection and says nothing, before and after the change',
        happens:
          'further attempts are made beside the first, so it costs one `handshake.timeoutMs` each time it is dialled; the record is replaced and said to be not verified',
        exit: '0',
        file: 'test/server/handshake.test.ts',
        test: 'is tried again beside that attempt, and not after it: all have the time of one',
      },
    ],
  },
  {
    title: 'Anything at all',
    rows: [
      {
        fault: 'a random server, policy, renewals, up to three faults and a kill',
        happens:
          'no record is lost without a word, outcomes say how records are, exit 0 means that the wanted state holds',
        exit: '',
        file: 'test/properties/runs.test.ts',
        test: 'whatever server, renewals, policy, faults and kill: nothing is lost',
      },
      {
        fault: 'random faults on a served lab',
        happens: 'the same',
        exit: '',
        file: 'test/properties/host-runs.test.ts',
        test: 'whatever goes wrong on a served lab',
      },
      {
        fault: 'all of it at once: renewals, faults, kills and commands at random under clients that never stop',
        happens: 'the same, and no handshake fails but by a fault; for longer, see below',
        exit: '',
        file: 'test/soak/soak.slow.ts',
        test: 'brings a few deeds on a small lab to rest',
      },
    ],
  },
];
