import type { ErrorObject, ValidateFunction } from 'ajv';
import { type BlockCode, blockCodes } from '../base/codes/plan-codes.ts';
import { isObject, parseJson } from '../base/document.ts';
import { CertRebindError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { schemaMistake } from '../base/schema-mistake.ts';
import { kindOf, type MovableKind, movableKinds, ofEveryKind } from '../kinds/holder.ts';
import { formatRecordKey, parseRecordKey } from '../kinds/record-key.ts';
import { reportedKindOf } from '../kinds/reported/reported.ts';
import { reportedKinds } from '../kinds/reported/reported-kinds.ts';
import type { Deadline } from '../model/certificates/deadline.ts';
import { parseThumbprint, type Thumbprint } from '../model/certificates/thumbprint.ts';
import { type ChangeWindow, windowFlaw } from './change-window.ts';
import { validateConfiguration } from './generated/validate-configuration.js';
import type { NotificationKind } from './notification.ts';
import { inThisNumber } from './parser-of.ts';
import type { GuardSetting } from './runs/plan.ts';

export type HolderPolicy = 'report' | 'replace';

export interface HolderSettings {
  readonly policy: HolderPolicy;
  /** Of a kind whose service reads its certificate only when it starts: it may be restarted in the window. Absent for never. */
  readonly restart?: 'window';
}

/** The policy of one server; every field has a default, so an absent file is a valid configuration. */
export interface Configuration {
  readonly schema: 'certrebind/configuration/1';
  readonly guards: Readonly<Partial<Record<BlockCode, GuardSetting>>>;
  /** What holds a certificate beside certificate bindings: reported only, or replaced with its renewal. */
  readonly holders: Readonly<Record<MovableKind, HolderSettings>>;
  /** Rights that accounts have on the old private key and not on the new one: reported, or carried over. */
  readonly keyAccess: 'report' | 'copy';
  /** Never changed. Sites by name, records by key, certificates by thumbprint. */
  readonly exclude: {
    readonly sites: readonly string[];
    readonly records: readonly string[];
    /** Keys of holders of other kinds, for example `ftp/Shop`. */
    readonly holders: readonly string[];
    readonly thumbprints: readonly Thumbprint[];
  };
  /** Application ids whose records may be replaced although no IIS binding uses them. */
  readonly applicationIds: readonly string[];
  /** `same-names` also takes a newer certificate with the old one's names as its successor. */
  readonly successors: 'recorded' | 'same-names';
  /** Issuers (subject text) from which a `same-names` successor may come, whatever the certificates show. */
  readonly issuers: readonly string[];
  /** Only those; what the certificates themselves show of a common authority does not count. */
  readonly issuersOnly: boolean;
  readonly deadline: Deadline & { readonly action: 'alert' | 'replace' };
  /** What is rolled back when a step fails: that step, or every step of the run. */
  readonly undo: 'step' | 'run';
  readonly handshake: { readonly timeoutMs: number; readonly attempts: number };
  /** Closed runs kept in the state folder. */
  readonly keepRuns: number;
  /** Who is told of runs, and how; nobody if nothing is set. */
  readonly notify: {
    readonly mail?: MailSettings;
    readonly webhook?: WebhookSettings;
    /** How often a message says that all is well; never if absent. */
    readonly heartbeat?: 'daily' | 'weekly';
  };
  /** Where numbers for Prometheus are written; nowhere where it is absent. */
  readonly metrics?: { readonly file: string };
  /** Folders and shares from which new certificates are taken. */
  readonly watch: readonly WatchSettings[];
  /** After how many days the hourly task archives what was replaced; never if absent. */
  readonly retire?: { readonly after: number };
  /** Where files are searched for thumbprints, besides the folders of the sites. */
  readonly search?: { readonly folders: readonly string[] };
  /** When renewals may be applied; at any time if absent. */
  readonly window?: ChangeWindow;
}

export interface WatchSettings {
  /** Absolute, or of a share (UNC): SYSTEM has no mapped drives. */
  readonly path: string;
  /** Only certificates that cover one of these; all if absent. */
  readonly names?: readonly string[];
  /** `secret:<name>`. */
  readonly password?: string;
  readonly store?: 'My' | 'WebHosting';
  /** A share whose rights cannot be read, or give others the right to write. */
  readonly trustShare?: boolean;
}

export interface MailSettings {
  readonly server: string;
  readonly port?: number;
  /** `starttls` where it is absent. The certificate of the server is checked in any case. */
  readonly security?: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly to: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly on?: readonly NotificationKind[];
}

export interface WebhookSettings {
  /** `secret:<name>`, as the other secrets. */
  readonly url: string;
  readonly format?: 'standard' | 'teams';
  readonly signingSecret?: string;
  readonly proxy?: string;
  readonly ca?: string;
  readonly on?: readonly NotificationKind[];
}

/** What holds where the configuration says nothing. */
export const defaultConfiguration: Configuration = {
  schema: 'certrebind/configuration/1',
  guards: {},
  holders: ofEveryKind<HolderSettings>({ policy: 'report' }),
  keyAccess: 'report',
  exclude: { sites: [], records: [], holders: [], thumbprints: [] },
  applicationIds: [],
  successors: 'recorded',
  issuers: [],
  issuersOnly: false,
  deadline: { action: 'alert', names: {} },
  undo: 'step',
  handshake: { timeoutMs: 5000, attempts: 3 },
  keepRuns: 50,
  notify: {},
  watch: [],
};

/**
 * Reads a configuration file; what it leaves out has its default.
 * @throws CertRebindError `bad-configuration` naming every mistake, with the nearest known name for an unknown one, or
 * `other-version`
 */
export function parseConfiguration(text: string, where: string): Configuration {
  const written = parseJson(text, where, 'bad-configuration');
  const isNumbered =
    isObject(written) &&
    typeof written.schema === 'string' &&
    /^certrebind\/configuration\/[1-9]\d{0,5}$/.test(written.schema);
  const value = isNumbered ? inThisNumber(written, defaultConfiguration.schema, where) : written;
  if (!isWritten(value)) throw bad(where, ...(isWritten.errors ?? []).map(mistake));
  const flaw =
    mailFlaw(value.notify?.mail) ??
    (value.window === undefined ? null : windowFlaw(value.window)) ??
    watchFlaw(value.watch?.map(({ path }) => path) ?? []);
  if (flaw !== null) throw bad(where, flaw);
  const { sites = [], records = [], holders = [], thumbprints = [] } = value.exclude ?? {};
  return {
    ...defaultConfiguration,
    ...value,
    holders: withDefaults(value.holders ?? {}),
    exclude: {
      sites,
      records: records.map((key) => formatRecordKey(parseRecordKey(key, `${where}: exclude.records`))),
      holders: holders.map((key) => assertHolderKey(key, where)),
      thumbprints: thumbprints.map((text) => parseThumbprint(text, `${where}: exclude.thumbprints`)),
    },
    applicationIds: (value.applicationIds ?? []).map((id) => parseApplicationId(id, where)),
    deadline: { ...defaultConfiguration.deadline, ...value.deadline },
    handshake: { ...defaultConfiguration.handshake, ...value.handshake },
  };
}

function withDefaults(written: NonNullable<Written['holders']>): Configuration['holders'] {
  const { holders } = defaultConfiguration;
  const settings = movableKinds.map((kind) => [kind, { ...holders[kind], ...written[kind] }] as const);
  return { ...holders, ...Object.fromEntries(settings) };
}

/** A key that begins with no known kind would exclude nothing, and nobody would notice. */
function assertHolderKey(key: string, where: string): string {
  if (kindOf(key) !== 'tls' || reportedKindOf(key) !== null) return key;
  const prefixes = [...movableKinds, ...reportedKinds].map((kind) => `${kind}/`).join(', ');
  throw bad(where, `exclude.holders: ${JSON.stringify(key.slice(0, 100))} must begin with one of ${prefixes}`);
}

/** SYSTEM starts elsewhere than the person who wrote it. */
function watchFlaw(paths: readonly string[]): string | null {
  const partial = paths.find((path) => !/^(?:[a-z]:[\\/]|\\\\|\/)/i.test(path));
  if (partial === undefined) return null;
  return `watch: ${JSON.stringify(partial.slice(0, 100))} must be a full path, or that of a share`;
}

/** A password must not be sent unencrypted, and one without a user is useless. */
function mailFlaw({ user, password, security }: Partial<MailSettings> = {}): string | null {
  if ((user === undefined) !== (password === undefined)) return 'notify.mail: user and password must be set together';
  const isOpen = user !== undefined && security === 'none';
  return isOpen ? 'notify.mail.security is none, but a password is only sent over TLS' : null;
}

/** A configuration as a person writes it. */
interface Written extends Partial<Omit<Configuration, 'holders' | 'exclude' | 'deadline' | 'handshake'>> {
  readonly holders?: Partial<Record<MovableKind, Partial<HolderSettings>>>;
  readonly exclude?: Partial<Record<keyof Configuration['exclude'], readonly string[]>>;
  readonly deadline?: Partial<Configuration['deadline']>;
  readonly handshake?: Partial<Configuration['handshake']>;
}

const isWritten = validateConfiguration as ValidateFunction<Written>;
const applicationId = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;

function mistake(error: ErrorObject): string {
  const { instancePath, keyword, params } = error;
  const place = instancePath.slice(1).replaceAll('/', '.');
  if (keyword !== 'additionalProperties') return `${place === '' ? 'the document' : place} ${schemaMistake(error)}`;
  const name = String(params.additionalProperty);
  if (place === 'guards' && unswitchable.includes(name)) return `guards.${name} cannot be changed`;
  const meant = nearest(name, knownNames(place));
  const full = place === '' ? name : `${place}.${name}`;
  return `${JSON.stringify(full.slice(0, 100))} is unknown${meant === null ? '' : ` (did you mean ${meant}?)`}`;
}

const unswitchable: readonly string[] = blockCodes.flatMap(({ code, guard }) => (guard === true ? [] : [code]));

function knownNames(place: string): readonly string[] {
  switch (place) {
    case '':
      return [...Object.keys(defaultConfiguration), 'metrics', 'retire', 'window'];
    case 'retire':
      return ['after'];
    case 'window':
      return ['days', 'from', 'to', 'timeZone'];
    case 'guards':
      return blockCodes.flatMap(({ code, guard }) => (guard === true ? [code] : []));
    case 'holders':
      return movableKinds;
    case 'deadline':
      return ['action', 'days', 'names'];
    case 'exclude':
    case 'handshake':
      return Object.keys(defaultConfiguration[place]);
    default:
      return place.startsWith('holders.') ? ['policy', 'restart'] : [];
  }
}

function parseApplicationId(text: string, where: string): string {
  const digits = applicationId.exec(text)?.[1];
  if (digits !== undefined) return `{${digits.toLowerCase()}}`;
  const form = '{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}';
  throw bad(where, `applicationIds: ${JSON.stringify(text)} is not an application id ${form}`);
}

function bad(where: string, ...mistakes: readonly string[]): CertRebindError {
  return new CertRebindError('bad-configuration', { message: `${where}: ${mistakes.join('; ')}.`, where });
}
