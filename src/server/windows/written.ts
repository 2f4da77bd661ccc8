import type { FoundText } from '../../documents/written.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { Parts } from '../../model/windows/rows.ts';
import type { WrittenOnServer } from '../server.ts';

/** As the adapter calls them. */
const parts = ['folders of sites', 'arguments of tasks', 'command lines of services', 'policies of Remote Desktop'];

/** What the adapter says of texts, from which it takes nothing but thumbprints. */
export function writtenFrom(answer: Parts): WrittenOnServer {
  return {
    found: answer.rows('written').flatMap(([kind, where = '', digits = '']): readonly FoundText[] => {
      const thumbprint = toThumbprint(digits);
      if (thumbprint === null || (kind !== 'task' && kind !== 'service' && kind !== 'policy')) return [];
      return [{ kind, where, line: null, thumbprint, program: kind === 'policy' ? 'Remote Desktop' : null }];
    }),
    others: Number(answer.first('texts')?.[0] ?? 0),
    folders: answer.rows('folder').map(([path = '']) => path),
    disks: answer.rows('disk').map(([root = '']) => root),
    notRead: parts.flatMap((part) => {
      const failure = answer.failure(part);
      return failure === null ? [] : [`${part} (${failure.message.replace(/\.$/, '')})`];
    }),
  };
}
