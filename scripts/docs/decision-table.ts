import { blockCodes } from '../../src/model/text/codes.ts';
import { decisionTable } from '../../test/plan/decision-table.ts';

/** docs/evidence/decision-table.md */
export function decisionTableMarkdown(): string {
  const adjustable = new Set<string>(blockCodes.filter(({ guard }) => guard).map(({ code }) => code));
  const rows = decisionTable.map(({ situation, result, code, explanation }) => {
    const guard = result === 'blocked' && adjustable.has(code) ? ', a guard' : '';
    return `| ${situation} | ${result}${guard} | ${code === null ? '' : `\`${code}\``} | ${explanation} |`;
  });
  return `# What a plan decides

Considered are the TLS records that hold an old or a new certificate of a renewal. Renewals are joined first: A → B and
B → C make A → C and B → C. Of several objections to one swap the plan names the first as its reason and the others in
the detail. What is called a guard can be set to \`warn\` or \`off\` under \`guards\` in the configuration.

| situation | result | code | why |
|---|---|---|---|
${rows.join('\n')}

\`certrebind explain <code>\` tells more about each code. This page is generated from \`test/plan/decision-table.ts\`.
`;
}
