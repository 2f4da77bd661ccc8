import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DialTarget, Server } from '../src/server/server.ts';
import { runJson } from '../test/cli/run-program.ts';
import { serveLab } from '../test/cli/serve-lab.ts';

/** A lab that is served by a process of its own. */
export interface ServedLab {
  readonly folder: string;
  readonly certificates: readonly { readonly thumbprint: string }[];
  /** One command on this lab; anything but exit 0 is an error. */
  // biome-ignore lint/suspicious/noExplicitAny: the documents of the contract are read as they come
  json(words: readonly string[]): Promise<any>;
}

/** Enough sites that the first certificate is under this many records of a lab (see `sampleServer`). */
export function sitesFor(records: number): number {
  return Math.floor(((records - 9) * 4) / 3) + 12;
}

/** Makes and serves a lab for one piece of work; without sites it is the small sample one. */
export async function onLab<T>(sites: number, work: (lab: ServedLab) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  const folder = join(root, 'lab');
  try {
    const created = await runJson(['lab', 'create', folder, ...(sites === 0 ? [] : ['--sites', `${sites}`])]);
    const serving = await serveLab(folder);
    try {
      return await work({
        folder,
        certificates: created.document.certificates,
        async json(words) {
          const { exitCode, document } = await runJson([...words, '--lab', folder]);
          if (exitCode !== 0) throw new Error(`${words.join(' ')}: exit ${exitCode}: ${JSON.stringify(document)}`);
          return document;
        },
      });
    } finally {
      await serving.stop();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Where a client of this record connects and what it asks for; nothing for IPv6, which not every machine has. */
export function clientOf(
  server: Pick<Server, 'dial'>,
  key: string,
): readonly { readonly target: DialTarget; readonly serverName: string | null }[] {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(key) ?? [];
  if (host.startsWith('[')) return [];
  const serverName = /[a-z]/.test(host) ? host.replace(/^\*/, 'bench') : null;
  const target = server.dial({ address: serverName === null ? host : '0.0.0.0', port: Number(port), serverName });
  return [{ target, serverName }];
}
