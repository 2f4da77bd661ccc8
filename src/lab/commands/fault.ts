import type { Argv } from 'yargs';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { parseThumbprint } from '../../model/certificates/thumbprint.ts';
import { defineCommand } from '../../shell/command.ts';
import type { GlobalArguments } from '../../shell/globals.ts';
import { argument, flag } from '../../shell/options.ts';
import { type Fault, type FaultEffect, type FaultPoint, faultPoints } from '../kernel/faults.ts';
import { ownKinds } from '../kernel/holders/kinds.ts';
import { labNamed, withLab } from './folder.ts';
import { performIn, stateOf } from './perform.ts';

export const faultKinds = [...faultPoints, ...ownKinds];
const methods = ['RebindSslCertificate', 'AddSslCertificate', 'RemoveSslCertificate'] as const;
const verbs = ['show', 'add', 'update', 'delete'] as const;
const effects = [
  'fail',
  'no-effect',
  'lose-options',
  'delete-without-add',
  'hang',
  'die',
  'delay',
  'changed-by-others',
  'log-cleared',
  'key-late',
  'refuse',
  'serve',
  'serve-previous',
] as const satisfies readonly FaultEffect['do'][];

export const fault = defineCommand({
  examples: [
    ['lab fault binding-method lose-options --lab my-lab', 'The next replacement loses the options of its record'],
    ['lab fault connect refuse --key 0.0.0.0:443 --times all --lab my-lab', 'An endpoint that refuses handshakes'],
    ['lab fault --clear --lab my-lab', 'Disarm all of them'],
  ],
  build: (yargs) =>
    withEffectDetails(yargs)
      .positional('on', { choices: faultKinds, describe: 'The kind of request it strikes' })
      .positional('effect', { choices: effects, describe: 'What happens then' })
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .option('key', argument('Only at this certificate binding or other holder'))
      .option('method', { choices: methods, requiresArg: true, describe: 'Only this method of a binding' })
      .option('verb', { choices: verbs, requiresArg: true, describe: 'Only this verb of netsh' })
      .option('nth', { type: 'string', default: '1', requiresArg: true, describe: 'The first request it strikes' })
      .option('times', { type: 'string', default: '1', requiresArg: true, describe: 'How many in a row, or all' })
      .option('clear', flag('Disarm all faults first')),
  run: async (args, { shell }) => {
    const armed = args.on === undefined ? null : faultFrom(args, args.on);
    return withLab(labNamed(args), shell.env, async (lab) => {
      if (args.clear) await performIn(lab, { kind: 'disarm-faults' });
      if (armed !== null) await performIn(lab, { kind: 'arm-fault', fault: armed });
      const { faults } = await stateOf(lab);
      shell.result({ schema: 'certrebind/lab-faults/1', faults }, () =>
        faults.length === 0 ? 'No fault is armed.' : faults.map((each) => JSON.stringify(each)).join('\n'),
      );
      return 0;
    });
  },
});

interface EffectDetails extends GlobalArguments {
  readonly after: boolean;
  readonly ms: string | undefined;
  readonly thumbprint: string | undefined;
  readonly hresult: string | undefined;
  readonly message: string | undefined;
}

function withEffectDetails(yargs: Argv<GlobalArguments>): Argv<EffectDetails> {
  return yargs
    .option('after', flag('hang, die: after the request was carried out'))
    .option('ms', argument('delay, key-late: how long'))
    .option('thumbprint', argument('changed-by-others, serve: which certificate'))
    .option('hresult', argument('fail: the number, for example 0x80070520'))
    .option('message', argument('fail: the text'));
}

interface FaultWords extends EffectDetails {
  readonly effect: (typeof effects)[number] | undefined;
  readonly key: string | undefined;
  readonly method: (typeof methods)[number] | undefined;
  readonly verb: (typeof verbs)[number] | undefined;
  readonly nth: string;
  readonly times: string;
}

function faultFrom(words: FaultWords, kind: FaultPoint['kind']): Fault {
  const { key, method, verb } = words;
  return {
    on: {
      kind,
      ...(key === undefined ? {} : { key }),
      ...(method === undefined ? {} : { method }),
      ...(verb === undefined ? {} : { verb }),
    },
    nth: parseCount(words.nth, '--nth'),
    times: words.times === 'all' ? null : parseCount(words.times, '--times'),
    effect: effectFrom(words),
  };
}

/** Windows' own error for a certificate whose key cannot be opened (fidelity: error-texts). */
const noLogonSession = {
  hresult: '0x80070520',
  message: 'A specified logon session does not exist. It may already have been terminated.',
};

function effectFrom(words: FaultWords): FaultEffect {
  switch (words.effect) {
    case undefined:
      throw new CertRebindError('usage', { message: 'Which effect? Name it after the kind of request.' });
    case 'fail':
      return {
        do: 'fail',
        hresult: Number(words.hresult ?? noLogonSession.hresult),
        message: words.message ?? noLogonSession.message,
      };
    case 'hang':
    case 'die':
      return { do: words.effect, after: words.after };
    case 'delay':
    case 'key-late':
      return { do: words.effect, ms: parseCount(words.ms ?? '', '--ms') };
    case 'changed-by-others':
    case 'serve':
      return { do: words.effect, thumbprint: parseThumbprint(words.thumbprint ?? '', '--thumbprint') };
    case 'no-effect':
    case 'lose-options':
    case 'delete-without-add':
    case 'log-cleared':
    case 'refuse':
    case 'serve-previous':
      return { do: words.effect };
  }
}

function parseCount(text: string, where: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw wrongUse(where, `${where} takes a number from 1, not ${JSON.stringify(text.slice(0, 40))}.`);
}
