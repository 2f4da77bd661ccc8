import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLab } from '../../src/lab/host/channel.ts';
import { type ServingLab, serveLab } from '../../src/lab/host/serve.ts';
import { run, runJson } from '../cli/run-program.ts';
import { each } from '../support/each.ts';
import { stateOfLab } from '../support/tell-lab.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { servers } from './lab-world.ts';

for (const { kind, words } of servers) {
  describe(`listeners that are not as usual (${kind})`, () => {
    let lab: Awaited<ReturnType<typeof temporaryLab>>;
    let serving: ServingLab;
    let [old, successor] = ['', ''];
    before(async () => {
      lab = await temporaryLab({ sites: 1, holders: true });
      const file = join(lab.folder, 'lab.json');
      const text = await readFile(file, 'utf8');
      const odd = text
        .replace('"chosenBy": "person"', '"chosenBy": "policy"')
        .replace(/("port": 5986,\s*"hostname": )"[^"]+"/, '$1null');
      assert.equal(odd.match(/"policy"|"hostname": null/g)?.length, 2);
      await writeFile(file, odd);
      serving = await serveLab(lab.folder);
      const channel = await openLab(lab.folder);
      old = lab.certificates[0]?.thumbprint ?? '';
      ({ new: successor } = await channel.ask({ ask: 'renew', options: { thumbprint: old } }));
      await channel.close();
      for (const line of [
        'set holders.rdp.policy replace',
        'set holders.winrm.policy replace',
        'add exclude.records 0.0.0.0:10443',
      ])
        assert.equal((await run(['config', ...line.split(' '), '--lab', lab.folder])).exitCode, 0);
    });
    after(async () => {
      await serving.close();
      await lab.remove();
    });

    /** What each listener holds, and its host name. */
    async function listeners(): Promise<unknown> {
      const { others } = await stateOfLab(lab.folder);
      const channels = others.filter(({ consumer }) => consumer.kind === 'rdp' || consumer.kind === 'winrm');
      return Object.fromEntries(
        channels.map(({ consumer, thumbprint, remoting }) => [consumer.kind, [thumbprint, remoting?.hostname]]),
      );
    }

    it('of Remote Desktop by group policy are left to it and told; of WinRM without a host name are moved and keep none', async () => {
      const { exitCode, document } = await runJson(['reconcile', ...words(lab.folder)]);
      assert.deepEqual([exitCode, document.result], [0, 'rebound']);
      const told = document.notes.find(({ code }: { code: string }) => code === 'other-consumers');
      assert.equal(
        told.text,
        `${old} is also used by rdp (RDP-Tcp; group policy chooses its certificate), which is not changed.`,
      );
      const channels = document.steps.filter(({ key }: { key: string }) => /^(?:rdp|winrm)\//.test(key));
      assert.deepEqual(each(channels, 'key', 'state'), [['winrm/*+HTTPS', 'verified']]);
      const [winrm] = channels;
      assert.deepEqual([winrm.now.thumbprint, winrm.after[0].endpoint.serverName], [successor, null]);
      assert.deepEqual(await listeners(), { rdp: [old, undefined], winrm: [successor, null] });

      const undone = await runJson(['undo', '--yes', ...words(lab.folder)]);
      assert.deepEqual([undone.exitCode, undone.document.result], [0, 'undone']);
      assert.deepEqual(await listeners(), { rdp: [old, undefined], winrm: [old, null] });
    });
  });
}
