import { attribute, children, localName, parseXml, textOf, type XmlElement } from '../../base/xml.ts';

/**
 * The subset of XPath that the event log understands (fidelity: event-query): steps by name, `*` and `@name`, predicates
 * with comparisons, `and`, `or` and brackets. There is no `contains` and no `starts-with`, and namespaces do not count.
 */
export type EventTest = (event: XmlElement) => boolean;

/** A query that the log would not understand, or that this lab does not model. */
export class UnsupportedQuery extends Error {}

/** At most this many comparisons in one query, of the two limits that Microsoft names the lower one (fidelity: event-query). */
const expressionLimit = 20;

/**
 * Reads the subscription of an event trigger: a `QueryList` whose `Select` elements name a log and a query each.
 * @returns a test for events of that log
 * @throws UnsupportedQuery
 */
export function parseSubscription(text: string): (log: string, event: XmlElement) => boolean {
  const list = parseXml(text, 'Subscription');
  const selects = children(list, 'Query').flatMap((query) => {
    const [unknown] = children(query).filter((element) => localName(element) !== 'Select');
    if (unknown !== undefined) throw new UnsupportedQuery(`${localName(unknown)} in a query is not modelled`);
    return children(query, 'Select').map((select) => ({
      log: attribute(select, 'Path') ?? attribute(query, 'Path') ?? '',
      test: parseEventTest(textOf(select)),
    }));
  });
  if (localName(list) !== 'QueryList' || selects.length === 0) throw new UnsupportedQuery('the query selects nothing');
  return (log, event) => selects.some((select) => select.log.toLowerCase() === log.toLowerCase() && select.test(event));
}

/** @throws UnsupportedQuery */
export function parseEventTest(query: string): EventTest {
  const parser = new Parser(query);
  const path = parser.wholePath();
  if (parser.comparisons > expressionLimit) {
    throw new UnsupportedQuery(`more than ${expressionLimit} expressions in one query`);
  }
  return (event) => path(event).length > 0;
}

/**
 * The text that a value query finds, for example `Event/System/EventRecordID` or `…/@Thumbprint`; `null` when nothing.
 * @throws UnsupportedQuery
 */
export function parseValueQuery(query: string): (event: XmlElement) => string | null {
  const path = new Parser(query).wholePath();
  return (event) => path(event)[0]?.text ?? null;
}

/** The result of a path: an element or an attribute, each with its text. */
interface Found {
  readonly element: XmlElement | null;
  readonly text: string;
}

type Path = (element: XmlElement) => readonly Found[];
type Predicate = (element: XmlElement) => boolean;

const tokenPattern = /\s*(?:(\/\/)|(!=|<=|>=|[[\]()/@*=<>])|'([^']*)'|"([^"]*)"|([\p{L}_][\p{L}\p{N}_.:-]*)|(\d+))/uy;

interface Token {
  readonly kind: 'symbol' | 'name' | 'literal';
  readonly text: string;
}

