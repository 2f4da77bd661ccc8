import type { Integer, Time } from '../base/document.ts';
import { validateCampaign } from './generated/validate-campaign.js';
import { parserOf } from './parser-of.ts';

/** What Invoke-CertRebindFleet asked servers in waves, and what came back. */
export interface Campaign {
  readonly schema: 'certrebind/campaign/1';
  readonly action: 'Rebind' | 'Sync';
  /** Where each server has its own plan, there is no pair. */
  readonly old?: string | null;
  readonly new?: string | null;
  readonly createdAt: Time;
  readonly servers: readonly {
    /** @minLength 1 */
    readonly server: string;
    readonly asked: CampaignPart;
    /** Of its rollback. */
    readonly undo?: CampaignPart | null;
  }[];
}

export interface CampaignPart {
  /** `not-started`: not asked. */
  readonly state: 'not-started' | 'asked' | 'done' | 'nothing-to-do' | 'failed' | 'lost' | 'unreachable';
  readonly wave?: Integer | null;
  readonly result?: string | null;
  readonly problems?: readonly { readonly message: string }[];
}

export const parseCampaign = parserOf<Campaign>('certrebind/campaign/1', validateCampaign);

/** A campaign as its file tells it. */
export interface CampaignSeen {
  readonly campaign: Campaign;
  /** As it was given. */
  readonly file: string;
  /** A console works on it. */
  readonly isRunning: boolean;
}
