import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { longestPauseMinutes, windowText } from '../../documents/change-window.ts';
import { finding, listed } from '../../documents/finding.ts';
import { compareVersions } from '../../documents/installation.ts';
import { spanOf } from '../../documents/notification.ts';
import { isSameTask } from '../../documents/scheduled-tasks.ts';
import type { Finding } from '../../documents/status.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import { lifeMs } from '../../model/certificates/longest-life.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { usualShare } from '../../model/certificates/schedule.ts';
import { authorityOf, evaluateTrust } from '../../model/certificates/trust.ts';
import { sitesHeld } from '../known/exclusions.ts';
import { certificateInWords } from '../known/named-certificates.ts';
import type { Evidence, InstallationFacts } from './facts.ts';

const hourMs = 3600_000;

/** A certificate of few days may have to be replaced before the window opens again. */
export function windowFindings({ configuration: { window }, inUse, endings }: Evidence): readonly Finding[] {
  if (window === undefined) return [];
  const closedMs = longestPauseMinutes(window) * 60_000;
  const short = inUse.filter((certificate) => endings.mustActMs(certificate) < closedMs + 2 * hourMs);
  if (short.length === 0) return [];
  const zone = window.timeZone ?? 'local';
  const message = `The window ${windowText(window, zone)} stays closed for up to ${spanOf(closedMs)}, too long for ${listed(short.map(certificateInWords))}.`;
  return [finding('window-too-rare', message)];
}

/** Certificates whose renewal is expected after people were warned of their end. Of a self-signed one nothing is expected. */
export function renewedLateFindings({ snapshot, configuration, inUse, endings }: Evidence): readonly Finding[] {
  const vouchedFor = evaluateTrust(snapshot.trust, Date.parse(snapshot.takenAt));
  const late = inUse.flatMap((one) => {
    const authority = authorityOf(one, vouchedFor);
    const byRule = authority === 'self-signed' ? Number.POSITIVE_INFINITY : usualShare([], authority) * lifeMs(one);
    const [warned, usual] = [endings.warnMs(one), endings.usualMs(one) ?? byRule];
    return usual > warned ? [] : { certificate: certificateInWords(one), warned: spanOf(warned), usual: spanOf(usual) };
  });
  const groups = [...groupBy(late, ({ warned, usual }) => `${warned} ${usual}`).values()];
  const sentences = groups.map((group) => {
    const [{ warned, usual }] = group;
    const certificates = listed(group.map(({ certificate }) => certificate));
    return `You are warned ${warned} before the end of ${certificates}, expected to be renewed ${usual} before it.`;
  });
  if (late.length === 0) return [];
  const commands = configuration.deadline.days === undefined ? [] : ['certrebind config unset deadline.days'];
  return [finding('renewed-after-warning', sentences.join(' '), { commands })];
}

/** Sites that an exclusion of another site holds as well. */
export function exclusionFindings({ survey: { bindings }, configuration: { exclude } }: Evidence): readonly Finding[] {
  if (exclude.sites.length === 0) return [];
  const shared = [...bindings].flatMap(([key, standing]) => {
    const { entries, others } = sitesHeld(
      standing.map(({ site }) => site),
      exclude,
    );
    return others.length === 0 ? [] : entries.map((entry) => ({ entry, key, others }));
  });
  return [...groupBy(shared, ({ entry }) => entry)].map(([entry, group]) => {
    const others = distinct(group.flatMap((one) => one.others));
    const keys = distinct(group.map(({ key }) => key));
    const message = `exclude.sites ${entry} holds ${listed(others)} as well, which ${others.length === 1 ? 'shares' : 'share'} ${listed(keys)} with it.`;
    return finding('exclusion-shared', message, { keys, title: `left alone as a whole by exclude.sites ${entry}` });
  });
}

/** Whether another version is installed, what the tasks start was verified, and `enable` or `install` finished. */
export function setupFindings({ installation, snapshot, expected }: Evidence): readonly Finding[] {
  const { setup, programs } = installation;
  const drift = programs === null ? [] : versionFindings(programs);
  if (setup === null) return drift;
  const { unfinished, failed, verified } = setup;
  const isEnabled = snapshot.tasks.some((task) => expected.some((own) => isSameTask(own, task)));
  const enable = { commands: ['certrebind enable'] };
  const found = [...drift];
  if (unfinished !== null) {
    const { command, at, replaceNative } = unfinished;
    const again = { commands: [`certrebind ${command}${replaceNative ? ' --replace-native' : ''}`] };
    const message = `certrebind ${command}, started at ${momentText(at)}, did not finish.`;
    found.push(finding('enable-unfinished', message, again));
  }
  if (failed !== null)
    found.push(finding('proof-failed', `At ${failed.at}, version ${failed.version}: ${failed.why}`, enable));
  if (isEnabled && verified === null && isKnown(snapshot, 'tasks')) {
    const message = 'The tasks were registered, or CertRebind was changed, without a test of the task.';
    found.push(finding('proof-missing', message, enable));
  }
  return found;
}

/** After an upgrade by half: the later program of the two mends it. */
function versionFindings({ started, installed, file }: NonNullable<InstallationFacts['programs']>): readonly Finding[] {
  const order = compareVersions(started, installed);
  if (order === 0) return [];
  const title = `CertRebind ${started} was started, and version ${installed} is installed`;
  const advice =
    order > 0
      ? { commands: ['certrebind install'] }
      : { hint: `The installed version is the later one: start ${file}.` };
  return [finding('version-drift', `${title}: ${file}.`, { title, ...advice })];
}
