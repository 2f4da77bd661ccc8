/** Where a viewer shows no animation, or the reader wants none, all lines are there at once. */
const STYLE = `text { font: 13px ui-monospace, Consolas, "DejaVu Sans Mono", monospace; fill: #d6dce4; white-space: pre }
.typed { fill: #7ee787 }
@media (prefers-reduced-motion: no-preference) {
  text { animation: show 0.01s backwards }
  @keyframes show { from { opacity: 0 } }
}`;
const [LINE, COLUMN, MARGIN] = [18, 7.9, 16];
/** What comes all at once is still read line by line. */
const STEP = 40;

/**
 * What a terminal showed, as a picture of text.
 * @param title what it shows, for who cannot see it
 * @param lines each with its `text`, and `at`, the milliseconds since the beginning
 * @returns an SVG in which each line comes when it came; one that begins with `$ ` is what a person typed
 */
export function recording(title, lines) {
  const width = Math.ceil(2 * MARGIN + COLUMN * Math.max(...lines.map(({ text }) => text.length)));
  const height = 2 * MARGIN + LINE * lines.length;
  let shown = 0;
  const rows = lines.map(({ text, at }, row) => {
    shown = Math.max(at, shown + STEP);
    const kind = text.startsWith('$ ') ? ' class="typed"' : '';
    const y = MARGIN + LINE * (row + 0.75);
    return `<text x="${MARGIN}" y="${y}"${kind} style="animation-delay: ${shown}ms">${escaped(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<rect width="100%" height="100%" rx="8" fill="#1b2028"/>
${rows.join('\n')}
</svg>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
