import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearsalTaskPrefix } from '../../../../src/documents/rehearsal.ts';
import { type ExpectedTask, taskFolder } from '../../../../src/documents/scheduled-tasks.ts';
import { keyOption } from '../../../../src/kinds/tls/netsh-options.ts';
import { lifecycleLog } from '../../../../src/model/windows/lifecycle-event.ts';
import { localSystem } from '../../../../src/model/windows/service-account.ts';
import { formatTask, schemaDefaults } from '../../../../src/model/windows/task.ts';
import { isSaid, NotMeasured, type Told } from '../measurement.ts';
import type { Act, Hands, Look } from './bench.ts';
import type { Start, Starts } from './on-event.ts';

/** By the script of the suites. */
export function handsBy(ask: (name: string, words: readonly string[]) => Promise<Told>): Hands {
  return {
    async perform(act) {
      const { done } = await ask('core/acts', [act.act, ...wordsOf(act)]);
      const [said = ''] = isSaid(done) ? done : [done?.refused ?? 'it was not answered'];
      return said === '' ? null : said.trim();
    },
    async look(look) {
      const { seen } = await ask('core/acts', [look.look, ...wordsToSee(look)]);
      if (isSaid(seen)) return seen;
      throw new NotMeasured(`${look.look} was refused: ${seen?.refused ?? 'it was not answered'}`);
    },
  };
}

function wordsOf(act: Act): readonly string[] {
  switch (act.act) {
    case 'announce':
      return [act.old, act.new];
    case 'binding-method':
      return [act.site, act.information, act.method, act.thumbprint];
    case 'netsh-update': {
      const { name, value } = keyOption(act.key);
      return [`${name}=${value}`, act.thumbprint, act.appId];
    }
  }
}

function wordsToSee(look: Look): readonly string[] {
  switch (look.look) {
    case 'event-xml':
      return [lifecycleLog, `${look.recordId}`];
    case 'netsh-record': {
      const { name, value } = keyOption(look.key);
      return [`${name}=${value}`];
    }
    case 'log-access':
      return [lifecycleLog];
    case 'intermediates':
      return [];
  }
}

/** Notes its arguments in a folder and waits until it may end, so that further starts have to queue. */
const noting = `const { existsSync, renameSync, writeFileSync } = require('node:fs');
const [folder, ...words] = process.argv.slice(2);
const at = new Date();
const file = folder + '/start-' + at.toISOString().replace(/\\D/g, '') + '-' + process.pid;
writeFileSync(file + '.new', JSON.stringify({ at: at.toISOString(), words }));
renameSync(file + '.new', file + '.json');
const wait = () => {
  if (!existsSync(folder + '/released') && Date.now() - at < 60000) setTimeout(wait, 200);
  else process.exit();
};
wait();
`;

/** A folder in which a program of Node notes its starts by a task. */
export async function openStarts(id: string) {
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-starts-'));
  await mkdir(join(folder, 'noted'));
  await writeFile(join(folder, 'note.cjs'), noting);
  const noted = (name: string) => join(folder, 'noted', name);
  const starts: Starts = {
    async read() {
      const names = (await readdir(noted(''))).filter((name) => name.endsWith('.json')).sort();
      return Promise.all(names.map(async (name): Promise<Start> => JSON.parse(await readFile(noted(name), 'utf8'))));
    },
    release: () => writeFile(noted('released'), ''),
  };
  return {
    starts,
    task: notingTask(process.execPath, `"${join(folder, 'note.cjs')}" "${noted('').replace(/[\\/]$/, '')}"`, id),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Its second value query finds nothing, to see what the arguments then contain (fidelity: missing-value). */
export function notingTask(command: string, words: string, id: string): ExpectedTask {
  const name = `${rehearsalTaskPrefix}${id}`;
  const xml = formatTask({
    uri: `${taskFolder}${name}`,
    description: 'Notes its own start for a measurement, which takes it away again.',
    user: localSystem,
    runLevel: 'HighestAvailable',
    triggers: [
      {
        kind: 'EventTrigger',
        enabled: true,
        startBoundary: null,
        endBoundary: null,
        interval: null,
        delay: null,
        subscription: `<QueryList><Query Id='0'><Select Path='${lifecycleLog}'>*[System[EventID=1001]]</Select></Query></QueryList>`,
        valueQueries: [
          { name: 'RecordId', query: 'Event/System/EventRecordID' },
          { name: 'Nothing', query: 'Event/UserData/CertRebindNothing' },
        ],
      },
    ],
    actions: [
      {
        kind: 'Exec',
        command,
        arguments: `${words} --record $(RecordId) --nothing $(Nothing)`,
        workingDirectory: null,
      },
    ],
    settings: {
      ...schemaDefaults,
      multipleInstancesPolicy: 'Queue',
      disallowStartIfOnBatteries: false,
      stopIfGoingOnBatteries: false,
      executionTimeLimit: 'PT1H',
    },
  });
  return { path: taskFolder, name, xml };
}
