import type { Thumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import {
  asBelieved,
  exactly,
  fact,
  isSaid,
  type Measurement,
  NotMeasured,
  otherwise,
  type Part,
  position,
  type Told,
} from '../measurement.ts';
import { importPfx, type PfxFile, pfxFile, removePfx } from '../pfx.ts';
import type { Stage } from '../stage.ts';
import { type Bench, removeRecords, served, setRecord } from './bench.ts';
import { plainRecord } from './on-records.ts';

const providers = ['Microsoft RSA SChannel Cryptographic Provider', 'Microsoft Software Key Storage Provider'];
const unservable = ['ed25519', 'ed448'];

/** What becomes of a key: who has to be able to read it, where an import puts it, and what HTTP.SYS does with it. */
export const measurement: Measurement = {
  safe: 'mark',
  program: 'installed',
  seconds: 240,
  async collect(stage) {
    const bench = await stage.bench();
    return {
      'key of one account': await keyOfOneAccount(stage, bench),
      ...(await imported(stage)),
      ...(await servable(stage, bench)),
      ...(await chain(stage, bench)),
    };
  },
  rows: {
    'key-as-system': exactly(
      'key of one account',
      'what HTTP.SYS serves where the file of a key is of SYSTEM alone, and of NETWORK SERVICE alone',
      ['SYSTEM served', 'NETWORK SERVICE not served'],
      ['SYSTEM not served', 'NETWORK SERVICE not served'],
    ),
    'pfx-provider': fact(
      'providers',
      'the provider of a key that OpenSSL wrote into a PFX file with pkcs12 -CSP, after the import by the adapter',
      (said) => said.join() === providers.join(),
      { so: providers, not: [providers[1] ?? '', providers[1] ?? ''] },
    ),
    'servable-keys': {
      how: 'a key of Ed25519 and one of Ed448, imported, bound, and dialled, beside one of RSA for which all that works',
      from: ['RSA key', 'other keys'],
      decide(said) {
        if (said('RSA key')[0] !== 'served') return 'other';
        const answers = said('other keys');
        return answers.length === unservable.length && !answers.includes('served') ? asBelieved : otherwise;
      },
      examples: {
        [asBelieved]: { 'RSA key': ['served'], 'other keys': ['import refused', 'not served'] },
        [otherwise]: { 'RSA key': ['served'], 'other keys': ['import refused', 'served'] },
        other: { 'RSA key': ['not served'], 'other keys': ['not served', 'not served'] },
      },
    },
    'served-chain': position(
      'chain',
      'what is sent with a certificate whose intermediate is in CA and whose root is in no store',
      (said) => ({ intermediate: 'stored', nothing: 'missing' })[said.join()] ?? 'other',
      { stored: ['intermediate'], missing: ['nothing'], other: ['intermediate', 'root'] },
    ),
  },
};

async function keyOfOneAccount({ ask }: Stage, bench: Bench): Promise<Part> {
  const answers: string[] = [];
  for (const [thumbprint, name, sid] of [
    [bench.old, 'SYSTEM', 'S-1-5-18'],
    [bench.successor, 'NETWORK SERVICE', 'S-1-5-20'],
  ] as const) {
    const { 'key file': found } = await ask('core/keys', [thumbprint]);
    if (!isSaid(found)) return found ?? { refused: 'the file of the key was not told' };
    const [file = ''] = found;
    try {
      const { rights } = await ask('core/keys', ['', file, sid]);
      if (!isSaid(rights)) return rights ?? { refused: 'the rights of the key were not changed' };
      answers.push(`${name} ${await becomes(bench, thumbprint)}`);
    } finally {
      await ask('core/keys', ['', file]);
    }
  }
  return answers;
}

async function imported({ server, ask }: Stage): Promise<Told> {
  const found: string[] = [];
  for (const provider of providers) {
    const file = pfxFile({ name: 'provider.certrebind.invalid', provider });
    const refusal = await importPfx(server, file);
    const { provider: told } = await ask('core/keys', [file.thumbprint]);
    await removePfx(server, file.thumbprint);
    if (refusal !== null) return { providers: { refused: refusal } };
    if (!isSaid(told)) return { providers: told ?? { refused: 'the provider was not told' } };
    found.push(...told);
  }
  return { providers: found };
}

async function servable(stage: Stage, bench: Bench): Promise<Told> {
  const answers: string[] = [];
  for (const algorithm of ['rsa:2048', ...unservable])
    answers.push(
      await withImported(stage, pfxFile({ name: 'key.certrebind.invalid', algorithm }), ({ thumbprint }) =>
        becomes(bench, thumbprint),
      ),
    );
  return { 'RSA key': answers.slice(0, 1), 'other keys': answers.slice(1) };
}

async function chain(stage: Stage, bench: Bench): Promise<Told> {
  const file = pfxFile({ name: 'chain.certrebind.invalid', hasChain: true });
  const sent = await withImported(stage, file, async ({ thumbprint, issuers }) => {
    try {
      await setRecord(bench, plainRecord(bench, bench.byAddress.key, thumbprint));
      const { handshake } = await stage.handshake({ address: '127.0.0.1', port: bench.port, serverName: null });
      const names = (handshake.sent?.issuers ?? []).map((issuer) =>
        issuer === issuers[0] ? 'intermediate' : issuer === issuers[1] ? 'root' : 'another',
      );
      return handshake.thumbprint === thumbprint ? names.join() || 'nothing' : `not served: ${handshake.reason}`;
    } finally {
      await removeRecords(bench, [bench.byAddress.key]);
    }
  });
  for (const thumbprint of file.issuers)
    await stage.server.change([{ do: 'rehearse', act: { act: 'remove-certificate', thumbprint, store: 'CA' } }]);
  return { chain: sent.startsWith('not served') ? { refused: sent } : sent.split(',') };
}

async function withImported(
  { server }: Pick<Stage, 'server'>,
  file: PfxFile,
  work: (file: PfxFile) => Promise<string>,
): Promise<string> {
  try {
    return (await importPfx(server, file)) === null ? await work(file) : 'import refused';
  } finally {
    await removePfx(server, file.thumbprint);
  }
}

/** Of a certificate that is bound by address and dialled. */
async function becomes(bench: Bench, thumbprint: Thumbprint): Promise<string> {
  try {
    await setRecord(bench, plainRecord(bench, bench.byAddress.key, thumbprint));
    return (await served(bench, null)).thumbprint === thumbprint ? 'served' : 'not served';
  } catch (error) {
    if (error instanceof NotMeasured) return 'not served';
    throw error;
  } finally {
    await removeRecords(bench, [bench.byAddress.key]);
  }
}
