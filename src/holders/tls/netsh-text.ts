/**
 * How netsh shows a record of the central certificate store, with the line that shows it; `null` if it shows none in a
 * known form (fidelity: central-store-record).
 */
export function centralStoreForm(
  text: string,
  port: number,
): { readonly form: 'own-label' | 'hostname-star'; readonly line: string } | null {
  for (const line of text.split(/\r?\n/)) {
    const value = labelled(line)?.value;
    if (value === `*:${port}`) return { form: 'hostname-star', line: line.trim() };
    if (value === `${port}`) return { form: 'own-label', line: line.trim() };
  }
  return null;
}

/**
 * The display language of netsh, by its label of an application id, which is found by its shape; `null` if there is
 * none. Only labels that were seen are known (fidelity: netsh-localised).
 */
export function netshLanguage(
  text: string,
): { readonly language: 'english' | 'german' | 'other'; readonly label: string } | null {
  for (const line of text.split(/\r?\n/)) {
    const { label = '', value = '' } = labelled(line) ?? {};
    if (applicationId.test(value)) return { language: languages.get(label) ?? 'other', label };
  }
  return null;
}

const languages: ReadonlyMap<string, 'english' | 'german'> = new Map([
  ['Application ID', 'english'],
  ['Anwendungs-ID', 'german'],
]);

/**
 * A label, blanks, a colon and the value; labels contain colons too (`IP:port`), but none followed by a blank. Not one
 * pattern, which would try every blank of a long line with every other.
 */
function labelled(line: string): { readonly label: string; readonly value: string } | null {
  const text = line.trim();
  const colon = text.slice(1).search(/[:\uFF1A]\s/) + 1;
  return colon === 0 ? null : { label: text.slice(0, colon).trimEnd(), value: text.slice(colon + 1).trimStart() };
}

const applicationId = /^\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/;
