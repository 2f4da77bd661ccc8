import { keyAccess, keyAccessKey } from '../../../../src/kinds/key-access/key-access.ts';
import { type Measurement, position } from '../measurement.ts';

/** Under which Remote Desktop runs. */
const networkService = /;;;(?:NS|S-1-5-20)\)/;

/** Who may read the key of a certificate that was really renewed, with a key of its own. */
export const measurement: Measurement = {
  safe: 'vm',
  seconds: 240,
  async collect(stage) {
    const { server } = stage;
    const old = await stage.enrol('key.certrebind.invalid');
    const rightsOf = async (thumbprint: typeof old) => {
      const rights = (await server.certificates([thumbprint]))[0]?.keyRights;
      return rights !== undefined && 'sddl' in rights ? rights.sddl : null;
    };
    const sddl = await rightsOf(old);
    if (sddl === null) return { 'renewed key': { refused: 'the rights of the key were not read' } };
    const asked = [{ sid: 'S-1-5-20', reads: true }];
    const key = keyAccessKey(old);
    await server.change([
      { do: 'put', expected: null, wanted: { kind: 'keyAccess', key, value: { ...keyAccess(old, sddl), asked } } },
    ]);
    const renewed = await stage.renew(old);
    return { 'renewed key': [(await rightsOf(old)) ?? '', (await rightsOf(renewed)) ?? ''] };
  },
  rows: {
    'rdp-key-access': position(
      'renewed key',
      'NETWORK SERVICE may read the key of a certificate; the rights of the key of its renewal',
      ([before = '', after = '']) => {
        if (!networkService.test(before) || after === '') return 'other';
        return networkService.test(after) ? 'kept' : 'lost';
      },
      {
        kept: ['D:(A;;FR;;;NS)', 'D:(A;;FR;;;NS)'],
        lost: ['D:(A;;FR;;;NS)', 'D:(A;;FA;;;SY)'],
        other: ['D:(A;;FA;;;SY)', 'D:(A;;FA;;;SY)'],
      },
    ),
  },
};
