import type { Listing } from '../../documents/runs/ledger.ts';
import type { LifecycleLog } from '../../kinds/snapshot.ts';

/**
 * Why events of the lifecycle log may have been lost since it was last listed; `null` if none can. Record numbers go on
 * or start again when a log is cleared (fidelity: record-ids-restart), and a full log drops its oldest entries.
 */
export function logGap(listing: Listing | null, log: LifecycleLog): string | null {
  if (listing === null || listing.lastRecordId === null) return null;
  const { lastRecordId: read, lastTimeCreated } = listing;
  if (log.lastRecordId === null) return `The lifecycle log was cleared: CertRebind had read it up to record ${read}.`;
  if (log.lastRecordId < read) {
    return `The lifecycle log was cleared: CertRebind had read it up to record ${read}, and it now ends at ${log.lastRecordId}.`;
  }
  const again = log.events.find(({ recordId }) => recordId === read);
  if (again !== undefined && lastTimeCreated !== null && again.timeCreated !== lastTimeCreated) {
    return `The lifecycle log was cleared: record ${read} is not the one that CertRebind had read.`;
  }
  const oldestRead = log.events.length < mostEvents ? 0 : (log.events[0]?.recordId ?? 0);
  const oldest = Math.max(log.oldestRecordId ?? 0, oldestRead);
  if (oldest > read + 1) {
    return `The lifecycle log has a gap: CertRebind had read it up to record ${read}, and it now begins at ${oldest}.`;
  }
  return null;
}

/** The most entries that a snapshot holds; the log can only have more if it is full. */
const mostEvents = 1000;
