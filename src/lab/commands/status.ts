import { defineCommand } from '../../shell/command.ts';
import { heading, paragraphs } from '../../shell/print/phrases.ts';
import { renderTable } from '../../shell/print/table.ts';
import { listEntries } from '../kernel/http-sys.ts';
import { switchTable } from '../kernel/switches.ts';
import { labNamed, withLab } from './folder.ts';
import { stateOf } from './perform.ts';

export const status = defineCommand({
  examples: [['lab status --lab my-lab', 'For people; --json for scripts']],
  build: (yargs) => yargs.positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' }),
  run: (args, { shell }) =>
    withLab(labNamed(args), shell.env, async (lab) => {
      const state = await stateOf(lab);
      const listeners = lab.listeners();
      const document = {
        schema: 'certrebind/lab-status/1',
        folder: lab.folder,
        name: state.name,
        iis: state.iis,
        osBuild: state.osBuild,
        served: listeners.length > 0,
        listeners,
        records: listEntries(state.httpSys).length,
        certificates: state.certificates.length,
        tasks: state.tasks.map(({ path, name, enabled, lastRunAt, lastResult, running, queued }) => ({
          path,
          name,
          enabled,
          lastRunAt,
          lastResult,
          running: running.length,
          queued: queued.length,
        })),
        switches: switchTable.flatMap(({ name, positions }) =>
          state.switches[name] === positions[0] ? [] : { name, stands: state.switches[name] },
        ),
        faults: state.faults,
        counters: state.counters,
      };
      shell.result(document, (_, look) =>
        paragraphs(
          [
            `${heading(document.name, look)} in ${document.folder}: IIS ${document.iis}, build ${document.osBuild}, ${document.records} certificate bindings, ${document.served ? 'served' : 'not served'}.`,
            listeners.length === 0
              ? null
              : renderTable(
                  [{ title: 'address' }, { title: 'port', align: 'right' }, { title: 'reached at' }],
                  listeners.map((each) => [
                    each.address,
                    String(each.port),
                    each.listening ? `${each.host} port ${each.localPort}` : `not: ${each.reason}`,
                  ]),
                  look,
                ),
            document.switches.map(({ name, stands }) => `Switch ${name}: ${stands}`),
            document.faults.map((each) => `Fault: ${JSON.stringify(each)}`),
            document.tasks.map(
              (task) =>
                `Task ${task.name}: ${task.enabled ? 'enabled' : 'disabled'}, last result ${task.lastResult ?? 'none'}, ${task.running} running, ${task.queued} queued`,
            ),
          ],
          look,
        ),
      );
      return 0;
    }),
});
