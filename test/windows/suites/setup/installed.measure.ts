import { asBelieved, type Measurement, otherwise } from '../measurement.ts';

const entry = ['DisplayName', 'DisplayVersion', 'Publisher', 'QuietUninstallString', 'EstimatedSize'].map(
  (name) => `${name} True`,
);

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 240,
  async collect({ ask, install }) {
    const uninstall = await install();
    try {
      return await ask('setup/installed');
    } finally {
      await uninstall();
    }
  },
  rows: {
    'installed-programs': {
      how: 'the entry in the registry after certrebind install, and what Get-Package makes of it',
      from: ['entry', 'packages'],
      decide: (said) =>
        entry.every((line) => said('entry').includes(line)) && said('packages').includes('CertRebind')
          ? asBelieved
          : otherwise,
      examples: {
        [asBelieved]: { entry, packages: ['CertRebind'] },
        [otherwise]: { entry, packages: [] },
      },
    },
  },
};
