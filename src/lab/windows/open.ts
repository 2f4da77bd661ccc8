import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import type { Server } from '../../server/server.ts';
import { adapterFileName, adapterText, findAdapterScript } from '../../server/windows/adapter-script.ts';
import { engineEnvironment } from '../../server/windows/engine.ts';
import { WindowsServer } from '../../server/windows/windows-server.ts';
import { dialLab, onDiskOfLab } from '../client/lab-server.ts';
import { ChannelSilent } from '../client/server-over-channel.ts';
import { type OpenLab, openLab } from '../host/channel.ts';
import { labFolder } from '../host/folder.ts';
import { inspectPaths, makeProtectedFolder } from '../host/path-safety.ts';
import { newPipeAddress, openPipe } from '../host/pipe.ts';
import { keyProviders } from '../kernel/holders/key-access.ts';
import { findCheckout } from './checkout.ts';
import { findLabEngine } from './engine.ts';
import { type LabAccount, makeSystemRoot, setUpRows } from './system-root.ts';

export interface WindowsLab {
  readonly server: Server;
  /** `enable` was run through this server; the lab's scheduler starts programs the same way. */
  rememberServer(kind: string): Promise<void>;
}

export interface WindowsLabOptions {
  /** SYSTEM when absent, as the scheduled task would be. */
  readonly account?: LabAccount;
  readonly env?: NodeJS.ProcessEnv;
  /** Where the program that runs is installed in the lab; `null` for one that is started from anywhere else. What SYSTEM starts counts as installed. */
  readonly programFolder?: string | null;
  /** Where its version would be installed. */
  readonly placed?: string | null;
}

/**
 * The Windows side itself, its adapter scripts in a real PowerShell, with modules, drives and programs of a lab in
 * place of Windows. Exists in a source checkout only, because the modules are test code.
 * @throws CertRebindError `no-server` without checkout or Node, `powershell-missing`, `not-a-lab`
 */
export async function openWindowsLabServer(
  labFolder: string,
  { account = 'system', env = process.env, programFolder = null, placed = null }: WindowsLabOptions = {},
): Promise<WindowsLab> {
  const checkout = findCheckout(env);
  const engine = assertLabEngine(checkout, env);
  const reached = await reachLab(labFolder);
  const { folder, pipe, lab } = reached;
  const root = await makeSystemRoot({ checkout, engine, lab: folder, pipe, account });
  const temporary = join(root.folder, 'Temp');
  await mkdir(temporary);
  const isInstalled = programFolder === null && account === 'system';
  if (isInstalled) await writeFile(join(root.folder, adapterFileName), adapterText);
  const windows = new WindowsServer({
    engine: root.engine,
    script: findAdapterScript(isInstalled ? root.folder : programFolder, { placed }),
    env: { ...engineEnvironment(env, { systemRoot: root.folder, temporary }), ...shortLife },
    systemRoot: root.folder,
    systemFolder: join(root.folder, 'System32'),
    setUp: [
      ...setUpRows(root),
      ['key-files', root.programData, keyProviders[root.switches['key-storage']]],
      ...(root.switches['key-opens'] === 'too-slow' ? [['key-wait', '0']] : []),
      ['data-protection', 'CertRebindLab.DataProtection'],
    ],
    makeFolder: makeProtectedFolder,
    changingFile: join(folder, 'changing'),
  });
  const server: Server = {
    ...windows,
    startsTasks: lab.isServed(),
    dial: (endpoint) => dialLab(lab, endpoint),
    written: async (wanted) => onDiskOfLab(folder, await windows.written(wanted)),
    judgePaths: async (paths) => inspectPaths(folder, paths),
    // Windows has no listeners to ask for; those of the lab change with its sites.
    async change(changes) {
      const reports = await windows.change(changes);
      const acts = changes.flatMap((change) => (change.do === 'rehearse' ? [change.act.act] : []));
      if (acts.includes('add-site') || acts.includes('remove-site')) await lab.lookForListeners();
      return reports;
    },
    async close() {
      await windows.close();
      await root.remove();
      await reached.close();
    },
  };
  return {
    server,
    rememberServer: async (kind) => {
      await lab.ask({ ask: 'remember-server', server: kind });
    },
  };
}

/** To an engine that lives for a minute at most, good, guarded machine code, profiles and collecting garbage cost more than they gain. */
export const shortLife = {
  DOTNET_JITMinOpts: '1',
  DOTNET_TieredPGO: '0',
  DOTNET_EnableWriteXorExecute: '0',
  DOTNET_gcConcurrent: '0',
  DOTNET_GCgen0size: '0x6000000',
};

/** @throws CertRebindError `powershell-missing` */
export function assertLabEngine(checkout: string, env: NodeJS.ProcessEnv): string {
  const engine = findLabEngine(checkout, env);
  if (engine !== null) return engine;
  throw new CertRebindError('powershell-missing', {
    message: 'The Windows side of a lab needs PowerShell 7. It was not found.',
    hint: 'Set CERTREBIND_TEST_PWSH, add pwsh to PATH, or install the .NET SDK.',
  });
}

/** A lab as the modules in PowerShell reach it, whether it is served or not. */
export interface ReachableLab {
  readonly folder: string;
  /** `null` while another process serves the lab: then the modules use that one, now and if it is served again. */
  readonly pipe: string | null;
  readonly lab: OpenLab;
  close(): Promise<void>;
}

/**
 * Makes a lab reachable for other processes of this one. A lab that is not served has no pipe; this process then opens
 * one and carries every request out on the files, under the lab's lock, so that modules only need one way.
 * @throws CertRebindError `not-a-lab`
 */
export async function reachLab(folderGiven: string): Promise<ReachableLab> {
  const folder = labFolder(folderGiven);
  const lab = await openLab(folder);
  const relay = lab.isServed() ? null : await openPipe(await newPipeAddress(), (request) => relayed(lab, request));
  return {
    folder,
    pipe: relay?.address ?? null,
    lab,
    close: async () => {
      await relay?.close();
      await lab.close();
    },
  };
}

async function relayed(lab: OpenLab, request: Parameters<OpenLab['ask']>[0]) {
  try {
    return { reply: await lab.ask(request) };
  } catch (thrown) {
    if (thrown instanceof ChannelSilent) return 'hang-up';
    throw thrown;
  }
}
