import assert from 'node:assert/strict';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { parsePlan } from '../../src/documents/runs/plan-document.ts';

const handshake =
  'endpoint.address endpoint.port endpoint.serverName result thumbprint notAfter reason attempts durationMs';
const scope = 'lookedAt[].part lookedAt[].from notLookedAt[].part notLookedAt[].why';
const findings = 'code severity key message hint repair commands[]'.replaceAll(/\S+/g, 'findings[].$&');
const each = (list: string, parts: string) => parts.replaceAll(/\S+/g, `${list}[].$&`);

/** What scripts of others may rely on in each printed document: these parts are there, in every item of a list; more may follow. */
const promised: Readonly<Record<string, string>> = {
  error: 'exitCode error.code error.message error.hint error.where',
  status: `enabled tasks[].name native.present native.enabled log.enabled log.lastRecordId held[].renewal held[].records held[].run held[].at pending[].old pending[].new pending[].source pending[].corroborated pending[].eventRecordId ledger lastRun lastError engine proof ${findings}`,
  doctor: `${scope} ${findings}`,
  usage: `${each('certificates', 'thumbprint subject names notAfter store hasKey consumers[].kind consumers[].handled')} notLookedAt[]`,
  verify: `${scope} ${each('endpoints', `${handshake} key expected matches`)} ${findings}`,
  history: each(
    'runs',
    'run at result counts.changed counts.blocked counts.skipped counts.failed counts.stillOld counts.waiting',
  ),
  progress: 'stage done total key',
  lab: `folder records sites ${each('certificates', 'thumbprint names store')}`,
  'lab-ready': 'endpoints',
  'lab-renewed': 'old new eventRecordId',
  demo: 'result exitCode endpoints records handshakes.tried handshakes.failed handshakes.slow handshakes.longestMs handshakes.perSecond failures[] eventToServedMs swapMs',
};

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const thumbprint = /^[0-9A-F]{40}$/;
const formats: Readonly<Record<string, RegExp>> = {
  at: time,
  asOf: time,
  startedAt: time,
  endsAt: time,
  notAfter: time,
  thumbprint,
  old: thumbprint,
  new: thumbprint,
  // Records of the central store name no certificate.
  expected: /^([0-9A-F]{40})?$/,
  key: /^(\(central-store\)|\[[0-9a-f:]+\]|[^\s:*]+|\*\.[^\s:*]+):\d+$/,
};

/** Plans and outcomes come back in, by schemas that are frozen; of the others the parts above are promised. */
export function checkPromised(document: object): void {
  assert.equal(Object.keys(document)[0], 'schema', 'schema is first');
  checkFormats(document, '');
  const name = /^certrebind\/([a-z-]+)\//.exec(String(Object.entries(document)[0]?.[1]))?.[1] ?? '';
  if (name === 'plan') parsePlan(JSON.stringify(document), name);
  else if (name === 'outcome') parseOutcome(JSON.stringify(document), name);
  else for (const path of (promised[name] ?? assert.fail(name)).split(' ')) checkPart(document, path.split('.'), name);
}

function checkPart(value: unknown, [step = '', ...rest]: readonly string[], at: string): void {
  if (step === '' || value === null) return;
  const name = step.replace('[]', '');
  assert.ok(name in Object(value), `${at}.${name} is missing`);
  const part = Object(value)[name];
  const items: readonly unknown[] = step === name ? [part] : part;
  assert.ok(Array.isArray(items) || part === null, `${at}.${name} is no list`);
  for (const item of items ?? []) checkPart(item, rest, `${at}.${step}`);
}

function checkFormats(value: unknown, at: string): void {
  if (typeof value === 'number') assert.ok(value >= 0 && (Number.isInteger(value) || /Ms$|perSecond/.test(at)), at);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    const format = formats[name];
    if (format !== undefined && typeof part === 'string') assert.match(part, format, `${at}.${name}`);
    checkFormats(part, `${at}.${name}`);
  }
}
