import { createHash } from 'node:crypto';
import { escapeControls } from '../../base/safe-text.ts';
import { pageStyle } from './page-style.ts';

/** Markup that goes into a page unchanged; everything else is escaped. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | null | readonly (string | number | Markup | null)[];

/** A piece of a page: the template is markup, every value is text unless it is `Markup` itself. */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return { markup: pieces.map((piece, at) => piece + textOf(values[at] ?? null)).join('') };
}

function textOf(value: Part): string {
  if (value === null) return '';
  if (typeof value === 'string') {
    return escapeControls(value).replace(/[&<>"']/g, (character) => references[character] ?? character);
  }
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(textOf).join('');
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A page without external parts: its style is allowed by its hash, and nothing else may be loaded, no script, no image
 * and no address.
 */
export function page(title: string, body: Markup): string {
  const hash = createHash('sha256').update(pageStyle, 'utf8').digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const head = html`<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
`;
  return `<!DOCTYPE html>\n<html lang="en">\n<head>\n${head.markup}<style>${pageStyle}</style>\n</head>\n<body>\n${body.markup}\n</body>\n</html>\n`;
}
