import type { CentralStore } from '../src/documents/central-store.ts';
import type { Installed } from '../src/documents/installation.ts';
import type { Looked } from '../src/documents/looked.ts';
import type { Notified } from '../src/documents/notified.ts';
import type { ProofAnswer } from '../src/documents/proof.ts';
import type { Refused } from '../src/documents/refused.ts';
import type { Adoption } from '../src/documents/setup.ts';
import type { Watched } from '../src/documents/watched.ts';

/** Every document that is read back and whose schema its type makes, by the name of its validator. */
export interface Documents {
  readonly adoption: Adoption;
  readonly 'central-store': CentralStore;
  readonly installed: Installed;
  readonly looked: Looked;
  readonly 'proof-answer': ProofAnswer;
  readonly refused: Refused;
  readonly told: Notified;
  readonly watched: Watched;
}
