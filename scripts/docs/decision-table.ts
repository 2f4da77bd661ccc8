import { blockCodes } from '../../src/base/codes/plan-codes.ts';
import { decisionTable } from '../../test/engine/plan/decision-table.ts';

/** docs/evidence/decision-table.md */
export function decisionTableMarkdown(): string {
  const adjustable = new Set<string>(blockCodes.filter(({ guard }) => guard).map(({ code }) => code));
  const rows = decisionTable.map(({ situation, result, code, explanation }) => {
    const guard = result === 'blocked' && adjustable.has(code) ? ', a guard' : '';
    return `| ${situation} | ${result}${guard} | ${code === null ? '' : `\`${code}\``} | ${explanation} |`;
  });
  return `# What a plan decides

A plan considers the certificate bindings and other holders that hold an old or a new certificate of a renewal. It joins renewals
first: A → B and B → C become A → C and B → C. If several things object to one replacement, the plan names the first as the reason
and the others in the detail. You can set each guard to \`warn\` or \`off\` under \`guards\` in [the
configuration](../configuration.md).

| situation | result | code | why |
|---|---|---|---|
${rows.join('\n')}

\`certrebind explain <code>\` tells more about each code. This page is generated from \`test/engine/plan/decision-table.ts\`.
`;
}
