import { CertRebindError } from '../../../../src/base/errors.ts';
import { fact, isSaid, type Measurement, oneOf, position } from '../measurement.ts';
import type { Stage } from '../stage.ts';

/** Whether the program's own PowerShell starts, and in which language what it starts has to be. */
export const measurement: Measurement = {
  safe: 'yes',
  seconds: 120,
  async collect({ ask, server }) {
    const engine = await startOf(server);
    const told = await ask('policy/policy').catch(({ message }) => ({ 'refused script': { refused: message } }));
    const modes = 'language modes' in told && isSaid(told['language modes']) ? told['language modes'] : [];
    return { ...told, engine: [engine], control: [engine, ...modes] };
  },
  rows: {
    'policy-refusal': fact(
      'refused script',
      'a script called under the execution policy Restricted',
      ([id = '', type]) => id.startsWith('UnauthorizedAccess') && type === 'PSSecurityException',
      { so: ['UnauthorizedAccess', 'PSSecurityException'], not: ['it ran'] },
    ),
    'engine-refused': oneOf('engine', 'whether powershell.exe starts', { started: 'yes', 'engine-refused': 'no' }),
    'script-control': position(
      'control',
      'whether the adapter may run, then the language mode of a script of ours and of a command',
      ([engine, ofFile, ofCommand]) => {
        if (engine === 'script-control') return 'allows-nothing';
        if (ofFile !== 'FullLanguage') return 'other';
        return { FullLanguage: 'none', ConstrainedLanguage: 'allows-adapter' }[ofCommand ?? ''] ?? 'other';
      },
      {
        none: ['started', 'FullLanguage', 'FullLanguage'],
        'allows-adapter': ['started', 'FullLanguage', 'ConstrainedLanguage'],
        'allows-nothing': ['script-control'],
        other: ['engine-refused'],
      },
    ),
  },
};

async function startOf(server: Stage['server']): Promise<string> {
  try {
    await server.snapshot('brief');
    return 'started';
  } catch (error) {
    // Without elevation it starts too, and is denied what it reads.
    if (error instanceof CertRebindError) return error.code === 'not-elevated' ? 'started' : error.code;
    throw error;
  }
}
