import type { WrittenText } from '../../documents/written.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { Parts } from '../../model/windows/rows.ts';
import type { WrittenOnServer } from '../server.ts';

const parts = {
  folders: 'folders of sites',
  arguments: 'arguments of scheduled tasks',
  'command-lines': 'command lines of services',
  policies: 'policies of Remote Desktop',
};

/** What the adapter says of texts, from which it takes nothing but thumbprints. */
export function writtenFrom(answer: Parts): WrittenOnServer {
  return {
    found: answer.rows('written').flatMap(([kind, where = '', digits = '']): readonly WrittenText[] => {
      const thumbprint = toThumbprint(digits);
      if (thumbprint === null || (kind !== 'task' && kind !== 'service' && kind !== 'policy')) return [];
      return [{ kind, where, line: null, thumbprint, program: kind === 'policy' ? 'Remote Desktop' : null }];
    }),
    others: Number(answer.first('texts')?.[0] ?? 0),
    folders: answer.rows('folder').map(([path = '']) => path),
    disks: answer.rows('disk').map(([root = '']) => root),
    notRead: Object.entries(parts).flatMap(([part, called]) => {
      const failure = answer.failure(part);
      return failure === null ? [] : [`${called} (${failure.message.replace(/\.$/, '')})`];
    }),
  };
}
