import { ChannelSilent } from '../client/server-over-channel.ts';
import { type OpenLab, openLab } from '../host/channel.ts';
import { labFolder } from '../host/folder.ts';
import { newPipeAddress, openPipe } from '../host/pipe.ts';

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
