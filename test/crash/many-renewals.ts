import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileState } from '../../src/engine/state/file-state.ts';
import type { State } from '../../src/engine/state/state.ts';
import { recordsOf } from '../../src/kinds/holder.ts';
import { formatRecordKey, parseRecordKey } from '../../src/kinds/record-key.ts';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { formatApplicationHost } from '../../src/lab/host/application-host-text.ts';
import { issueLeaf, type Leaf } from '../../src/lab/host/authority.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { createLab } from '../../src/lab/host/create.ts';
import { type LabContents, loadLab, saveLab } from '../../src/lab/host/folder.ts';
import { serveLab } from '../../src/lab/host/serve.ts';
import { fieldsOf, findEntry, putRecord } from '../../src/lab/kernel/http-sys.ts';
import type { LabCertificate } from '../../src/lab/kernel/lab-state.ts';
import { serverAuthentication } from '../../src/model/certificates/usages.ts';
import { replacementEvent } from '../builders/replacement-event.ts';
import { sni } from '../builders/snapshot.ts';

/** A served lab with so many certificates, each under a record of its own, and the successor of each in the store. */
export interface ManyRenewals {
  readonly folder: string;
  readonly state: State;
  /** Renews the certificate of one of the records as Windows does, and gives the number of the event. */
  renew(at: number): Promise<number>;
  /** Records whose certificate is not the successor of the first one. */
  notRenewed(): Promise<readonly string[]>;
  /**
   * How often the whole server was read. Whoever asks it at all does that, and on Windows opens a PowerShell for it; who
   * finds the renewal done does not.
   */
  readings(): Promise<number>;
  close(): Promise<void>;
}

export async function openManyRenewals(count: number): Promise<ManyRenewals> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  const folder = join(root, 'lab');
  const hosts = Array.from({ length: count }, (_, at) => `h${at}.example.com`);
  const configuration = formatApplicationHost([{ name: 'Many', bindings: hosts.map(sni) }]);
  await createLab({ folder, from: { where: 'a test', bytes: Buffer.from(configuration) } });
  const contents = await loadLab(folder);
  const { pairs, changed } = await withPairs(contents, hosts);
  await saveLab(folder, contents, changed);
  const serving = await serveLab(folder);
  const lab = await openLab(folder);
  const { server } = await openLabServer(folder);
  // A fault that never strikes counts what it could strike.
  const never = { on: { kind: 'read' }, nth: 1_000_000, times: 1, effect: { do: 'no-effect' } } as const;
  await lab.send({ kind: 'arm-fault', fault: never });

  return {
    folder,
    state: fileState(join(folder, 'certrebind')),
    async renew(at) {
      const [old, successor] = pairs[at] ?? ['', ''];
      const { result } = await lab.send({
        kind: 'batch',
        requests: [{ kind: 'set-renewal', thumbprint: old, renewedTo: successor }, replacementEvent(old, successor)],
      });
      const event = result.kind === 'batch' ? result.results[1] : undefined;
      if (event?.kind !== 'event' || event.recordId === null) throw new Error('the lab wrote no event');
      return event.recordId;
    },
    async notRenewed() {
      const records = recordsOf(await server.snapshot());
      const held = new Map(records.map(({ key, thumbprint }) => [`${key}`, thumbprint]));
      return hosts.map((host) => `${host}:443`).filter((key, at) => held.get(key) !== pairs[at]?.[1]);
    },
    async readings() {
      const { result } = await lab.send({ kind: 'read' });
      const counter = result.kind === 'state' ? result.state.faults[0] : undefined;
      if (counter === undefined) throw new Error('the lab lost its counter');
      // This reading is not one of theirs.
      return counter.seen - 1;
    },
    async close() {
      await server.close();
      await lab.close();
      await serving.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

const day = 24 * 3600_000;

/** One key for all of them: what is tried here is their number. */
async function withPairs(contents: LabContents, hosts: readonly string[]) {
  const [key = ''] = contents.keys.values();
  const authority = contents.issuers.get('lab');
  if (authority === undefined) throw new Error('the lab has no authority');
  const issue = (host: string, days: number) =>
    issueLeaf(authority, {
      names: [host],
      key,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + days * day),
      ekus: [serverAuthentication],
    });
  const keys = new Map(contents.keys);
  const pairs: (readonly [string, string])[] = [];
  let { httpSys, certificates, switches } = contents.state;
  for (const host of hosts) {
    const [old, successor] = [await issue(host, 30), await issue(host, 90)];
    for (const { thumbprint } of [old, successor]) keys.set(thumbprint, key);
    certificates = [...certificates, stored(old), stored(successor)];
    const recordKey = formatRecordKey(parseRecordKey(`${host}:443`, 'test'));
    const entry = findEntry(httpSys, recordKey);
    if (entry === null) throw new Error(`the lab has no record for ${host}`);
    httpSys = putRecord(httpSys, recordKey, { ...fieldsOf(entry), thumbprint: old.thumbprint }, switches);
    pairs.push([old.thumbprint, successor.thumbprint]);
  }
  return { pairs, changed: { ...contents, keys, state: { ...contents.state, httpSys, certificates } } };
}

function stored({ thumbprint, der }: Leaf): LabCertificate {
  return {
    thumbprint,
    der: der.toString('base64'),
    store: 'My',
    key: 'usable',
    archived: false,
    renewedTo: null,
    friendlyName: null,
  };
}
