import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { rebindTask, rebindTaskName, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { tasksEnded } from '../../../src/lab/commands/perform.ts';
import { type OpenLab, openLab } from '../../../src/lab/host/channel.ts';
import type { LabCreated } from '../../../src/lab/host/create.ts';
import { type ServeEvent, type ServingLab, serveLab } from '../../../src/lab/host/serve.ts';
import { formatTask, parseTask } from '../../../src/model/windows/task.ts';
import { taskResults } from '../../../src/model/windows/task-results.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('lab scheduler', () => {
  let lab: LabCreated & { remove(): Promise<void> };
  let serving: ServingLab;
  let client: OpenLab;
  let events: ServeEvent[];
  let script: string;

  beforeEach(async () => {
    lab = await temporaryLab();
    script = join(dirname(lab.folder), 'program.cjs');
    events = [];
    serving = await serveLab(lab.folder, { report: (event) => events.push(event) });
    client = await openLab(lab.folder);
  });
  afterEach(async () => {
    await client.close();
    await serving.close();
    await lab.remove();
  });

  it('event 1001 starts the registered script with its record number, told which lab it works on', async () => {
    await writeFile(script, tells);
    await client.ask({ ask: 'remember-server', server: 'windows' });
    await register(rebindTask({ command: script }));
    const { eventRecordId } = await renew();
    await tasksEnded(client);
    assert.deepEqual(await told(), [
      { args: ['on-event', '--record', `${eventRecordId}`], lab: lab.folder, server: 'windows' },
    ]);
    assert.equal((await task()).lastResult, 0);
  });

  it('two events are two runs, one after the other, in their order', async () => {
    await writeFile(script, takesItsTime);
    await register(rebindTask({ command: script }));
    const ids = [(await renew()).eventRecordId, (await renew()).eventRecordId];
    await tasksEnded(client);
    const lines = (await output()).map((line) => line.split(' '));
    assert.deepEqual(
      lines.map(([what, record]) => `${what} ${record}`),
      ids.flatMap((id) => [`begin ${id}`, `end ${id}`]),
    );
  });

  it('the exit code of a run is its last result', async () => {
    await writeFile(script, 'process.exit(4)');
    await register(rebindTask({ command: script }));
    await renew();
    await tasksEnded(client);
    assert.equal((await task()).lastResult, 4);
  });

  it('a program that does not exist is the result that Windows gives, and the next event is tried all the same', async () => {
    await register(rebindTask({ command: join(dirname(lab.folder), 'nowhere') }));
    await renew();
    await renew();
    await tasksEnded(client);
    assert.equal((await task()).lastResult, 0x80070002);
    assert.equal(events.filter(({ event }) => event === 'task-finished').length, 2);
  });

  it('the time limit ends a run and what it has started itself', async () => {
    const { server, port } = await listen();
    try {
      await writeFile(script, startsAnother(port));
      await register(limited(rebindTask({ command: script }), 'PT2H'));
      const connected = once(server, 'connection');
      await renew();
      const [socket] = await connected;
      const closed = once(socket.on('error', () => undefined).resume(), 'close');
      await client.send({ kind: 'tick', passedMs: 2 * 3_600_000 });
      await closed;
      await tasksEnded(client);
      assert.equal((await task()).lastResult, 0x41306);
    } finally {
      server.close();
    }
  });

  it('the time limit ends a run when its time is over', async () => {
    await writeFile(script, 'setInterval(() => undefined, 1000)');
    await register(limited(rebindTask({ command: script }), 'PT1S'));
    await renew();
    await tasksEnded(client);
    assert.equal((await task()).lastResult, taskResults.terminated);
  });

  it('a lab that is closed ends what its scheduler has started', async () => {
    const { server, port } = await listen();
    try {
      await writeFile(script, startsAnother(port));
      await register(rebindTask({ command: script }));
      const connected = once(server, 'connection');
      await renew();
      const [socket] = await connected;
      const closed = once(socket.on('error', () => undefined).resume(), 'close');
      await serving.close();
      await closed;
    } finally {
      server.close();
    }
  });

  it('a server that is off starts nothing, and remembers the event', async () => {
    await writeFile(script, tells);
    await register(rebindTask({ command: script }));
    await serving.close();
    const { eventRecordId } = await renew();
    const { lastRunAt, running, queued } = await task();
    assert.deepEqual(
      { eventRecordId, lastRunAt, running, queued },
      { eventRecordId: 2, lastRunAt: null, running: [], queued: [] },
    );
  });

  function first(): string {
    return lab.certificates[0]?.thumbprint ?? '';
  }

  function renew() {
    return client.ask({ ask: 'renew', options: { thumbprint: first(), archiveOld: false } });
  }

  async function register(xml: string): Promise<void> {
    const request = { kind: 'register-task', path: taskFolder, name: rebindTaskName, xml, force: true } as const;
    const { result } = await client.send(request);
    assert.deepEqual(result, { kind: 'done' });
  }

  async function task() {
    const { result } = await client.send({ kind: 'read' });
    const found = result.kind === 'state' ? result.state.tasks[0] : undefined;
    assert.ok(found !== undefined);
    return found;
  }

  async function output(): Promise<readonly string[]> {
    return (await readFile(join(dirname(lab.folder), 'output'), 'utf8')).trimEnd().split('\n');
  }

  async function told(): Promise<unknown> {
    return (await output()).map((line) => JSON.parse(line));
  }
});

/** Says what it was started with. */
const tells = `
const { CERTREBIND_LAB: lab, CERTREBIND_LAB_SERVER: server } = process.env;
require('node:fs').appendFileSync(__dirname + '/output', JSON.stringify({ args: process.argv.slice(2), lab, server }) + '\\n');
`;

const takesItsTime = `
const say = (what) => require('node:fs').appendFileSync(__dirname + '/output', what + ' ' + process.argv[4] + '\\n');
say('begin');
setTimeout(() => say('end'), 100);
`;

/** Its child holds a connection, whose end tells that the child has ended. */
function startsAnother(port: number): string {
  const child = `require('node:net').connect(${port}, '127.0.0.1'); setInterval(() => undefined, 1000);`;
  return `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]);`;
}

async function listen(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { server, port: address.port };
}

function limited(xml: string, executionTimeLimit: string): string {
  const definition = parseTask(xml);
  return formatTask({ ...definition, settings: { ...definition.settings, executionTimeLimit } });
}
