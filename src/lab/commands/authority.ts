import { X509Certificate } from 'node:crypto';
import { wrongUse } from '../../base/errors.ts';
import { defineCommand } from '../../shell/command.ts';
import { argument } from '../../shell/options.ts';
import { renderTable } from '../../shell/print/table.ts';
import { thumbprintOf } from '../kernel/certificates.ts';
import type { LabState } from '../kernel/lab-state.ts';
import { labNamed, withLab } from './folder.ts';
import { stateOf } from './perform.ts';

export const authority = defineCommand({
  examples: [
    ['lab authority --lab my-lab', 'All of them'],
    ['lab authority staging --organisation "Some CA" --lab my-lab', 'One more, which the server does not trust'],
    ['lab authority next --cross-signed-by lab --lab my-lab', 'One whose root is signed by that of the lab'],
  ],
  build: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'The new authority' })
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .option('organisation', argument('The organisation in its name; none'))
      .option('cross-signed-by', argument('The authority whose root signs its root too')),
  run: (args, { shell }) =>
    withLab(labNamed(args), shell.env, async (lab) => {
      const { name, organisation, crossSignedBy } = args;
      if (name === undefined && (organisation ?? crossSignedBy) !== undefined)
        throw wrongUse('name', 'Which authority? Give the new one a name.');
      if (name !== undefined) {
        const given = {
          ...(organisation === undefined ? {} : { organisation }),
          ...(crossSignedBy === undefined ? {} : { crossSignedBy }),
        };
        await lab.ask({ ask: 'add-authority', authority: { name, ...given } });
      }
      const state = await stateOf(lab);
      const listed = (await lab.ask({ ask: 'authorities' })).flatMap((one) =>
        one.certificates.map((der) => {
          const { subject, issuer } = new X509Certificate(Buffer.from(der, 'base64'));
          const thumbprint = thumbprintOf(der);
          return { authority: one.name, thumbprint, subject, issuer, store: storeOf(state, thumbprint) };
        }),
      );
      const shown = listed.filter((one) => name === undefined || one.authority === name);
      shell.result({ schema: 'certrebind/lab-authorities/1', authorities: shown }, (_, look) =>
        renderTable(
          [
            { title: 'authority' },
            { title: 'store' },
            { title: 'thumbprint' },
            { title: 'subject', flexible: true },
            { title: 'issued by', flexible: true },
          ],
          shown.map((one) => [
            one.authority,
            one.store ?? 'none',
            one.thumbprint,
            one.subject.replaceAll('\n', ', '),
            one.issuer.replaceAll('\n', ', '),
          ]),
          look,
        ),
      );
      return 0;
    }),
});

function storeOf({ authorities, roots }: LabState, thumbprint: string): 'Root' | 'CA' | null {
  if (roots.includes(thumbprint)) return 'Root';
  return authorities.some((der) => thumbprintOf(der) === thumbprint) ? 'CA' : null;
}
