import type { HolderNow } from '../../kinds/holder.ts';
import type { LabState, RegistryEntry, TaskStart } from './lab-state.ts';
import type { RegistryKeyNow } from './roles.ts';
import type { ServiceNow } from './services.ts';

/** What a primitive did: the state after it, its result, `done` if absent, and the processes to start, if there are any. */
export interface Outcome {
  readonly state: LabState;
  readonly result?: LabResult;
  readonly started?: readonly TaskStart[];
}

/** The result of a request: the new state of the lab, the answer, and the processes to start. */
export interface Applied {
  readonly state: LabState;
  readonly reply: LabReply;
  readonly started: readonly TaskStart[];
}

export interface LabReply {
  readonly result: LabResult;
  /** How the request is answered: after a delay, or not at all. */
  readonly carry: Carry | null;
}

export type LabResult =
  | { readonly kind: 'state'; readonly state: LabState }
  | { readonly kind: 'parts'; readonly parts: Partial<LabState> }
  /** In the order of the keys asked for; `null` for a record that does not exist. */
  | {
      readonly kind: 'records';
      readonly records: readonly { readonly key: string; readonly entry: RegistryEntry | null }[];
    }
  | { readonly kind: 'service'; readonly service: ServiceNow | null }
  | { readonly kind: 'registry'; readonly key: RegistryKeyNow | null }
  | { readonly kind: 'class'; readonly objects: readonly Readonly<Record<string, string>>[] | null }
  | { readonly kind: 'holder'; readonly now: HolderNow }
  | { readonly kind: 'done' }
  /** Of `write-event`; `null` when the log is disabled. */
  | { readonly kind: 'event'; readonly recordId: number | null }
  | { readonly kind: 'netsh'; readonly exitCode: number; readonly output: string }
  | { readonly kind: 'text'; readonly text: string }
  /** Windows' own error: an HRESULT as unsigned number and the text of the exception. */
  | { readonly kind: 'failed'; readonly hresult: number; readonly message: string }
  | { readonly kind: 'connection'; readonly connection: Connection }
  /** Shorter than the requests when one of them hung or died. */
  | { readonly kind: 'batch'; readonly results: readonly LabResult[] }
  /** Of `if-holder`: the condition was false, and there was no `otherwise`. */
  | { readonly kind: 'unmet' };

export type Connection =
  /** `record`: the key of the holder whose certificate it is. */
  | { readonly outcome: 'served'; readonly thumbprint: string; readonly record: string }
  /** Something listens, and the handshake fails; or is answered with this status of HTTP. */
  | { readonly outcome: 'refused'; readonly why: string; readonly status?: number }
  | { readonly outcome: 'not-listening' };

export type Carry = { readonly do: 'hang' } | { readonly do: 'die' } | { readonly do: 'delay'; readonly ms: number };
