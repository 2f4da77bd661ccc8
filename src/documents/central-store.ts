import type { Time } from '../base/document.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { ServedCertificate } from '../model/certificates/certificate.ts';
import type { Endpoint, Handshake } from '../model/certificates/handshake.ts';
import type { ChainState } from '../model/certificates/served-chain.ts';
import { validateCentralStore } from './generated/validate-central-store.js';
import { parserOf } from './parser-of.ts';

/** What endpoints served of the central certificate store when they were last dialled: nothing else tells of its files. */
export interface CentralStore {
  readonly schema: 'certrebind/central-store/1';
  readonly endpoints: readonly CentralEndpoint[];
}

export interface CentralEndpoint extends Pick<Handshake, 'result' | 'reason'> {
  readonly key: KeyText;
  readonly endpoint: Endpoint;
  /** When it was dialled. */
  readonly at: Time;
  readonly chain: ChainState | null;
  /** `null` when nothing was served. */
  readonly certificate: ServedCertificate | null;
}

export const nothingServed: CentralStore = { schema: 'certrebind/central-store/1', endpoints: [] };

export const parseCentralStore = parserOf<CentralStore>('certrebind/central-store/1', validateCentralStore);
