import assert from 'node:assert/strict';
import { rehearsalAppId, rehearsalMark, rehearsalTaskPrefix } from '../../src/documents/rehearsal.ts';
import { rebindTask, taskFolder } from '../../src/documents/scheduled-tasks.ts';
import { recordsOf } from '../../src/holders/holder.ts';
import { differencesBetween, leftoversIn, tasksOnReplacement } from '../../src/rehearse/leftovers.ts';
import { certificate, record, type SnapshotParts, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';
import { taskEntry } from '../inspect/findings/facts.ts';

const onEvent = rebindTask({ command: 'C:\\certrebind.exe' });
const task = (name: string, xml = onEvent) => taskEntry({ path: taskFolder, name, xml });

const ordinary: SnapshotParts = {
  tasks: [task('CertRebind'), task('Backup', '<Task/>')],
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'shop'), record('0.0.0.0:8443', null)],
  certificates: [certificate('shop'), certificate('named', { friendlyName: `My ${rehearsalMark}` })],
};

describe('what a rehearsal left behind', () => {
  it('is nothing on a server on which none was', () => {
    assert.deepEqual(leftoversIn(snapshot(ordinary)), []);
  });

  it('is known by its marks, and removed from the task down to the certificates', () => {
    const name = `${rehearsalTaskPrefix}1`;
    const left = leftoversIn(
      snapshot({
        tasks: [...(ordinary.tasks ?? []), task(name)],
        sites: [...(ordinary.sites ?? []), site(`${rehearsalMark} 1`, [])],
        records: [
          ...(ordinary.records ?? []),
          record('127.0.0.1:50443', 'x', { appId: rehearsalAppId }),
          record('127.0.0.1:50444', 'rehearsed'),
        ],
        certificates: [
          ...(ordinary.certificates ?? []),
          certificate('rehearsed', { friendlyName: `${rehearsalMark} old`, store: 'WebHosting' }),
        ],
      }),
    );
    const thumbprint = thumbprintOf('rehearsed');
    assert.deepEqual(left, [
      { what: `the task ${taskFolder}${name}`, removal: { act: 'unregister-task', path: taskFolder, name } },
      { what: 'the certificate binding 127.0.0.1:50443', removal: { act: 'remove-record', key: '127.0.0.1:50443' } },
      { what: 'the certificate binding 127.0.0.1:50444', removal: { act: 'remove-record', key: '127.0.0.1:50444' } },
      { what: `the site ${rehearsalMark} 1`, removal: { act: 'remove-site', name: `${rehearsalMark} 1` } },
      {
        what: `the certificate ${thumbprint} in WebHosting`,
        removal: { act: 'remove-certificate', thumbprint, store: 'WebHosting' },
      },
    ]);
  });
});

describe('the tasks that a rehearsal would start', () => {
  it('are those on event 1001 that are enabled, and not its own', () => {
    const tasks = [
      task('CertRebind'),
      { ...task('Mail'), enabled: false },
      task('Backup', '<Task/>'),
      task(`${rehearsalTaskPrefix}1`),
    ];
    assert.deepEqual(tasksOnReplacement(tasks), [`${taskFolder}CertRebind`]);
  });
});

describe('a server after a rehearsal', () => {
  const before = snapshot(ordinary);

  it('is as it was, whatever the order, the events, and when tasks ran', () => {
    const after = snapshot({
      ...ordinary,
      takenAt: '2026-06-02T12:00:00.000Z',
      records: recordsOf(before).toReversed(),
      tasks: before.tasks.map((each) => ({ ...each, lastResult: 0, lastRunAt: '2026-06-02T12:00:00.000Z' })),
    });
    assert.deepEqual(differencesBetween(before, after), []);
  });

  it('differs by each thing that came, went, or is different now', () => {
    const [first] = before.tasks;
    const after = snapshot({
      tasks: [...before.tasks.slice(1), task('New'), { ...task('CertRebind'), enabled: false }],
      sites: [site('Shop', []), site('Extra', [])],
      records: [record('0.0.0.0:8443', 'x')],
      certificates: [certificate('shop'), certificate('shop', { store: 'WebHosting' })],
    });
    assert.equal(first?.name, 'CertRebind');
    assert.deepEqual(differencesBetween(before, after), [
      'the site Extra has come',
      'the site Shop has changed',
      'the certificate binding 0.0.0.0:8443 has changed',
      'the certificate binding shop.example.com:443 is gone',
      ...[
        `the certificate ${thumbprintOf('named')} in My is gone`,
        `the certificate ${thumbprintOf('shop')} in WebHosting has come`,
      ].sort(),
      `the task ${taskFolder}CertRebind has changed`,
      `the task ${taskFolder}New has come`,
    ]);
  });
});
