import { asBelieved, fact, type Measurement, otherwise, position } from '../measurement.ts';

const rights = ['S-1-5-18 2032127 False', 'S-1-5-32-544 2032127 False', 'S-1-5-32-545 1179785 False'];

/** An entry of a descriptor that counts for the folder itself. */
const othersModify = /\(A;(?![A-Z]*IO)[A-Z]*;(?:FA|GA|0x1f01ff|0x1301bf);;;(?:AU|BU|WD)\)/;

export const measurement: Measurement = {
  safe: 'yes',
  seconds: 180,
  async collect({ ask, server, folder }) {
    const { paths, trusted } = await server.judgePaths([folder]);
    const others = paths.flatMap(({ dangers }) => dangers).filter(({ trust }) => trust !== null);
    return { ...(await ask('rights/rights')), accounts: [`${trusted.accounts.length}`, `${others.length}`] };
  },
  rows: {
    'elevated-groups': fact(
      'groups',
      'WindowsIdentity.Groups of an elevated token',
      (said) => said.includes('S-1-5-32-544'),
      { so: ['S-1-1-0', 'S-1-5-32-544'], not: ['S-1-1-0', 'S-1-5-32-545'] },
    ),
    'icacls-grants': fact(
      'rights of a folder',
      'icacls /inheritance:r /grant, then /grant:r, on a folder of our own',
      (said) => said.toSorted().join() === rights.join(),
      { so: rights, not: [...rights, 'S-1-5-32-545 2032127 False'] },
    ),
    'volume-root-rights': position(
      'volume root',
      'whether an entry for everybody or all users, for the root of the volume itself, brings Modify',
      ([sddl = '']) => {
        if (!sddl.includes('D:')) return 'other';
        return othersModify.test(sddl) ? 'modify' : 'protected';
      },
      {
        protected: ['O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICIIO;0x1301bf;;;AU)(A;;LC;;;AU)'],
        modify: ['O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;0x1301bf;;;AU)'],
        other: [''],
      },
    ),
    'precreated-folder': {
      how: 'who may make folders below ProgramData; writing, deleting and renaming a program that runs',
      from: ['ProgramData', 'program that runs'],
      decide(said) {
        const [written, deleted, renamed] = said('program that runs');
        const isHeld = written?.startsWith('0x') === true && deleted?.startsWith('0x') === true && renamed === 'done';
        return isHeld && said('ProgramData').includes('S-1-5-32-545') ? asBelieved : otherwise;
      },
      examples: {
        [asBelieved]: {
          ProgramData: ['S-1-5-18', 'S-1-5-32-545'],
          'program that runs': ['0x80070020 x: in use', '0x80070005 x: denied', 'done'],
        },
        [otherwise]: { ProgramData: ['S-1-5-18'], 'program that runs': ['0x80070020 x: in use', 'done', 'done'] },
      },
    },
    'agent-rights': position(
      'accounts',
      'accounts that are trusted, and those that could be and may change the folder of the program or one above it',
      (said) => {
        const [trusted, others] = said.map(Number);
        if (trusted === undefined || others === undefined || Number.isNaN(trusted + others)) return 'other';
        return trusted > 0 ? 'trusted' : others > 0 ? 'not-trusted' : 'none';
      },
      { none: ['0', '0'], trusted: ['1', '0'], 'not-trusted': ['0', '2'], other: [] },
    ),
  },
};
