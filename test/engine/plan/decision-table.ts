import type { BlockCode, NoteCode, SkipCode } from '../../../src/base/codes/plan-codes.ts';

/**
 * What a plan decides in each situation. The tests have a scenario for every row, and docs/evidence/decision-table.md is written
 * from it, so that neither can say something else than the planner does.
 */
export type Decision = { readonly situation: string; readonly explanation: string } & (
  | { readonly result: 'replace'; readonly code: null }
  | { readonly result: 'replace, noted' | 'noted'; readonly code: NoteCode }
  | { readonly result: 'skipped'; readonly code: SkipCode }
  | { readonly result: 'blocked'; readonly code: BlockCode }
);

export const decisionTable = [
  {
    situation: 'An IIS binding stands on the record, and all fits',
    result: 'replace',
    code: null,
    explanation: 'Every binding that stands on the record is listed: changing one changes all of them.',
  },
  {
    situation: 'The record holds the new certificate already',
    result: 'skipped',
    code: 'already',
    explanation: 'Whoever did it. A second run therefore changes nothing.',
  },
  {
    situation: 'No IIS binding stands on the record',
    result: 'skipped',
    code: 'other-program',
    explanation: 'The record belongs to another product, which is named where its application id is known.',
  },
  {
    situation: 'Only a binding that cannot be read may stand on a record of IIS',
    result: 'blocked',
    code: 'binding-unreadable',
    explanation: 'Its port is that of the record, or cannot be told. The application id is that of IIS.',
  },
  {
    situation: 'No IIS binding stands on the record, and the policy names its application id',
    result: 'replace',
    code: null,
    explanation: 'applicationIds in the configuration takes such records in.',
  },
  {
    situation: 'The record, a site on it, or one of the two certificates is excluded',
    result: 'skipped',
    code: 'excluded',
    explanation: 'One excluded site protects the whole record, since the record of that site would change too.',
  },
  {
    situation: 'Another product answers on the record and keeps its own copy of the hash',
    result: 'blocked',
    code: 'shared-with',
    explanation: 'SSTP and RD Gateway refuse clients when the record changes under them.',
  },
  {
    situation: 'Something beside certificate bindings uses the old certificate',
    result: 'noted',
    code: 'other-consumers',
    explanation: 'A Remote Desktop listener for which no person chose the certificate is managed elsewhere.',
  },
  {
    situation: 'An FTP site holds the old certificate, and the policy only reports its kind',
    result: 'skipped',
    code: 'report-only',
    explanation: 'holders.ftp.policy of the configuration is report unless somebody sets it to replace.',
  },
  {
    situation: 'Something that CertRebind never changes holds the old certificate, such as Hyper-V Replica',
    result: 'skipped',
    code: 'report-only',
    explanation: 'The command of its maker is named, unless the new certificate does not fit there.',
  },
  {
    situation: 'A role is installed and which certificate it uses cannot be read cheaply, such as Exchange',
    result: 'replace, noted',
    code: 'role-not-read',
    explanation: 'It is said, and never taken for unused.',
  },
  {
    situation:
      'An FTP site holds the old certificate, the policy replaces its kind, and other servers share its configuration',
    result: 'skipped',
    code: 'report-only',
    explanation: 'A change would reach them all, and not all of them may have the new certificate.',
  },
  {
    situation: 'An FTP site holds the old certificate, and the policy replaces its kind',
    result: 'replace',
    code: null,
    explanation: 'Judged by the same guards as a record; verified with AUTH TLS, or with TLS at once at port 990.',
  },
  {
    situation: 'A Remote Desktop listener holds the old certificate, and the new one is not in My',
    result: 'blocked',
    code: 'wrong-store',
    explanation: 'Remote Desktop takes certificates from My only. The policy of its kind is replace here.',
  },
  {
    situation: 'A WinRM listener holds the old certificate, and this run came in through WinRM or may have',
    result: 'blocked',
    code: 'remote-session',
    explanation:
      'The task of CertRebind runs outside any session and changes it. The policy of its kind is replace here.',
  },
  {
    situation: 'Bindings take their certificate from the central store',
    result: 'noted',
    code: 'central-store',
    explanation: 'One note with their number; their certificates are files.',
  },
  {
    situation: 'The new certificate has its key in the store of the record, and lies in the other store as well',
    result: 'replace',
    code: null,
    explanation: 'The store of the record is kept.',
  },
  {
    situation: 'The new certificate has its key only in the other of My and WebHosting',
    result: 'replace, noted',
    code: 'store-changes',
    explanation: 'The record moves to that store.',
  },
  {
    situation: 'IIS has no module WebAdministration',
    result: 'blocked',
    code: 'web-administration-missing',
    explanation: 'Everything is read without it; a record that no binding stands on goes through netsh.',
  },
  {
    situation: 'HTTP.SYS listens on some addresses only, and each has a record of its own',
    result: 'replace, noted',
    code: 'listen-list',
    explanation: 'A handshake there would show another record, so there is none.',
  },
  {
    situation: 'The new certificate is in no store',
    result: 'blocked',
    code: 'certificate-missing',
    explanation: 'A run reads it again for a few seconds first, since certificates arrive late.',
  },
  {
    situation: 'The new certificate has no private key',
    result: 'blocked',
    code: 'key-missing',
    explanation: 'A run reads it again for a few seconds first, since keys arrive late.',
  },
  {
    situation: 'SYSTEM cannot open the private key',
    result: 'blocked',
    code: 'key-unusable',
    explanation: 'HTTP.SYS opens the key as SYSTEM.',
  },
  {
    situation: 'There is a key, and nothing tells whether SYSTEM can open it',
    result: 'replace, noted',
    code: 'key-unknown',
    explanation:
      'Only SYSTEM can tell, and not of a key that takes too long or that its .NET cannot open; the handshake will.',
  },
  {
    situation: 'The new certificate is not valid yet',
    result: 'blocked',
    code: 'not-yet-valid',
    explanation: 'A run waits up to ten minutes; after that the renewal stays pending.',
  },
  {
    situation: 'The new certificate has expired',
    result: 'blocked',
    code: 'expired',
    explanation: 'One outage would only replace another.',
  },
  {
    situation: 'The new certificate is not for server authentication',
    result: 'blocked',
    code: 'not-server-auth',
    explanation: 'A certificate without extended key usages, or with any usage, is for everything.',
  },
  {
    situation: 'The new certificate has a key that is neither RSA nor EC, or on the curve SM2',
    result: 'blocked',
    code: 'key-not-servable',
    explanation: 'Windows serves no TLS with such a key.',
  },
  {
    situation: 'A host on the record was covered by the old certificate and is not by the new one',
    result: 'blocked',
    code: 'names-lost',
    explanation:
      'Every lost host and its site is named. An address that the record stands on counts where the old certificate names it.',
  },
  {
    situation: 'A host on the record is not covered, and the old certificate is no longer on this server',
    result: 'blocked',
    code: 'names-lost',
    explanation: 'Every uncovered host counts as lost, the bare address excepted, and the detail says why.',
  },
  {
    situation: 'The old certificate is no longer on this server, and the new one covers every host',
    result: 'replace, noted',
    code: 'old-unreadable',
    explanation: 'What names it had is not known.',
  },
  {
    situation: 'A host is covered by neither certificate',
    result: 'replace, noted',
    code: 'names-uncovered',
    explanation: 'Nothing gets worse.',
  },
  {
    situation: 'The new certificate shares no name with the old one',
    result: 'blocked',
    code: 'names-lost',
    explanation:
      'Also where a place has no host name, and near the end of the old one. A place whose hosts the new one covers loses nothing.',
  },
  {
    situation:
      'The record answers for any host, also for a binding by name that has none, whose name the new certificate lacks',
    result: 'blocked',
    code: 'names-lost',
    explanation: 'Its clients get this certificate for as long as that binding has none of its own.',
  },
  {
    situation: 'The record answers for any host, and the new certificate has fewer names',
    result: 'replace, noted',
    code: 'names-fewer',
    explanation:
      'Which of these names clients use is not known. One that has a certificate binding of its own is not lost.',
  },
  {
    situation: 'The record answers for any host, the new certificate has fewer names, and the policy blocks that',
    result: 'blocked',
    code: 'names-fewer',
    explanation: 'guards.names-fewer is warn unless the configuration says otherwise.',
  },
  {
    situation: 'The new certificate ends before the old one',
    result: 'replace, noted',
    code: 'shorter-life',
    explanation: 'Odd, but somebody or Windows says that it is the successor.',
  },
  {
    situation: 'Clients trust the old certificate, and the new one is self-signed',
    result: 'blocked',
    code: 'trust-lost',
    explanation: 'Every client that checks the certificate would refuse it. Only a person allows that, for one change.',
  },
  {
    situation: 'Clients trust the old certificate, and the authority of the new one is not trusted here',
    result: 'blocked',
    code: 'trust-lost',
    explanation: 'A certificate of the staging of an authority looks like this.',
  },
  {
    situation: 'Clients trust the old certificate, and above the authority of the new one nothing is known here',
    result: 'blocked',
    code: 'trust-lost',
    explanation: 'So does one of a staging that came with its intermediate, where the list of public roots is missing.',
  },
  {
    situation: 'Clients trust the old certificate, and the new one is revoked',
    result: 'blocked',
    code: 'revoked',
    explanation: 'Nothing offers to allow it.',
  },
  {
    situation: 'It is not known whether clients trust the old certificate, and the new one is revoked',
    result: 'blocked',
    code: 'revoked',
    explanation: 'Whoever checks a certificate refuses it, whatever they thought of the old one.',
  },
  {
    situation: 'Clients trust the authority of the old certificate, which is revoked, and not that of the new one',
    result: 'blocked',
    code: 'trust-lost',
    explanation: 'Most clients do not see that it is revoked.',
  },
  {
    situation: 'It is not known whether clients trust the old certificate, and they do not trust the new one',
    result: 'replace, noted',
    code: 'trust-unknown',
    explanation: 'It may have been private all along.',
  },
  {
    situation: 'Clients trust the old certificate, and an issuer of the new one is not on this server',
    result: 'replace, noted',
    code: 'trust-unknown',
    explanation: 'Windows may fetch it, and somebody or Windows says that it is the successor.',
  },
  {
    situation: 'An issuer of the new certificate is not on this server, and only its names make it the successor',
    result: 'blocked',
    code: 'trust-unknown',
    explanation: 'Nobody vouches for it.',
  },
  {
    situation: 'The new certificate ends before the old one, and the event is not corroborated but allowed by policy',
    result: 'blocked',
    code: 'shorter-life',
    explanation: 'Nobody shall bring back an older certificate that way.',
  },
  {
    situation: 'Only an event names the successor, and neither its writer nor the old certificate vouches for it',
    result: 'blocked',
    code: 'uncorroborated',
    explanation:
      'SYSTEM, the built-in Administrator and the Administrators group vouch by their SID; the membership of other accounts is not looked up.',
  },
  {
    situation: 'An event that nothing corroborates names another successor than what is corroborated',
    result: 'replace, noted',
    code: 'uncorroborated-ignored',
    explanation: 'A forged event can neither divert nor block a renewal that something vouches for.',
  },
  {
    situation: 'One old certificate has two successors, both by event',
    result: 'replace, noted',
    code: 'later-event-wins',
    explanation: 'The record number tells which event is the later one.',
  },
  {
    situation: 'One old certificate has two successors without an order',
    result: 'blocked',
    code: 'ambiguous',
    explanation: 'A person has to name the pair.',
  },
  {
    situation: 'The renewals run in a circle',
    result: 'blocked',
    code: 'ambiguous',
    explanation: 'There is no last certificate.',
  },
  {
    situation: 'The renewals have more than twenty links',
    result: 'blocked',
    code: 'ambiguous',
    explanation: 'Windows itself stops there.',
  },
  {
    situation: 'The record has options that netsh on this host cannot write',
    result: 'replace, noted',
    code: 'not-restorable',
    explanation: 'It is changed in place, never deleted and added; its undo is limited to the certificate.',
  },
  {
    situation: 'The new certificate has a key of another type',
    result: 'replace, noted',
    code: 'key-type-changed',
    explanation: 'A longer key of the same type is not remarked upon.',
  },
  {
    situation: 'The old certificate was for client authentication too, and the new one is not',
    result: 'replace, noted',
    code: 'client-auth-dropped',
    explanation: 'Services may use the certificate as a client.',
  },
  {
    situation: 'Issuers of the new certificate are missing on this server',
    result: 'replace, noted',
    code: 'chain-incomplete',
    explanation:
      'Looked up locally only; nothing is fetched. A replacement that is then served without its intermediate is rolled back.',
  },
  {
    situation: 'A certificate without a subject alternative name names its host only in the common name',
    result: 'replace, noted',
    code: 'common-name-only',
    explanation: 'A common name counts as a name here, and no browser takes it.',
  },
  {
    situation: 'The new certificate has an RSA key of less than 2048 bits',
    result: 'replace, noted',
    code: 'weak-key',
    explanation: 'Clients may refuse it.',
  },
  {
    situation: 'The new certificate is signed with SHA-1 or MD5',
    result: 'replace, noted',
    code: 'weak-signature',
    explanation: 'Clients may refuse it.',
  },
  {
    situation: 'The new certificate is one of an authority',
    result: 'replace, noted',
    code: 'authority-certificate',
    explanation: 'Clients may refuse it for a server.',
  },
  {
    situation: 'The key usage of the new certificate lacks digitalSignature',
    result: 'replace, noted',
    code: 'no-digital-signature',
    explanation: 'TLS 1.3 and every ECDHE suite need it.',
  },
  {
    situation: 'A site on the record is stopped',
    result: 'replace, noted',
    code: 'site-stopped',
    explanation: 'Its endpoint is not dialled.',
  },
  {
    situation: 'The web service is stopped',
    result: 'replace, noted',
    code: 'web-service-stopped',
    explanation: 'No endpoint is dialled; records are read back all the same.',
  },
  {
    situation: 'The policy sets a guard to warn',
    result: 'replace, noted',
    code: 'guard-warned',
    explanation: 'The note says what would have blocked.',
  },
  {
    situation: 'The policy sets a guard to off',
    result: 'replace',
    code: null,
    explanation: 'The plan lists the setting, nothing else is said.',
  },
  {
    situation: 'Hosts would be lost, the old certificate is about to end, and the deadline policy says replace',
    result: 'replace, noted',
    code: 'deadline-replace',
    explanation: 'Losing one host is better than losing all; nothing else may speak against the replacement.',
  },
  {
    situation: 'A binding of the configuration cannot be read',
    result: 'noted',
    code: 'binding-unreadable',
    explanation: 'Nothing is guessed about it.',
  },
  {
    situation: 'A certificate binding cannot be read',
    result: 'noted',
    code: 'record-unreadable',
    explanation: 'It may hold the old certificate, and is not touched.',
  },
  {
    situation: 'A certificate cannot be read',
    result: 'noted',
    code: 'certificate-unreadable',
    explanation: 'It counts as missing.',
  },
  {
    situation: 'Who else keeps a copy of the thumbprint is not known',
    result: 'noted',
    code: 'part-unknown',
    explanation: 'What rests on the part is not weighed, and the note names the part.',
  },
  {
    situation: 'All fits, and the window for changes is closed',
    result: 'blocked',
    code: 'outside-window',
    explanation: 'It waits for its turn in the window; a run is called waiting then, and exits with 0.',
  },
  {
    situation: 'The window is closed, and the old certificate ends too soon to wait',
    result: 'replace, noted',
    code: 'window-not-kept',
    explanation: 'Its turn would come too close to the end: a tenth of the lifetime, 7 days or deadline.days.',
  },
  {
    situation: 'Old and new are the same certificate, and --reapply is given',
    result: 'replace',
    code: null,
    explanation: 'The same hash is set again, and Windows builds the chain anew.',
  },
] as const satisfies readonly Decision[];

export type Situation = (typeof decisionTable)[number]['situation'];
