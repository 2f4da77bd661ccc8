import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import { createLab } from '../../../src/lab/host/create.ts';
import type { Switches, SwitchName } from '../../../src/lab/kernel/switches.ts';
import { serveLab } from '../../cli/serve-lab.ts';

/** A new Windows lab with every kind of holder, served by a process of its own for as long as the work takes. */
export async function withLab<T>(folder: string, work: (lab: string) => Promise<T>, env = process.env): Promise<T> {
  await createLab({ folder, holders: true });
  await addAuthority(folder);
  const serving = await serveLab(folder, { env });
  try {
    return await work(folder);
  } finally {
    await serving.stop();
  }
}

/** As AD CS does when it is set up, which `prepare.ps1` has done before a suite looks what is there. */
export async function addAuthority(folder: string): Promise<void> {
  const { server } = await openLabServer(folder);
  const { certificates } = await server.snapshot('brief');
  if (!certificates.some(({ friendlyName }) => friendlyName === authority))
    await server.change([
      { do: 'rehearse', act: { act: 'add-certificate', name: 'authority.invalid', friendlyName: authority } },
    ]);
  await server.close();
}

const authority = 'CertRebind Lab';

/** Of a served lab, all at once. */
export async function moveSwitches(folder: string, positions: Partial<Switches>): Promise<void> {
  const lab = await openLab(folder);
  const requests = (Object.keys(positions) as SwitchName[]).flatMap((name) => {
    const position = positions[name];
    return position === undefined ? [] : [{ kind: 'set-switch', name, position } as const];
  });
  await lab.send({ kind: 'batch', requests });
  await lab.close();
}
