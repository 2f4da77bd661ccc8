import { parseXml, type XmlElement } from '../../../src/base/xml.ts';

/** Void elements are closed and entities are those of XML, so any parser of XML holds a page to be well-formed. */
export function readPage(page: string): XmlElement {
  return parseXml(page.slice('<!DOCTYPE html>\n'.length), 'page');
}

export function* everyElement(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) if (typeof child !== 'string') yield* everyElement(child);
}

export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

export function elementsOf(page: string, name: string): readonly XmlElement[] {
  return [...everyElement(readPage(page))].filter((element) => element.name === name);
}

/** The cells of each row of a section's tables, without the titles. */
export function rowsOf(page: string, id: string): readonly (readonly string[])[] {
  const section = elementsOf(page, 'section').find(({ attributes }) => attributes['aria-labelledby'] === id);
  if (section === undefined) return [];
  return [...everyElement(section)]
    .filter(
      ({ name, children }) =>
        name === 'tr' && !children.some((child) => typeof child !== 'string' && child.attributes.scope === 'col'),
    )
    .map((row) => row.children.filter((child) => typeof child !== 'string').map(textOf));
}
