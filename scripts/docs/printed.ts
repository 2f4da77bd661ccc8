import type { ErrorDocument } from '../../src/base/errors.ts';
import type { SupportWritten } from '../../src/commands/capture/support/write-support.ts';
import type { ExplainedCode } from '../../src/commands/explain/command.ts';
import type { SecretsKnown } from '../../src/commands/notify/secret.ts';
import type { Imported } from '../../src/commands/rebind/import.ts';
import type { Watches } from '../../src/commands/watch/command.ts';
import type { Configuration } from '../../src/documents/configuration.ts';
import type { History } from '../../src/documents/history.ts';
import type { Installation, Uninstallation } from '../../src/documents/installation.ts';
import type { Channel, Message, Notification } from '../../src/documents/notification.ts';
import type { Rehearsal } from '../../src/documents/rehearsal.ts';
import type { Renewed } from '../../src/documents/renewed.ts';
import type { Retirement } from '../../src/documents/retirement.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import type { Plan } from '../../src/documents/runs/plan.ts';
import type { StageLine } from '../../src/documents/runs/progress.ts';
import type { Doctor } from '../../src/documents/scope.ts';
import type { Finding, Status } from '../../src/documents/status.ts';
import type { TriggerOutcome, Triggers } from '../../src/documents/trigger.ts';
import type { Usage } from '../../src/documents/usage.ts';
import type { Verify } from '../../src/documents/verify.ts';
import type { Demo } from '../../src/lab/commands/demo-story.ts';
import type { LabCreated } from '../../src/lab/host/create.ts';
import type { LabRenewed } from '../../src/lab/host/renew.ts';
import type { NamedCertificate } from '../../src/model/certificates/named-certificate.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';

/** Every document that a command prints with `--json`, by its name in `schema`. `schemas/printed/` is made from it. */
export interface Printed {
  readonly captured: {
    readonly schema: 'certrebind/captured/1';
    readonly file: string;
    readonly takenAt: string;
    readonly sites: number;
    readonly records: number;
    readonly certificates: number;
    readonly unreadable: number;
    readonly notLookedAt: readonly string[];
  };
  readonly codes: { readonly schema: 'certrebind/codes/1'; readonly codes: readonly ExplainedCode[] };
  readonly completion: {
    readonly schema: 'certrebind/completion/1';
    readonly shell: 'powershell';
    readonly script: string;
  };
  readonly configuration: Configuration;
  readonly demo: Demo;
  readonly doctor: Doctor;
  readonly error: ErrorDocument;
  readonly history: History;
  readonly install: Installation;
  readonly lab: LabCreated;
  readonly 'lab-authorities': {
    readonly schema: 'certrebind/lab-authorities/1';
    readonly authorities: readonly {
      readonly authority: string;
      readonly thumbprint: string;
      readonly subject: string;
      readonly issuer: string;
      readonly store: 'Root' | 'CA' | null;
    }[];
  };
  readonly 'lab-trust': {
    readonly schema: 'certrebind/lab-trust/1';
    readonly certificates: readonly { readonly thumbprint: string; readonly store: 'Root' | 'CA' | null }[];
  };
  readonly 'lab-revoked': { readonly schema: 'certrebind/lab-revoked/1'; readonly thumbprint: string };
  readonly 'lab-booted': { readonly schema: 'certrebind/lab-booted/1' };
  readonly 'lab-event': { readonly schema: 'certrebind/lab-event/1'; readonly eventRecordId: number | null };
  readonly 'lab-faults': {
    readonly schema: 'certrebind/lab-faults/1';
    /** What is armed, each as it was told. */
    readonly faults: readonly Readonly<Record<string, unknown>>[];
  };
  readonly 'lab-netsh': {
    readonly schema: 'certrebind/lab-netsh/1';
    readonly exitCode: number;
    readonly output: string;
  };
  readonly 'lab-ready': { readonly schema: 'certrebind/lab-ready/1'; readonly endpoints: number };
  readonly 'lab-renewed': LabRenewed;
  readonly 'lab-status': {
    readonly schema: 'certrebind/lab-status/1';
    readonly folder: string;
    readonly name: string;
    readonly iis: string;
    readonly osBuild: number;
    readonly served: boolean;
    readonly listeners: readonly Readonly<Record<string, unknown>>[];
    readonly records: number;
    readonly certificates: number;
    readonly tasks: readonly Readonly<Record<string, unknown>>[];
    readonly switches: readonly { readonly name: string; readonly stands: string }[];
    readonly faults: readonly Readonly<Record<string, unknown>>[];
    /** How often the lab was asked what. */
    readonly counters: Readonly<Record<string, number>>;
  };
  readonly 'lab-stopped': { readonly schema: 'certrebind/lab-stopped/1'; readonly folder: string };
  readonly 'lab-switches': {
    readonly schema: 'certrebind/lab-switches/1';
    readonly switches: readonly Readonly<Record<string, unknown>>[];
  };
  readonly 'lab-ticked': { readonly schema: 'certrebind/lab-ticked/1' };
  readonly dismissed: {
    readonly schema: 'certrebind/dismissed/1';
    readonly findings: readonly Finding[];
    /** The renewal that was given up; `null` for findings. */
    readonly renewal: Renewal | null;
    readonly certificates: readonly NamedCertificate[];
    /** Whether they are shown again. */
    readonly undo: boolean;
  };
  readonly renewed: Renewed;
  readonly retire: Retirement;
  readonly notified: {
    readonly schema: 'certrebind/notified/1';
    readonly exitCode: number;
    readonly channels: readonly {
      readonly channel: Channel;
      readonly accepted: boolean;
      readonly error: string | null;
    }[];
    /** What earlier runs could not send yet. */
    readonly waiting: readonly (Pick<Message, 'id' | 'channel' | 'attempts' | 'lastError'> &
      Pick<Notification, 'kind' | 'at'>)[];
  };
  readonly imported: Imported;
  readonly 'secrets-known': SecretsKnown;
  readonly outcome: Outcome;
  readonly plan: Plan;
  readonly progress: StageLine;
  readonly rehearsal: Rehearsal;
  readonly 'report-written': {
    readonly schema: 'certrebind/report-written/1';
    readonly file: string;
    readonly bytes: number;
  };
  readonly status: Status;
  readonly 'support-written': SupportWritten;
  readonly 'trigger-run': TriggerOutcome;
  readonly triggers: Triggers;
  readonly watches: Watches;
  readonly uninstall: Uninstallation;
  readonly usage: Usage;
  readonly verify: Verify;
}
