import { inOrder, isAboutClients, isTrouble } from '../../documents/finding.ts';
import { scopeOf } from '../../documents/scope.ts';
import type { Finding } from '../../documents/status.ts';
import type { VerifiedEndpoint, Verify } from '../../documents/verify.ts';
import type { Look } from '../findings/diagnose.ts';
import type { ServerEndpoint } from '../known/endpoints-of-server.ts';
import { namesOfRecord, whyExcluded } from '../known/exclusions.ts';

/**
 * What endpoints serve, and of the findings those that are about clients.
 * @param expected what was to be dialled: where none of it could be, nothing was verified
 */
export function verifyOf(look: Look, expected: readonly ServerEndpoint[] = []): Verify {
  const { every, findings: all, places } = look;
  const seen = withReplaced(look);
  const isBlind = expected.some(({ skipped }) => skipped === null) && seen.every(({ result }) => result === 'skipped');
  const findings = inOrder(
    all
      .filter((found) => isAboutClients(found) && isOnWire(found, seen))
      .map((found) =>
        isBlind && found.code === 'wire-not-seen' ? ({ ...found, severity: 'warning' } as const) : found,
      ),
    look.facts.snapshot.takenAt,
  );
  const shown = new Set(all);
  const loud = findings.filter((found) => isTrouble([found]));
  const quiet = every.filter((found) => !shown.has(found) || !isTrouble([found]));
  // Where something is wrong, and where only information says why something is not as usual.
  const keysOf = (some: readonly Finding[]) => new Set(some.flatMap(({ keys }) => keys));
  const [troubled, explained] = [keysOf(loud), keysOf(quiet)];
  const unfit = new Set(loud.flatMap(({ certificate }) => certificate ?? []));
  /*
   * Another certificate than its holder names, or one that was replaced, is in order where only information explains it: it
   * waits for its time, or Windows is ahead of the record; or where a person dismissed what is said of it.
   */
  const isInOrder = ({ key, result, matches, replacedBy, chain, certificate }: VerifiedEndpoint) => {
    if (result !== 'served') return result === 'skipped';
    // One entry stands for all files of the central certificate store.
    if (certificate !== undefined) return !unfit.has(certificate.thumbprint);
    const isUsual = matches !== false && replacedBy === undefined && chain !== 'broken';
    return isUsual || (explained.has(key) && !troubled.has(key));
  };
  const endpoints = seen.map((one) => (isInOrder(one) ? one : ({ ...one, trouble: true } as const)));
  return { schema: 'certrebind/verify/1', ...scopeOf(look.facts.snapshot, endpoints), endpoints, places, findings };
}

/** Whether the command ends with 0. */
export function isAllRight({ findings, endpoints }: Verify): boolean {
  return !isTrouble(findings) && endpoints.every(({ trouble }) => trouble !== true);
}

/** Of what CertRebind does not change, only what an endpoint serves counts here; status and doctor name the rest. */
function isOnWire({ code, key }: Finding, endpoints: readonly VerifiedEndpoint[]): boolean {
  if (code !== 'change-by-hand') return true;
  return endpoints.some(
    (one) => one.key === key && one.result === 'served' && (one.matches !== true || one.replacedBy !== undefined),
  );
}

/** Which endpoints serve a certificate that a known renewal replaced, whatever their records name, and nobody decided so. */
function withReplaced({ facts: { configuration, wire }, renewals, survey }: Look): readonly VerifiedEndpoint[] {
  const { succession, held } = renewals;
  const kept = new Set(held.flatMap(({ renewal, onOld }) => onOld.map((key) => `${key} ${renewal.old}`)));
  return wire.map((one) => {
    const found = succession.successorOf(one.thumbprint);
    if (found.is !== 'known' || kept.has(`${one.key} ${one.thumbprint}`)) return one;
    const replacedBy = found.renewal.new;
    const names = namesOfRecord(one.key, survey.bindings.get(one.key) ?? []);
    const why = whyExcluded(names, [one.thumbprint, replacedBy], configuration.exclude);
    return why.length === 0 ? { ...one, replacedBy } : one;
  });
}
