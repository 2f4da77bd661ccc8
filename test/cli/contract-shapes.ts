import assert from 'node:assert/strict';

/** Checks one value of a document; `at` is where it stands, for the message. */
export type Shape = (value: unknown, at: string) => void;

const check =
  (what: string, holds: (value: unknown) => boolean): Shape =>
  (value, at) =>
    assert.ok(holds(value), `${at} is not ${what}: ${JSON.stringify(value)?.slice(0, 120)}`);

const matching = (what: string, pattern: RegExp): Shape =>
  check(what, (value) => typeof value === 'string' && pattern.test(value));

export const text = check('a text', (value) => typeof value === 'string');
export const flag = check('true or false', (value) => typeof value === 'boolean');
export const count = check('a whole number', (value) => Number.isInteger(value) && Number(value) >= 0);
export const thumbprint = matching('an upper-case thumbprint', /^[0-9A-F]{40}$/);
export const time = matching('a time in UTC', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
export const recordKey = matching('a record key', /^(\(central-store\)|\[[0-9a-f:]+\]|[^\s:*]+|\*\.[^\s:*]+):\d+$/);

export const exactly = (...values: readonly unknown[]): Shape =>
  check(values.join(' | '), (value) => values.includes(value));

export const orNull =
  (shape: Shape): Shape =>
  (value, at) => {
    if (value !== null) shape(value, at);
  };

export const list =
  (shape: Shape): Shape =>
  (value, at) => {
    assert.ok(Array.isArray(value), `${at} is no list`);
    value.forEach((item, index) => {
      shape(item, `${at}[${index}]`);
    });
  };

/** Every part is there and has its shape; `schema`, if it is one of them, is the first. More parts may follow. */
export const object =
  (parts: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    assert.ok(isObject(value), `${at} is no object`);
    if ('schema' in parts) assert.equal(Object.keys(value)[0], 'schema', `${at}: schema is not first`);
    for (const [name, shape] of Object.entries(parts)) {
      assert.ok(name in value, `${at}.${name} is missing`);
      shape(value[name], `${at}.${name}`);
    }
  };

/** One of several shapes, told apart by one of their parts. */
export const by =
  (part: string, shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    assert.ok(isObject(value), `${at} is no object`);
    const shape = shapes[String(value[part])];
    assert.ok(shape !== undefined, `${at}.${part} is not one of ${Object.keys(shapes).join(', ')}: ${value[part]}`);
    shape(value, at);
  };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const schema = (name: string, version = 1) => ({ schema: exactly(`certrebind/${name}/${version}`) });

const consumer = by('kind', {
  'iis-binding': object({ site: text, information: text, siteState: exactly('started', 'stopped', 'unknown') }),
  ftps: object({ site: orNull(text) }),
  'http-sys': object({ appId: text, owner: orNull(text) }),
  winrm: object({ detail: text }),
  rdp: object({ detail: text }),
});
const handledConsumer: Shape = (value, at) => {
  consumer(value, at);
  object({ handled: flag })(value, at);
};
const tlsRecord = object({
  key: recordKey,
  thumbprint: orNull(thumbprint),
  store: text,
  appId: text,
  options: object({}),
  raw: object({}),
});
const endpoint = object({ address: text, port: count, serverName: orNull(text) });
const renewal = object({
  old: thumbprint,
  new: thumbprint,
  source: exactly('event', 'renewal-property', 'same-names', 'given'),
  corroborated: flag,
  eventRecordId: orNull(count),
});
const note = object({ code: text, text });
const blocked = object({
  key: recordKey,
  consumers: list(consumer),
  renewal,
  reason: text,
  detail: text,
  hosts: list(text),
  endsAt: orNull(time),
});
const skipped = object({ key: recordKey, consumers: list(consumer), reason: text, detail: text });
const handshake = {
  endpoint,
  result: exactly('served', 'unreachable', 'not-listening', 'skipped'),
  thumbprint: orNull(thumbprint),
  notAfter: orNull(time),
  reason: orNull(text),
  attempts: count,
  durationMs: count,
};
const runResult = exactly(
  'rebound',
  'partly-rebound',
  'would-rebind',
  'waiting',
  'nothing-to-do',
  'blocked',
  'undone',
  'partly-undone',
  'would-undo',
  'repaired',
  'partly-repaired',
  'would-repair',
  'imported',
  'needs-attention',
);
const counts = object({
  planned: count,
  changed: count,
  already: count,
  blocked: count,
  skipped: count,
  undone: count,
  failed: count,
  notVerified: count,
  stillOld: count,
  waiting: count,
});
const error = object({ code: text, message: text, hint: orNull(text), where: orNull(text) });
const finding = object({
  code: text,
  severity: exactly('error', 'warning', 'info'),
  key: orNull(recordKey),
  message: text,
  hint: text,
  repair: exactly('plan', 'command', null),
  command: orNull(text),
});

export const errorDocument = object({ ...schema('error'), exitCode: count, error });

const holder = by('kind', { tls: object({ key: recordKey, value: tlsRecord }) });

export const plan = object({
  ...schema('plan', 2),
  purpose: exactly('rebind', 'undo', 'repair', 'recovery', 'rehearsal', 'import'),
  digest: matching('a SHA-256', /^[0-9a-f]{64}$/i),
  server: object({ id: text, name: text, kind: exactly('windows', 'lab', 'replay'), iis: text, osBuild: count }),
  asOf: time,
  policy: list(object({ guard: text, setting: exactly('warn', 'off', 'block') })),
  renewals: list(renewal),
  steps: list(
    object({
      id: count,
      key: recordKey,
      before: orNull(holder),
      wanted: orNull(holder),
      renewal: orNull(renewal),
      consumers: list(consumer),
      verify: list(endpoint),
      notes: list(note),
    }),
  ),
  blocked: list(blocked),
  skipped: list(skipped),
  notes: list(note),
});

export const outcome = object({
  ...schema('outcome', 2),
  kept: flag,
  run: text,
  dryRun: flag,
  result: runResult,
  exitCode: count,
  startedAt: time,
  durationMs: count,
  counts,
  steps: list(
    object({
      id: count,
      key: recordKey,
      state: exactly(
        'planned',
        'already',
        'not-attempted',
        'untested',
        'lost-options',
        'repaired',
        'verified',
        'not-verified',
        'served-successor',
        'still-old',
        'still-served',
        'worse',
        'rolled-back',
        'rollback-failed',
        'as-before',
        'changed-by-others',
        'absent',
        'silent',
      ),
      now: by('state', {
        holds: object({ thumbprint }),
        absent: object({}),
        unknown: object({ why: text }),
      }),
      repairedOptions: list(text),
      before: list(object(handshake)),
      after: list(object(handshake)),
      error: orNull(error),
    }),
  ),
  blocked: list(blocked),
  skipped: list(skipped),
  renewals: list(renewal),
  notes: list(note),
  cost: object({ sessions: count, roundTrips: count }),
});

const engineStart = object({ way: exactly('file', 'text') });

export const status = object({
  ...schema('status'),
  enabled: orNull(flag),
  tasks: list(object({})),
  native: object({ present: orNull(flag), enabled: orNull(flag) }),
  log: object({ enabled: orNull(flag), lastRecordId: orNull(count) }),
  pending: orNull(list(renewal)),
  held: list(object({ renewal, records: list(text), run: orNull(text), at: orNull(time) })),
  ledger: object({}),
  lastRun: orNull(object({ run: text, result: runResult, at: time })),
  lastError: orNull(errorDocument),
  engine: orNull(engineStart),
  proof: orNull(object({ at: text, version: text, engine: orNull(engineStart) })),
  findings: list(finding),
});

const scope = {
  lookedAt: list(object({ part: text, from: text })),
  notLookedAt: list(object({ part: text, why: exactly('not-read', 'withheld') })),
};

export const doctor = object({ ...schema('doctor'), ...scope, findings: list(finding) });

export const usage = object({
  ...schema('usage'),
  certificates: list(
    object({
      thumbprint,
      subject: text,
      names: list(text),
      notAfter: time,
      store: text,
      hasKey: orNull(flag),
      consumers: list(handledConsumer),
    }),
  ),
  notLookedAt: list(text),
});

export const verify = object({
  ...schema('verify'),
  ...scope,
  endpoints: list(
    object({
      ...handshake,
      key: recordKey,
      // The central store's records name no certificate.
      expected: check('a thumbprint or empty', (value) => value === '' || /^[0-9A-F]{40}$/.test(String(value))),
      matches: exactly(true, false, null),
    }),
  ),
  findings: list(finding),
});

export const history = object({
  ...schema('history'),
  runs: list(object({ run: text, at: time, result: runResult, counts })),
});

export const progress = object({
  ...schema('progress'),
  stage: text,
  done: count,
  total: count,
  key: orNull(recordKey),
});

export const labCreated = object({
  ...schema('lab'),
  folder: text,
  records: count,
  sites: count,
  certificates: list(object({ thumbprint, names: list(text), store: text })),
});

export const labReady = object({ ...schema('lab-ready'), endpoints: count });

export const labRenewed = object({
  ...schema('lab-renewed'),
  old: thumbprint,
  new: thumbprint,
  eventRecordId: orNull(count),
});

export const demo = object({
  ...schema('demo'),
  result: runResult,
  exitCode: count,
  endpoints: count,
  records: count,
  handshakes: object({ tried: count, failed: count, perSecond: check('a number', Number.isFinite) }),
  eventToServedMs: check('a number', Number.isFinite),
  swapMs: check('a number', Number.isFinite),
});
