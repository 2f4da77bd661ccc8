import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { nameOfSecret } from '../../documents/secrets.ts';
import type { Server } from '../../server/server.ts';
import { startProgram } from '../../server/windows/start-program.ts';
import { secretFile } from '../../state/secrets.ts';
import type { StandingFiles } from '../../state/standing-files.ts';
import { CertRebindError, messageFrom } from '../../text/errors.ts';
import { demandSafeCommand } from '../safe-paths.ts';
import type { FileWork } from './look.ts';

/** A minute is long for a program that only tells another one to read a file. */
const timeLimitMs = 60_000;

/** On the machine where this program runs. */
export function filesOfMachine({
  server,
  home,
  standing,
}: {
  readonly server: Server;
  readonly home: string | null;
  readonly standing: StandingFiles;
}): FileWork {
  return {
    read: async (path) => {
      try {
        return await readFile(path);
      } catch (thrown) {
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
        throw thrown;
      }
    },
    list: (folder) => readdir(folder),
    rename,
    remove: (path) => rm(path, { force: true }),
    async password({ name, password: ofFile, keyPassword = ofFile }, of) {
      const password = of === 'key' ? keyPassword : ofFile;
      if (home === null || password === undefined)
        throw new CertRebindError('bad-input', { message: `the configuration names no password for ${name}` });
      return secretFile(home, server.protection).read(nameOfSecret(password));
    },
    async whyNoProgram({ service }) {
      if (service.do !== 'reload') return null;
      try {
        await demandSafeCommand(server, { program: service.program, args: service.arguments ?? [] });
        return null;
      } catch (thrown) {
        return messageFrom(thrown);
      }
    },
    async tell({ service }) {
      if (service.do !== 'reload') return null;
      const { program, arguments: args = [] } = service;
      const end = await startProgram({
        program,
        args,
        values: {},
        temporary: await standing.temporaryFolder(),
        timeLimitMs,
      });
      if (end.how === 'ended' && end.exitCode === 0) return null;
      const how = { ended: 'ended with', 'time-limit': 'was ended after a minute', 'not-started': 'did not start' }[
        end.how
      ];
      return `${program} ${how}${end.how === 'ended' ? ` exit code ${end.exitCode}` : ''}`;
    },
  };
}
