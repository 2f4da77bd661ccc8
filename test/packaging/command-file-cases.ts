type Started = readonly [place: 'beside' | 'installed', ...words: string[]];

/** What a command file of packaging/ does, by what the commands that it starts end with (0 when absent). */
export interface CommandFileCase {
  readonly name: string;
  readonly codes: Readonly<Record<string, number>>;
  readonly exitCode: number;
  readonly started: readonly Started[];
}

const install: Started = ['beside', 'install', '--yes', '--wait'];
const enable: Started = ['installed', 'enable', '--replace-native', '--yes', '--wait'];
const uninstall: Started = ['beside', 'uninstall', '--yes', '--wait'];

const installing = ['intune/install.cmd', 'group-policy/startup.cmd'].flatMap((name): CommandFileCase[] => [
  { name, codes: {}, exitCode: 0, started: [install, enable] },
  { name, codes: { install: 7 }, exitCode: 7, started: [install] },
  { name, codes: { enable: 3 }, exitCode: 3, started: [install, enable] },
]);

export const commandFileCases: readonly CommandFileCase[] = [
  ...installing,
  { name: 'intune/uninstall.cmd', codes: {}, exitCode: 0, started: [uninstall] },
  { name: 'intune/uninstall.cmd', codes: { uninstall: 6 }, exitCode: 6, started: [uninstall] },
];
