import { momentText } from '../../certificates/named-certificate.ts';
import { finding } from '../../documents/finding.ts';
import { type ExpectedTask, isSameTask } from '../../documents/rebind-tasks.ts';
import type { Finding } from '../../documents/status.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { isKnown } from '../../holders/unknown-parts.ts';
import type { InstallationFacts } from '../../installation/facts.ts';

/** Whether what the tasks start was proven, and whether `enable` or `install` finished. */
export function setupFindings(
  { setup }: InstallationFacts,
  snapshot: Pick<Snapshot, 'tasks' | 'notLookedAt'>,
  expected: readonly ExpectedTask[],
): readonly Finding[] {
  if (setup === null) return [];
  const { unfinished, failed, proven } = setup;
  const isEnabled = snapshot.tasks.some((task) => expected.some((own) => isSameTask(own, task)));
  const enable = { command: 'certrebind enable' };
  return [
    ...(unfinished === null
      ? []
      : [
          finding(
            'enable-unfinished',
            `certrebind ${unfinished.command}, started at ${momentText(unfinished.at)}, did not finish.`,
            {
              command: `certrebind ${unfinished.command}${unfinished.replaceNative ? ' --replace-native' : ''}`,
            },
          ),
        ]),
    ...(failed === null
      ? []
      : [finding('proof-failed', `At ${failed.at}, version ${failed.version}: ${failed.why}`, enable)]),
    ...(isEnabled && proven === null && isKnown(snapshot, 'tasks')
      ? [
          finding(
            'not-proven',
            'The tasks were registered, or CertRebind was changed, without a test of the task.',
            enable,
          ),
        ]
      : []),
  ];
}
