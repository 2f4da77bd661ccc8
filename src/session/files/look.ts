import type { X509Certificate } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { type FileContents, type OpenedFiles, openFiles } from '../../certificates/certificate-file.ts';
import type { KeystoreSecrets } from '../../certificates/java-keystore.ts';
import { parseThumbprint, type Thumbprint } from '../../certificates/thumbprint.ts';
import type { FileSettings } from '../../documents/configuration.ts';
import { type Beside, besidePath, parseBeside } from '../../holders/file/file.ts';
import { CertRebindError } from '../../text/errors.ts';

/** What is done to files beside the changes of a server, and to the service that reads them. */
export interface FileWork {
  /** `null` for one that is not there. */
  read(path: string): Promise<Buffer | null>;
  /** The names in a folder. */
  list(folder: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  /** Removing what is not there is success. */
  remove(path: string): Promise<void>;
  /** Of the file, or of the key in a Java keystore. */
  password(settings: FileSettings, of?: 'key'): Promise<string>;
  /** @returns why the program may not be started; `null` where it may, or there is none */
  whyNoProgram(settings: FileSettings): Promise<string | null>;
  /** Has the service read its files again. @returns why it did not; `null` if it did */
  tell(settings: FileSettings): Promise<string | null>;
}

/** The files as they are, and what lies beside them. */
export interface Seen extends OpenedFiles {
  readonly thumbprint: Thumbprint;
  readonly isDue: boolean;
  readonly ready: readonly Thumbprint[];
}

export function pathsOf({ certificate, key }: FileSettings): readonly string[] {
  return key === undefined ? [certificate] : [certificate, key];
}

function thumbprintIn(leaf: X509Certificate): Thumbprint {
  return parseThumbprint(leaf.fingerprint, 'certificate');
}

/** `null` where one of them does not exist. @throws CertRebindError where one cannot be read */
export async function look(settings: FileSettings, work: FileWork): Promise<Seen | null> {
  const contents = await contentsAt(pathsOf(settings), work);
  if (contents === null) return null;
  const opened = await openWith(contents, settings, work);
  const beside = await besideOf(settings, work);
  return {
    ...opened,
    thumbprint: thumbprintIn(opened.leaf),
    isDue: [...beside.values()].some(({ isDue }) => isDue),
    ready: [...beside.keys()],
  };
}

function openWith(contents: FileContents, settings: FileSettings, work: FileWork): Promise<OpenedFiles> {
  const { format, alias = null } = settings;
  const keystore = format === 'jks' ? { alias, keyPassword: () => work.password(settings, 'key') } : null;
  return openFiles(contents, () => work.password(settings), keystore);
}

/** Of a Java keystore. */
export async function secretsOf(settings: FileSettings, work: FileWork): Promise<KeystoreSecrets> {
  const [password, keyPassword] = [await work.password(settings), await work.password(settings, 'key')];
  return { password, keyPassword, alias: settings.alias ?? null };
}

async function contentsAt(
  [certificate = '', key]: readonly string[],
  { read }: FileWork,
): Promise<FileContents | null> {
  const [first, second] = await Promise.all([read(certificate), key === undefined ? null : read(key)]);
  return first === null || (key !== undefined && second === null) ? null : { certificate: first, key: second };
}

/** The certificates that lie beside the file of the certificate. */
export async function besideOf(
  { certificate }: FileSettings,
  { list }: FileWork,
): Promise<ReadonlyMap<Thumbprint, Beside>> {
  const names = await list(dirname(certificate));
  return new Map(
    names.flatMap((name) => {
      const found = parseBeside(basename(certificate), name);
      return found === null ? [] : [[found.thumbprint, found] as const];
    }),
  );
}

export interface Move {
  readonly from: string;
  readonly live: string;
  readonly kept: string;
}

/** What has to take the place of which file, so that together they are this certificate with its key. */
export async function movesTo(settings: FileSettings, wanted: Thumbprint, work: FileWork): Promise<readonly Move[]> {
  const beside = await besideOf(settings, work);
  const paths = pathsOf(settings);
  const placeOf = (path: string, thumbprint: Thumbprint) => {
    const isDue = path === settings.certificate && beside.get(thumbprint)?.isDue === true;
    return besidePath(path, thumbprint, isDue ? 'due' : 'told');
  };
  const ways = combinations(paths.map((path) => [path, placeOf(path, wanted)]));
  for (const way of ways) {
    const opened = await openedAt(way, settings, work);
    if (opened === null || !opened.isPair || thumbprintIn(opened.leaf) !== wanted) continue;
    const moved = paths.flatMap((live, at) =>
      way[at] === undefined || way[at] === live ? [] : [{ live, from: way[at] }],
    );
    return Promise.all(moved.map(async (move) => ({ ...move, kept: await keptAs(move.live) })));
  }
  throw new CertRebindError('bad-input', {
    message: `the certificate ${wanted} with its private key does not lie beside ${settings.certificate}`,
  });

  /** By the certificate that a file is of: a key is of that which it belongs to. */
  async function keptAs(live: string): Promise<string> {
    if ((await work.read(live)) === null) return besidePath(live, wanted);
    const isCertificate = live === settings.certificate;
    const mark = isCertificate && settings.service.do === 'reload' ? 'due' : 'told';
    const certificates = [settings.certificate, ...[...beside.keys()].map((one) => placeOf(settings.certificate, one))];
    for (const certificate of isCertificate ? [settings.certificate] : certificates) {
      const opened = await openedAt([certificate, ...paths.slice(1)], settings, work);
      if (opened !== null && (isCertificate || opened.isPair)) return besidePath(live, thumbprintIn(opened.leaf), mark);
    }
    throw new CertRebindError('bad-input', { message: `${live} is the private key of none of the certificates there` });
  }
}

/** `null` where they are not there, or not what they should be. */
async function openedAt(paths: readonly string[], settings: FileSettings, work: FileWork): Promise<OpenedFiles | null> {
  const contents = await contentsAt(paths, work);
  if (contents === null) return null;
  try {
    return await openWith(contents, settings, work);
  } catch (thrown) {
    if (thrown instanceof CertRebindError) return null;
    throw thrown;
  }
}

function combinations(choices: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return choices.reduce<readonly (readonly string[])[]>(
    (ways, choice) => ways.flatMap((way) => choice.map((one) => [...way, one])),
    [[]],
  );
}
