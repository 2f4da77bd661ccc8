import { dirname } from 'node:path';
import { differInOthers } from '../../certificates/java-keystore.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { FileSettings } from '../../documents/configuration.ts';
import { besidePath, fileHolder, fileKey } from '../../holders/file/file.ts';
import { type HolderNow, type SnapshotHolder, thumbprintOf } from '../../holders/holder.ts';
import type { ServiceSeen } from '../../holders/kind-rules.ts';
import type { KeyText } from '../../holders/record-key.ts';
import { unreadableIn } from '../../holders/unknown-parts.ts';
import { type Change, type ChangeReport, changeOne, firstDanger, type Server } from '../../server/server.ts';
import { CertRebindError, messageFrom } from '../../text/errors.ts';
import { groupBy } from '../../text/group.ts';
import { besideOf, type FileWork, look, type Move, movesTo, pathsOf, type Seen, secretsOf } from './look.ts';

type Put = Extract<Change, { do: 'put' }>;

/**
 * A server with the certificate files that its configuration lists as further holders. The new pair lies beside the files
 * before a run begins (`stage`), and a change only has it take their place: so no plan, journal or capture holds a key, and
 * an undo is the same change.
 */
export function withCertificateFiles(server: Server, files: readonly FileSettings[], work: FileWork): Server {
  if (files.length === 0) return server;
  const byKey = new Map(files.map((settings) => [fileKey(settings.name), settings]));
  return {
    ...server,
    async snapshot(extent) {
      const seen = await server.snapshot(extent);
      const services = await servicesToRestart();
      const found = await Promise.all(files.map((settings) => standing(settings, services.get(settings.name))));
      const unreadable = found.flatMap((one) => ('why' in one ? [{ where: one.path, text: '', why: one.why }] : []));
      return {
        ...seen,
        holders: [...seen.holders, ...found.filter((one): one is SnapshotHolder => 'kind' in one)],
        unreadable: [...seen.unreadable, ...unreadableIn('files', unreadable)],
      };
    },
    async holders(places) {
      const others = await server.holders(places.filter(({ kind }) => kind !== 'file'));
      const own = places.filter(({ kind }) => kind === 'file');
      return new Map([...others, ...(await Promise.all(own.map(async ({ key }) => [key, await now(key)] as const)))]);
    },
    async change(changes) {
      const reports: ChangeReport[] = [];
      for (let left = changes; left.length > 0; ) {
        const isMine = left.slice(0, 1).some(isOwn);
        const end = left.findIndex((one) => isOwn(one) !== isMine);
        const next = end === -1 ? left : left.slice(0, end);
        reports.push(...(await (isMine ? changeFiles(next.filter(isOwn)) : server.change(next))));
        left = left.slice(next.length);
      }
      return reports;
    },
    dial(endpoint) {
      const isMet = files.some(
        ({ dial }) =>
          dial !== undefined &&
          dial.port === endpoint.port &&
          addressOf(dial) === endpoint.address &&
          dial.host === endpoint.serverName,
      );
      if (!isMet || endpoint.startTls !== undefined) return server.dial(endpoint);
      const host = endpoint.address === '0.0.0.0' ? '127.0.0.1' : endpoint.address;
      return { reachable: true, host, port: endpoint.port };
    },
  };

  /** By the names of the files. */
  async function servicesToRestart(): Promise<ReadonlyMap<string, ServiceSeen>> {
    const restarted = files.filter(({ service }) => service.do === 'restart');
    if (restarted.length === 0) return new Map();
    const asked = restarted.map(({ service, dial }) => ({ name: service.name, port: dial?.port ?? null }));
    const seen = await server.services(asked).catch((thrown: unknown) => {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      const refuses = `It is not known how its service is: ${thrown.message}`;
      return asked.map(({ name }) => ({ name, state: 'unknown' as const, dependents: [], sessions: null, refuses }));
    });
    return new Map(
      restarted.flatMap(({ name }, at) => {
        const service = seen[at];
        if (service === undefined) return [];
        const refuses = service.state === 'unknown' ? { refuses: `There is no service ${service.name}.` } : {};
        return [[name, { ...refuses, ...service }] as const];
      }),
    );
  }

  async function standing(
    settings: FileSettings,
    service: ServiceSeen | undefined,
  ): Promise<SnapshotHolder | { readonly path: string; readonly why: string }> {
    const path = settings.certificate;
    try {
      const seen = await look(settings, work);
      if (seen === null) return { path, why: 'it does not exist' };
      const unfit =
        (await whyUnsafe(settings)) ??
        (seen.isPair ? undefined : `The private key of ${path} belongs to another certificate.`);
      const { dial } = settings;
      return fileHolder(fileValue(settings, seen), {
        ...(dial === undefined ? {} : { listens: { address: addressOf(dial), port: dial.port, state: 'started' } }),
        ...(unfit === undefined ? {} : { unfit }),
        ready: seen.ready,
        ...(service === undefined ? {} : { service }),
      });
    } catch (thrown) {
      return { path, why: messageFrom(thrown) };
    }
  }

  async function now(key: KeyText): Promise<HolderNow> {
    const settings = byKey.get(key);
    if (settings === undefined) return { state: 'unknown', why: 'the configuration does not list it any more' };
    try {
      const seen = await look(settings, work);
      if (seen === null) return { state: 'absent' };
      const { kind, value } = fileHolder(fileValue(settings, seen), {});
      return { state: 'holds', holder: { kind, key, value } };
    } catch (thrown) {
      return { state: 'unknown', why: messageFrom(thrown) };
    }
  }

  /** All of them, then every service is told once. */
  async function changeFiles(puts: readonly Put[]): Promise<readonly ChangeReport[]> {
    const errors = new Map<Put, ChangeReport['error']>();
    const replaced: { readonly put: Put; readonly settings: FileSettings }[] = [];
    for (const put of puts) {
      const settings = byKey.get(put.wanted.key);
      const error =
        settings === undefined
          ? refusal('the configuration does not list it any more')
          : await replaceFor(put, settings).catch((thrown: unknown) => refusal(messageFrom(thrown)));
      errors.set(put, error);
      if (settings !== undefined && error === null) replaced.push({ put, settings });
    }
    for (const group of groupBy(replaced, ({ settings }) => JSON.stringify(settings.service)).values()) {
      const files = group.map(({ settings }) => settings);
      const error = await tellService(files).catch((thrown: unknown) => refusal(messageFrom(thrown)));
      for (const { put } of group) errors.set(put, error);
    }
    return Promise.all(
      puts.map(async (put) => ({ do: 'put', error: errors.get(put) ?? null, now: await now(put.wanted.key) })),
    );
  }

  async function replaceFor({ expected, wanted }: Put, settings: FileSettings): Promise<ChangeReport['error']> {
    const unsafe = await whyUnsafe(settings);
    if (unsafe !== null) return refusal(unsafe);
    const successor = thumbprintOf(wanted);
    if (successor === null) return refusal('no certificate is named');
    const held = expected === null ? null : thumbprintOf(expected);
    if (held !== null && (await look(settings, work))?.thumbprint !== held)
      return { code: 'changed-meanwhile', message: `${settings.certificate} does not hold the expected certificate` };
    await replaceFiles(settings, successor);
    return null;
  }

  /** Both files or none, and only a pair that belongs together. */
  async function replaceFiles(settings: FileSettings, wanted: Thumbprint): Promise<void> {
    const moves = await movesTo(settings, wanted, work);
    for (const move of settings.format === 'jks' ? moves : []) await demandSameOthers(settings, move);
    const done: Move[] = [];
    for (const move of moves) {
      const error = await changeOne(server, { do: 'replace-file', ...move });
      if (error === null) {
        done.unshift(move);
        continue;
      }
      for (const { from, live, kept } of done)
        await changeOne(server, { do: 'replace-file', from: kept, live, kept: from });
      throw new CertRebindError('bad-input', { message: error.message });
    }
  }

  /** A keystore takes the place of another as a whole, with what it held when it was laid beside it. */
  async function demandSameOthers(settings: FileSettings, { from, live }: Move): Promise<void> {
    const [fresh, now] = await Promise.all([work.read(from), work.read(live)]);
    if (fresh === null || now === null || !(await differInOthers(fresh, now, await secretsOf(settings, work)))) return;
    const message = `other entries of ${live} were changed since, and would be lost: import the certificate again`;
    throw new CertRebindError('bad-input', { message });
  }

  async function tellService(group: readonly FileSettings[]): Promise<ChangeReport['error']> {
    const due: { readonly from: string; readonly to: string }[] = [];
    for (const settings of group) {
      const path = settings.certificate;
      for (const { thumbprint, isDue } of (await besideOf(settings, work)).values())
        if (isDue) due.push({ from: besidePath(path, thumbprint, 'due'), to: besidePath(path, thumbprint) });
    }
    const [first] = group;
    const why = first === undefined || due.length === 0 ? null : await work.tell(first);
    if (why !== null) return refusal(why);
    for (const { from, to } of due) await work.rename(from, to);
    return null;
  }

  /** Who could change one of them decides what clients get, and what is started as SYSTEM. */
  async function whyUnsafe(settings: FileSettings): Promise<string | null> {
    const paths = pathsOf(settings);
    const danger = await firstDanger(server, [...new Set([...paths.map((path) => dirname(path)), ...paths])]);
    return danger === null ? work.whyNoProgram(settings) : `${danger.where} ${danger.why}.`;
  }
}

function isOwn(change: Change): change is Put {
  return change.do === 'put' && change.wanted.kind === 'file';
}

function refusal(message: string): NonNullable<ChangeReport['error']> {
  return { code: 'refused', message };
}

function addressOf({ address = '0.0.0.0' }: NonNullable<FileSettings['dial']>): string {
  return address;
}

function fileValue({ name, certificate, dial }: FileSettings, { thumbprint, isPair, isDue }: Seen) {
  const [pair, service] = [isPair ? 'whole' : 'broken', isDue ? 'due' : 'told'] as const;
  return { name, path: certificate, host: dial?.host ?? '', thumbprint, pair, service };
}
