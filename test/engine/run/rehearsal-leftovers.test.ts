import assert from 'node:assert/strict';
import { rehearsalAppId, rehearsalMark, rehearsalTaskPrefix } from '../../../src/documents/rehearsal.ts';
import { rebindTask, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { leftoversIn } from '../../../src/engine/run/rehearsal-leftovers.ts';
import { certificate, record, type SnapshotParts, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';
import { taskEntry } from '../findings/facts.ts';

const onEvent = rebindTask({ command: 'C:\\certrebind.exe' });
const task = (name: string, xml = onEvent) => taskEntry({ path: taskFolder, name, xml });

const ordinary: SnapshotParts = {
  tasks: [task('CertRebind'), task('Backup', '<Task/>')],
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'shop'), record('0.0.0.0:8443', null)],
  certificates: [certificate('shop'), certificate('named', { friendlyName: `My ${rehearsalMark}` })],
};

describe('what a rehearsal left behind', () => {
  it('is nothing on a server on which none was', () => assert.deepEqual(leftoversIn(snapshot(ordinary)), []));

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
      { what: `the task ${taskFolder}${name}`, removal: { do: 'unregister-task', path: taskFolder, name } },
      { what: 'the certificate binding 127.0.0.1:50443', removal: { do: 'remove', key: '127.0.0.1:50443' } },
      { what: 'the certificate binding 127.0.0.1:50444', removal: { do: 'remove', key: '127.0.0.1:50444' } },
      {
        what: `the site ${rehearsalMark} 1`,
        removal: { do: 'rehearse', act: { act: 'remove-site', name: `${rehearsalMark} 1` } },
      },
      {
        what: `the certificate ${thumbprint} in WebHosting`,
        removal: { do: 'rehearse', act: { act: 'remove-certificate', thumbprint, store: 'WebHosting' } },
      },
    ]);
  });
});
