import assert from 'node:assert/strict';
import { perform } from '../security/program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

describe('the server that a command line names', () => {
  for (const name of ['web01', 'web01.example.com', 'LAB'])
    it(`is refused as ${name}, which is no kind of server, and this machine is not taken for it`, async () => {
      const lab = await temporaryLab({ sites: 1 });
      try {
        const { exitCode, document } = await perform(['status', '--server', name, '--lab', lab.folder, '--json']);
        assert.deepEqual([exitCode, document.error.code, document.error.where], [2, 'usage', '--server']);
        assert.match(
          document.error.message,
          new RegExp(`"${name}" is not a valid value for --server. Valid values: replay, lab\\.`),
        );
        assert.match(document.error.hint, /Invoke-Command/);
      } finally {
        await lab.remove();
      }
    });
});
