import type { Notification } from '../../src/documents/notification.ts';

/** What a run that a guard blocked tells. */
export function newsOf(parts: Partial<Notification> = {}): Notification {
  return {
    kind: 'blocked',
    eventId: 110,
    at: '2026-06-01T12:00:00.000Z',
    server: { id: 'server-1', name: 'WEB01' },
    run: null,
    names: ['shop.example.com'],
    headline: 'WEB01: renewal blocked',
    advice: 'To see why: certrebind plan',
    lines: ['one'],
    more: 0,
    ...parts,
  };
}
