import type { Endpoint } from '../certificates/handshake.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Consumer } from './consumer.ts';
import type { RunState } from './iis/binding.ts';
import type { KeyText } from './record-key.ts';
import type { CarriesRun, Snapshot } from './snapshot.ts';
import type { PartName } from './unknown-parts.ts';

/** What every holder's value says of its certificate. */
export interface NamesCertificate {
  /** `null` if it names none. */
  readonly thumbprint: Thumbprint | null;
  /** Of the local machine. */
  readonly store: string;
}

/** What tells a kind of holder from the others: pure functions of its value. */
export interface KindRules<Value extends NamesCertificate> {
  /** Every difference but the certificate and its store, by name. */
  differences(wanted: Value, found: Value): readonly string[];
  /** The same value with another certificate. */
  withCertificate(value: Value, thumbprint: Thumbprint, store: string): Value;
}

/** A holder that is not a TLS record, with everything a plan needs to know about it. */
export interface Standing<Kind extends string, Value extends NamesCertificate> {
  readonly holder: { readonly kind: Kind; readonly key: KeyText; readonly value: Value };
  readonly consumer: Consumer;
  /** Where clients get its certificate, and whose site answers there. */
  readonly places: readonly StandingPlace[];
  /** Whether this run came in through it, so that changing it could cut the run off; absent for no. */
  readonly carriesRun?: CarriesRun;
}

export interface StandingPlace {
  readonly endpoint: Endpoint;
  /** The host that clients ask for, in A-labels; empty if any host is answered. */
  readonly host: string;
  readonly site: string;
  readonly state: RunState;
}

/** A kind that a policy may move. TLS records always are and are not among these. */
export interface MovableKindRules<Kind extends string, Value extends NamesCertificate> extends KindRules<Value> {
  /** What every key of the kind begins with: letters and a slash, which no key of a TLS record has. */
  readonly prefix: `${string}/`;
  /** Its holders on a server, in a fixed order. */
  standing(snapshot: Snapshot): readonly Standing<Kind, Value>[];
  /** The only stores from which its holders take certificates; absent for any. */
  readonly stores?: readonly string[];
  /** A way by which people administer the server: changed one at a time. Absent for no. */
  readonly isAdminChannel?: boolean;
  /** The part of a snapshot that tells of its holders. */
  readonly part: PartName;
  /** For people: what its holders are called together. */
  readonly plural: string;
}