class Parser {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  comparisons = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokens(query);
  }

  /** A path that starts at the event itself. */
  wholePath(): Path {
    const [first, ...rest] = this.#steps();
    if (this.#at < this.#tokens.length) throw this.#unsupported();
    return (event) => below(first.self(event), rest);
  }

  #steps(): [Step, ...Step[]] {
    const steps: [Step, ...Step[]] = [this.#step()];
    while (this.#take('/')) steps.push(this.#step());
    return steps;
  }

  #step(): Step {
    if (this.#take('@')) return attributeStep(this.#name());
    const name = this.#take('*') ? null : this.#name();
    const predicates: Predicate[] = [];
    while (this.#take('[')) {
      predicates.push(this.#or());
      if (!this.#take(']')) throw this.#unsupported();
    }
    return elementStep(name, predicates);
  }

  #or(): Predicate {
    const terms = [this.#and()];
    while (this.#takeName('or')) terms.push(this.#and());
    return (element) => terms.some((term) => term(element));
  }

  #and(): Predicate {
    const terms = [this.#term()];
    while (this.#takeName('and')) terms.push(this.#term());
    return (element) => terms.every((term) => term(element));
  }

  #term(): Predicate {
    if (this.#take('(')) {
      const inner = this.#or();
      if (!this.#take(')')) throw this.#unsupported();
      return inner;
    }
    this.comparisons += 1;
    const steps = this.#steps();
    const path: Path = (element) => below([{ element, text: '' }], steps);
    const operator = (['=', '!=', '<=', '>=', '<', '>'] as const).find((symbol) => this.#take(symbol));
    if (operator === undefined) return (element) => path(element).length > 0;
    const literal = this.#tokens[this.#at];
    if (literal?.kind !== 'literal') throw this.#unsupported();
    this.#at += 1;
    return (element) => path(element).some(({ text }) => compares(text, operator, literal.text));
  }

  #take(symbol: string): boolean {
    const token = this.#tokens[this.#at];
    const taken = token?.kind === 'symbol' && token.text === symbol;
    if (taken) this.#at += 1;
    return taken;
  }

  #takeName(name: string): boolean {
    const token = this.#tokens[this.#at];
    const taken = token?.kind === 'name' && token.text === name;
    if (taken) this.#at += 1;
    return taken;
  }

  /** A name directly before a bracket is a function, and no function is modelled. */
  #name(): string {
    const token = this.#tokens[this.#at];
    const next = this.#tokens[this.#at + 1];
    if (token?.kind !== 'name' || (next?.kind === 'symbol' && next.text === '(')) throw this.#unsupported();
    this.#at += 1;
    return token.text;
  }

  #unsupported(): UnsupportedQuery {
    const token = this.#tokens[this.#at];
    const place = token === undefined ? 'at its end' : `at ${JSON.stringify(token.text)}`;
    return new UnsupportedQuery(`the query ${JSON.stringify(this.#query.slice(0, 200))} is not understood ${place}`);
  }
}

interface Step {
  readonly self: (element: XmlElement) => readonly Found[];
  readonly below: (element: XmlElement) => readonly Found[];
}

/** What the steps find, each below what the one before it found. */
function below(from: readonly Found[], steps: readonly Step[]): readonly Found[] {
  return steps.reduce(
    (found, step) => found.flatMap(({ element }) => (element === null ? [] : step.below(element))),
    from,
  );
}

function elementStep(name: string | null, predicates: readonly Predicate[]): Step {
  const self = (element: XmlElement): readonly Found[] =>
    (name === null || localName(element) === name) && predicates.every((holds) => holds(element))
      ? [{ element, text: textOf(element) }]
      : [];
  return { self, below: (element) => children(element).flatMap(self) };
}

function attributeStep(name: string): Step {
  const below = (element: XmlElement): readonly Found[] => {
    const text = attribute(element, name);
    return text === null ? [] : [{ element: null, text }];
  };
  return { self: () => [], below };
}

function compares(text: string, operator: '=' | '!=' | '<=' | '>=' | '<' | '>', literal: string): boolean {
  switch (operator) {
    case '=':
      return text === literal || numbersEqual(text, literal);
    case '!=':
      return text !== literal && !numbersEqual(text, literal);
    case '<':
      return Number(text) < Number(literal);
    case '<=':
      return Number(text) <= Number(literal);
    case '>':
      return Number(text) > Number(literal);
    case '>=':
      return Number(text) >= Number(literal);
  }
}

function numbersEqual(text: string, literal: string): boolean {
  return /^\d+$/.test(text) && /^\d+$/.test(literal) && Number(text) === Number(literal);
}

function tokens(query: string): readonly Token[] {
  const found: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < query.trimEnd().length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(query);
    if (match === null)
      throw new UnsupportedQuery(`the query is not understood at ${JSON.stringify(query.slice(at, at + 40))}`);
    const [, descendant, symbol, single, double, name, number] = match;
    if (descendant !== undefined) throw new UnsupportedQuery('the query uses //, which the event log does not know');
    const literal = single ?? double ?? number;
    if (symbol !== undefined) found.push({ kind: 'symbol', text: symbol });
    else if (literal !== undefined) found.push({ kind: 'literal', text: literal });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
  }
  return found;
}
