import type { Campaign } from '../src/documents/campaign.ts';
import type { Installed } from '../src/documents/installation.ts';
import type { Inventory } from '../src/documents/inventory.ts';
import type { Looked } from '../src/documents/looked.ts';
import type { Message } from '../src/documents/notification.ts';
import type { Notified } from '../src/documents/notified.ts';
import type { ProofAnswer } from '../src/documents/proof.ts';
import type { Refused } from '../src/documents/refused.ts';
import type { JournalLine } from '../src/documents/runs/journal.ts';
import type { Ledger } from '../src/documents/runs/ledger.ts';
import type { Outcome } from '../src/documents/runs/outcome.ts';
import type { Plan } from '../src/documents/runs/plan.ts';
import type { IndexLine } from '../src/documents/runs/run-summary.ts';
import type { Secrets } from '../src/documents/secrets.ts';
import type { Seen } from '../src/documents/seen.ts';
import type { Adoption, Setup } from '../src/documents/setup.ts';
import type { Trigger, TriggerRuns } from '../src/documents/trigger.ts';
import type { Watched } from '../src/documents/watched.ts';

/** Every document that is read back and whose schema its type makes, by the name of its validator. */
export interface Documents {
  readonly adoption: Adoption;
  readonly campaign: Campaign;
  readonly installed: Installed;
  readonly inventory: Inventory;
  readonly 'journal-line': JournalLine;
  readonly ledger: Omit<Ledger, 'looked'>;
  readonly looked: Looked;
  readonly message: Message;
  readonly outcome: Outcome;
  readonly plan: Plan;
  readonly 'proof-answer': ProofAnswer;
  readonly refused: Refused;
  readonly 'run-summary': IndexLine;
  readonly secrets: Secrets;
  readonly seen: Seen;
  readonly setup: Setup;
  readonly told: Notified;
  readonly trigger: Trigger;
  readonly 'trigger-runs': TriggerRuns;
  readonly watched: Watched;
}
