import type { Thumbprint } from './thumbprint.ts';

export const lifecycleLog = 'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational';

/** One entry of the certificate lifecycle log. A hint, never a proof: services can probably write there too. */
export interface LifecycleEvent {
  readonly recordId: number;
  /** 1001 replaced … 1010 deleted from the directory. */
  readonly eventId: number;
  readonly timeCreated: string;
  /** `System/Security/@UserID`, set by the system and not by the writer; `null` when absent. */
  readonly userId: string | null;
  readonly processName: string | null;
  readonly accountName: string | null;
  readonly context: string | null;
  readonly action: string | null;
  readonly old: EventCertificate | null;
  readonly new: EventCertificate | null;
  /** The certificate of the events that concern only one. */
  readonly certificate: EventCertificate | null;
}

export interface EventCertificate {
  /** `null` when the event holds no readable thumbprint. */
  readonly thumbprint: Thumbprint | null;
  readonly template: string | null;
  readonly names: readonly string[];
  readonly ekus: readonly string[];
  readonly notAfter: string | null;
}
